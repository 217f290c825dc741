"""The result of a tool: text, table, chart, code."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from streamlit_client import texts_chat
from streamlit_client.backend.contract_datasets import Chart, Table
from streamlit_client.charts.data_map import bounds_map
from streamlit_client.charts.tool_chart import table_frame, tool_chart
from streamlit_client.explore.map_frame import draw, find_tiles
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.table_columns import table_columns


def without_table(text: str) -> str:
    """Returns the text of a result without the head of its table, which is for readers who see no table below it."""
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith(("| ", texts_chat.TEXT_LACKS)))


def show_table_and_chart(table: Table | None, chart: Chart | None, *, key: str) -> None:
    """Draws the chart, if any, and the table."""
    if table is None:
        return
    if chart is not None:
        _show_chart(table, chart, key)
    frame = table_frame(table)
    st.dataframe(frame, hide_index=True, column_config=table_columns(frame), key=f"{key}.table")
    if table.total_rows > len(table.rows):
        st.caption(texts_chat.TABLE_CUT.format(total=table.total_rows, shown=len(table.rows)))


def show_basis(rows_used: int, rows_missing: int) -> None:
    """Draws the number of rows that a result is based on."""
    if rows_used or rows_missing:
        sentence = texts_chat.RESTS_ON_MISSING if rows_missing else texts_chat.RESTS_ON
        st.caption(sentence.format(used=rows_used, missing=rows_missing))


def show_code(code: str) -> None:
    """Draws the pandas code for the same result."""
    if code:
        st.code(code, language="python")


def _show_chart(table: Table, chart: Chart, key: str) -> None:
    if chart.kind == "map":
        frame = table_frame(table)
        if chart.x in frame.columns and chart.y in frame.columns:
            norths, easts = _numbers(frame[chart.y]), _numbers(frame[chart.x])
            if norths and easts:
                draw(bounds_map(norths, easts, tiles=find_tiles()), f"{chart.x} · {chart.y}")
        return
    figure = tool_chart(table, chart)
    if figure is not None:
        show_chart(figure, key=f"{key}.chart", alt=f"{chart.x} · {chart.y}", has_values=False)


def _numbers(values: pd.Series) -> Sequence[float]:
    return [float(value) for value in pd.to_numeric(values, errors="coerce").dropna()]
