"""Charts, each with an alternative text and a collapsed table of its values."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from streamlit_client import texts
from streamlit_client.charts.chart_values import chart_values
from streamlit_client.charts.style import EXPLORE_CONFIG, Fields, PlainFigure


def show_chart(
    figure: PlainFigure,
    *,
    key: str,
    alt: str,
    config: Fields = EXPLORE_CONFIG,
    has_values: bool = True,
    on_select: Callable[[], None] | None = None,
    more: Callable[[], None] | None = None,
) -> None:
    """Draws a chart and its collapsed values. `has_values` is False if `alt` or a nearby table has them all.

    `on_select` is called when a mark is clicked; `more` draws above the values, when they are expanded.
    """
    selection: Fields = {} if on_select is None else {"on_select": on_select, "selection_mode": "points"}
    st.plotly_chart(figure, config=config, key=key, alt=alt, **selection)
    if has_values:
        show_values(lambda: chart_values(figure), key=key, more=more)


@st.fragment
def show_values(table: Callable[[], pd.DataFrame], *, key: str, more: Callable[[], None] | None = None) -> None:
    """Draws a collapsed table, which is built when expanded, below what `more` draws."""
    folded = st.expander(texts.CHART_VALUES, key=f"{key}.values", on_change="rerun", icon=":material/table_rows:")
    if folded.open:
        with folded:
            if more is not None:
                more()
            st.dataframe(table(), hide_index=True, key=f"{key}.table")
