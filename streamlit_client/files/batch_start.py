"""Starts the prediction of all rows of a dataset."""

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.files.column_choice import connect_columns
from streamlit_client.parts.asking import ask_once

_PREFIX = "columns."


def show_start(profile: Profile) -> str | None:
    """Draws the choice of columns and the button. Returns the id of the batch in the run that created it."""
    columns = connect_columns(profile)
    if columns is None:
        return None
    return ask_once(
        "create_batch",
        profile.dataset_id,
        columns,
        lambda chosen: state.gateway().create_batch(profile.dataset_id, chosen),
        is_pressed=st.button(
            texts.SUBMIT.format(count=profile.rows), key="batch.submit", type="primary", icon=":material/play_arrow:"
        ),
        subject=lambda field: texts.INPUT_NAMES[field.removeprefix(_PREFIX)],
        is_repeatable=False,
    )
