"""Charts, each with what it shows in words and, folded, in numbers."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from streamlit_client import texts
from streamlit_client.charts.chart_values import chart_values
from streamlit_client.charts.style import EXPLORE_CONFIG, Fields, PlainFigure


def show_chart(
    figure: PlainFigure, *, key: str, alt: str, config: Fields = EXPLORE_CONFIG, has_values: bool = True
) -> None:
    """Draws a chart and, folded, its values. `has_values` is off where `alt` or a table beside it says them all."""
    st.plotly_chart(figure, config=config, key=key, alt=alt)
    if has_values:
        show_values(lambda: chart_values(figure), key=key)


@st.fragment
def show_values(table: Callable[[], pd.DataFrame], *, key: str) -> None:
    """Draws a folded table, which is made when it is unfolded."""
    folded = st.expander(texts.CHART_VALUES, key=f"{key}.values", on_change="rerun", icon=":material/table_rows:")
    if folded.open:
        with folded:
            st.dataframe(table(), hide_index=True, key=f"{key}.table")
