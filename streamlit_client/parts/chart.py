"""Charts, each with an alternative text and a collapsed table of its values."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from streamlit_client import texts
from streamlit_client.charts.chart_values import chart_values
from streamlit_client.charts.style import EXPLORE_CONFIG, Fields, PlainFigure


def show_chart(
    figure: PlainFigure, *, key: str, alt: str, config: Fields = EXPLORE_CONFIG, has_values: bool = True
) -> None:
    """Draws a chart and its collapsed values. `has_values` is False if `alt` or a nearby table has them all."""
    st.plotly_chart(figure, config=config, key=key, alt=alt)
    if has_values:
        show_values(lambda: chart_values(figure), key=key)


@st.fragment
def show_values(table: Callable[[], pd.DataFrame], *, key: str) -> None:
    """Draws a collapsed table, which is built when expanded."""
    folded = st.expander(texts.CHART_VALUES, key=f"{key}.values", on_change="rerun", icon=":material/table_rows:")
    if folded.open:
        with folded:
            st.dataframe(table(), hide_index=True, key=f"{key}.table")
