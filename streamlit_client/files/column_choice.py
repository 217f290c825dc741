"""Maps the columns of a dataset to inputs: as recognised, or as chosen by the user and remembered."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from servicekit.prediction_inputs import DERIVED, INPUTS, OCCURRED_AT, lacks_hours, missing_inputs
from streamlit_client import cookies, state, texts
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.files.column_memory import (
    Choices,
    decode_choices,
    encode_choices,
    propose_columns,
    remember_columns,
)

_COOKIE = "columns"
_LONGEST_SAMPLE = 20


def connect_columns(profile: Profile) -> dict[str, str | None] | None:
    """Draws the choice for each input. Returns the column of each or None, or nothing while a needed one is missing."""
    names, recognised, remembered = profile.names(), profile.prediction_columns, _remembered()
    proposed = propose_columns(names, recognised, remembered)
    with st.expander(texts.COLUMNS, expanded=bool(_missing(profile, proposed)), icon=":material/link:"):
        columns = _choose_columns(profile, proposed)
    missing = _missing(profile, columns)
    if missing:
        named = ", ".join(texts.INPUT_NAMES[source] for source in missing)
        st.warning(texts.COLUMNS_MISSING.format(names=named), icon=":material/link_off:")
        return None
    _remember(remember_columns(names, recognised, columns, remembered))
    return {source: columns.get(source) for source in INPUTS}


def _missing(profile: Profile, columns: Mapping[str, str]) -> list[str]:
    moment = next((column for column in profile.columns_info if column.name == columns.get(OCCURRED_AT)), None)
    is_date_only = moment is not None and lacks_hours(is_date=moment.type == "date", minimum=moment.minimum or "")
    return missing_inputs(columns, is_date_only=is_date_only)


def _remembered() -> Choices:
    """Returns the choices of this session, else those of this browser."""
    return decode_choices(state.recall(_COOKIE, str) or cookies.find_text(_COOKIE) or "")


def _remember(choices: Choices) -> None:
    text = encode_choices(choices)
    if choices or cookies.find_text(_COOKIE):
        state.remember(_COOKIE, text)
        if len(text) <= cookies.LONGEST:  # longer ones are remembered only while the page is open
            cookies.keep(_COOKIE, text)


def _choose_columns(profile: Profile, proposed: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    labels = {column.name: _label(column) for column in profile.columns_info}
    options = [None, *labels]
    grid = st.grid(3)
    for source in INPUTS:
        nothing = texts.DERIVED_COLUMN if source in DERIVED else texts.NO_COLUMN
        name = grid.selectbox(
            texts.INPUT_NAMES[source],
            options,
            index=options.index(proposed.get(source)),
            format_func=partial(_label_of, labels, nothing),
            key=f"column.{profile.dataset_id}.{source}",
        )
        if name is not None:
            chosen[source] = name
    return chosen


def _label(column: Column) -> str:
    sample = column.sample[0][:_LONGEST_SAMPLE] if column.sample else ""
    return texts.COLUMN_SAMPLE.format(name=column.name, sample=sample) if sample else column.name


def _label_of(labels: Mapping[str, str], nothing: str, name: str | None) -> str:
    return nothing if name is None else labels[name]
