"""The first rows of a dataset."""

import streamlit as st

from streamlit_client import texts
from streamlit_client import texts_explore as words
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.explore.dataset_frame import find_preview
from streamlit_client.parts.asking import ask
from streamlit_client.parts.number_columns import number_columns

_ROWS = 10


def show_table(profile: Profile) -> None:
    """Draws the first rows with all columns."""
    rows = min(_ROWS, profile.rows)
    st.header(words.PREVIEW.format(rows=rows), anchor=False)
    preview = ask(f"preview.{profile.dataset_id}", lambda: find_preview(profile, _ROWS), waiting=texts.LOADING)
    if preview is not None:
        st.dataframe(
            preview, hide_index=True, column_config=number_columns(preview), key=f"explore.preview.{profile.dataset_id}"
        )
