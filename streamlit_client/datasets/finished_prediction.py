"""The result of predicting a dataset: the new dataset or file, and a comparison with actual values."""

from dataclasses import dataclass

import streamlit as st

from streamlit_client import texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.charts.actual_predicted import actual_by_expected, constant_rmsle, rmsle
from streamlit_client.datasets.prediction_rows import Comparison
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.elements import show_download
from streamlit_client.parts.open_dataset import go_to
from streamlit_client.parts.shown_text import plain_text


@dataclass(frozen=True, slots=True)
class Unstored:
    """The result as a file, and why it could not be stored as a dataset."""

    content: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The name of the result, the dataset or file, and a comparison with actual values."""

    name: str
    result: Profile | Unstored
    comparison: Comparison | None


def show_finished(finished: Finished) -> None:
    """Draws the link to the result, and the comparison if there is one."""
    if isinstance(finished.result, Unstored):
        st.error(
            texts_datasets.PREDICT_NOT_STORED.format(reason=plain_text(finished.result.reason)), icon=":material/error:"
        )
        show_download(
            texts_datasets.PREDICT_DOWNLOAD,
            finished.result.content,
            f"{finished.name}.csv",
            key="prediction.download",
            type="primary",
            icon=":material/download:",
        )
    else:
        _show_dataset(finished.result)
    if finished.comparison is not None:
        _show_comparison(finished.comparison)


def _show_dataset(dataset: Profile) -> None:
    st.success(texts_datasets.PREDICT_DONE.format(name=plain_text(dataset.name)), icon=":material/check_circle:")
    if st.button(texts_datasets.PREDICT_OPEN, key="prediction.open", type="primary", icon=":material/bar_chart:"):
        go_to("app_pages/explore.py", dataset.dataset_id)


def _show_comparison(comparison: Comparison) -> None:
    actual, predicted = comparison.actual, comparison.predicted
    ours, constant = rmsle(predicted, actual), constant_rmsle(actual)
    better = 100 * (1 - ours / constant) if constant else 0.0
    st.subheader(texts_datasets.ACTUAL_HEADING, anchor=False)
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
        actual_by_expected(comparison.expected, actual), key="prediction.chart", alt=texts_datasets.ACTUAL_HEADING
    )
