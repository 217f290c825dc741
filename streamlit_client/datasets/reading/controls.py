"""The parts of a reading that a person may choose. Each change is looked at before it is taken."""

from collections.abc import Collection
from functools import partial
from typing import Any

import streamlit as st

from streamlit_client import state, texts_datasets, texts_reading
from streamlit_client.backend.contract_datasets import Reading
from streamlit_client.datasets.reading.draft import Changes, add_changes
from streamlit_client.datasets.reading.part_words import lines_text, read_lines, value_text

_LAST_LINE = 100_000_000
_OPTIONS: dict[str, Collection[Any]] = {
    "encoding": texts_datasets.ENCODINGS,
    **{
        part: texts_reading.WORDS[part]
        for part in ("delimiter", "quote", "escape", "header_rows", "unit_rows", "crs", "is_long")
    },
}
_HELP = {"end_line": texts_reading.END_LINE_HELP, "left_out": texts_reading.LEFT_OUT_HELP}


def show_controls(dataset_id: str, reading: Reading, refused: Changes) -> None:
    """Draws a field for each part. They have the values of the reading, or those that were refused."""
    with st.expander(texts_reading.CHOOSE, key=f"reading.choose.{dataset_id}", icon=":material/tune:"):
        grid = st.grid(3, min_column_width=200)
        for part in texts_reading.PARTS:
            with grid.container():
                _show_part(dataset_id, part, reading, refused.get(part))
        grid = st.grid(3, min_column_width=200)
        column = grid.selectbox(texts_reading.COLUMN, reading.columns, key=f"reading.column.{dataset_id}")
        if column is not None:
            with grid.container():
                _show_kind(dataset_id, column, reading)


def _show_part(dataset_id: str, part: str, reading: Reading, refused: Any) -> None:
    key = f"reading.{part}.{dataset_id}"
    value = getattr(reading, part) if refused is None else refused
    name = texts_reading.PARTS[part]
    label = texts_reading.CHOSEN_LABEL.format(name=name) if part in reading.chosen else name
    options: dict[str, Any] = {"key": key, "help": _HELP.get(part), "on_change": _change, "args": (dataset_id, part)}
    if part == "left_out":
        state.remember(key, state.recall(_wrong(dataset_id), str) or lines_text(value))
        st.text_input(label, **options)
        if state.recall(_wrong(dataset_id), str):
            st.error(texts_reading.LINES_UNREADABLE, icon=":material/error:")
        return
    state.remember(key, list(value) if part == "filled" else value)
    if part == "filled":
        st.multiselect(label, dict.fromkeys((*reading.columns, *value)), **options)
    elif part in _OPTIONS:
        known = dict.fromkeys((*_OPTIONS[part], value))
        st.selectbox(label, known, format_func=partial(value_text, part), **options)
    else:
        st.number_input(label, 1 if part == "start_line" else 0, _LAST_LINE, **options)


def _show_kind(dataset_id: str, column: str, reading: Reading) -> None:
    found = reading.columns[column]
    key = f"reading.kind.{dataset_id}.{column}"
    state.remember(key, found.kind if "kind" in found.chosen else "")
    automatic = texts_reading.KIND_FOUND.format(kind=texts_datasets.TYPES[found.kind])
    st.selectbox(
        texts_reading.KIND,
        ("", *texts_datasets.TYPES),
        format_func=lambda kind: texts_datasets.TYPES.get(kind, automatic),
        key=key,
        on_change=lambda: add_changes(dataset_id, {"columns": {column: {"kind": st.session_state[key] or None}}}),
    )


def _change(dataset_id: str, part: str) -> None:
    value = st.session_state[f"reading.{part}.{dataset_id}"]
    if part == "left_out":
        text, value = value, read_lines(value)
        if value is None:
            state.remember(_wrong(dataset_id), text)
            return
        state.forget(_wrong(dataset_id))
    add_changes(dataset_id, {part: value})


def _wrong(dataset_id: str) -> str:
    return f"reading.left_out.wrong.{dataset_id}"
