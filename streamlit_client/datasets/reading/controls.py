"""The parts of a reading that a person may choose. Each change is looked at before it is taken."""

from collections.abc import Collection
from functools import partial
from typing import Any

import streamlit as st

from servicekit.korean_text.column_meanings import MEANINGS
from streamlit_client import state, texts_datasets, texts_reading
from streamlit_client.backend.contract_datasets import ColumnReading, Profile, Reading
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
_COLUMN_OPTIONS = {"kind": texts_datasets.TYPES, "meaning": MEANINGS}
_METRES, _AS_THEY_ARE = {"metres_x", "metres_y"}, "none"
_PERIODS = "COLUMNS_ARE_PERIODS"  # reason of the warning that offers rows instead of such columns
_HELP = {"end_line": texts_reading.END_LINE_HELP, "left_out": texts_reading.LEFT_OUT_HELP}


def show_controls(profile: Profile, reading: Reading, refused: Changes) -> None:
    """Draws a field for each part that matters. They have the values of the reading, or those that were refused."""
    dataset_id = profile.dataset_id
    needless = {"crs": not _has_positions(reading), "is_long": not (reading.is_long or _may_be_long(profile))}
    with st.expander(texts_reading.CHOOSE, key=f"reading.choose.{dataset_id}", icon=":material/tune:"):
        grid = st.grid(3, min_column_width=200)
        for part in texts_reading.PARTS:
            if not needless.get(part):
                with grid.container():
                    _show_part(dataset_id, part, reading, refused.get(part))
    names = [name for name, column in reading.columns.items() if not column.derived_from]
    with st.expander(texts_reading.CHOOSE_COLUMN, key=f"reading.choose.columns.{dataset_id}", icon=":material/tune:"):
        grid = st.grid(4, min_column_width=160)
        column = grid.selectbox(texts_reading.COLUMN, names, key=f"reading.column.{dataset_id}")
        if column is not None:
            parts = (refused.get("columns") or {}).get(column) or {}
            for part in texts_reading.COLUMN_PARTS:
                with grid.container():
                    _show_part_of_column(dataset_id, column, part, reading.columns[column], parts.get(part))


def _has_positions(reading: Reading) -> bool:
    """Whether the file has positions that are not simply degrees."""
    meanings = {column.meaning for column in reading.columns.values()}
    return reading.crs not in ("", _AS_THEY_ARE) or "crs" in reading.chosen or bool(meanings & _METRES)


def _may_be_long(profile: Profile) -> bool:
    return any(warning.code == _PERIODS for warning in profile.warnings)


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


def _show_part_of_column(dataset_id: str, name: str, part: str, column: ColumnReading, refused: str | None) -> None:
    """Draws the choice of a part. Empty text stands for the part that is found."""
    key = f"reading.{part}.{dataset_id}.{name}"
    value = getattr(column, part) or ""
    state.remember(key, refused or (value if part in column.chosen else ""))
    found = texts_reading.FOUND.format(value=value_text(part, value))
    label = texts_reading.COLUMN_PARTS[part]

    def change() -> None:
        add_changes(dataset_id, {"columns": {name: {part: st.session_state[key].strip() or None}}})

    if part == "unit":
        st.text_input(label, placeholder=found, key=key, on_change=change)
    else:
        words = {"": found, **_COLUMN_OPTIONS[part]}
        st.selectbox(label, words, format_func=words.__getitem__, key=key, on_change=change)


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
