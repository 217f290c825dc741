"""Maps the columns of a file to inputs: by name if possible, otherwise chosen by the user and remembered."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from streamlit_client import cookies, state, texts
from streamlit_client.files.column_memory import (
    Choices,
    decode_choices,
    encode_choices,
    propose_columns,
    remember_columns,
)
from streamlit_client.files.csv_columns import DERIVED, SOURCE_NAMES, SOURCES, Columns, missing_sources
from streamlit_client.files.csv_file import CsvTable

_COOKIE = "columns"
_PREVIEW_ROWS = 5


def connect_columns(table: CsvTable, file_id: str) -> Columns | None:
    """Draws the choice for each input. Returns the columns, or None while one is missing, which is shown."""
    remembered = _remembered()
    proposed = propose_columns(table.columns, remembered)
    with st.expander(texts.COLUMNS, expanded=bool(missing_sources(table, proposed)), icon=":material/link:"):
        columns = _choose_columns(table, proposed, file_id)
    missing = missing_sources(table, columns)
    if not missing:
        _remember(remember_columns(table.columns, columns, remembered))
        return columns
    names = ", ".join(SOURCE_NAMES[source] for source in missing)
    st.warning(texts.COLUMNS_MISSING.format(names=names), icon=":material/link_off:")
    st.caption(texts.PREVIEW.format(rows=min(_PREVIEW_ROWS, len(table.rows))))
    st.dataframe(pd.DataFrame(table.rows[:_PREVIEW_ROWS], columns=list(table.columns)), hide_index=True)
    return None


def _remembered() -> Choices:
    """Returns the choices of this session, else those of this browser."""
    return decode_choices(state.recall(_COOKIE, str) or cookies.find_text(_COOKIE) or "")


def _remember(choices: Choices) -> None:
    text = encode_choices(choices)
    if choices or cookies.find_text(_COOKIE):
        state.remember(_COOKIE, text)
        if len(text) <= cookies.LONGEST:  # longer ones are remembered only while the page is open
            cookies.keep(_COOKIE, text)


def _choose_columns(table: CsvTable, proposed: Mapping[str, int], file_id: str) -> dict[str, int]:
    chosen: dict[str, int] = {}
    options = [None, *range(len(table.columns))]
    grid = st.grid(3)
    for source in SOURCES:
        nothing = texts.DERIVED_COLUMN if source in DERIVED else texts.NO_COLUMN
        index = grid.selectbox(
            SOURCE_NAMES[source],
            options,
            index=options.index(proposed.get(source)),
            format_func=partial(_column_name, table.columns, nothing),
            key=f"batch.column.{file_id}.{source}",
        )
        if index is not None:
            chosen[source] = index
    return chosen


def _column_name(columns: Sequence[str], nothing: str, index: int | None) -> str:
    return nothing if index is None else columns[index]
