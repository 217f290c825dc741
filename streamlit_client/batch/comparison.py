"""Actual compared with predicted ECLO, where the rows have it."""

import streamlit as st

from streamlit_client import texts_datasets
from streamlit_client.batch.result_table import Comparison
from streamlit_client.charts.actual_predicted import actual_by_expected, constant_rmsle, rmsle
from streamlit_client.parts.chart import show_chart


def show_comparison(comparison: Comparison) -> None:
    """Draws the error, the means, and the actual ECLO by the expected one."""
    actual, predicted = comparison.actual, comparison.predicted
    ours, constant = rmsle(predicted, actual), constant_rmsle(actual)
    better = 100 * (1 - ours / constant) if constant else 0.0
    st.markdown(
        texts_datasets.ACTUAL_SENTENCE.format(
            count=len(actual),
            rmsle=ours,
            constant=constant,
            better=abs(better),
            word=texts_datasets.BETTER if better >= 0 else texts_datasets.WORSE,
            actual=sum(actual) / len(actual),
            expected=sum(comparison.expected) / len(actual),
        )
    )
    show_chart(
        actual_by_expected(comparison.expected, actual), key="batch.comparison", alt=texts_datasets.ACTUAL_HEADING
    )
