"""Downloads a dataset as a file."""

import streamlit as st

from streamlit_client import state
from streamlit_client import texts_datasets as words
from streamlit_client.backend.contract_datasets import Profile


def show_download(profile: Profile) -> None:
    """Draws a button that fetches the data as CSV when clicked."""
    st.download_button(
        words.DOWNLOAD,
        lambda: state.datasets().read_csv(profile.dataset_id),
        f"{profile.name}.csv",
        "text/csv",
        key=f"dataset.download.{profile.dataset_id}",
        on_click="ignore",
        icon=":material/download:",
    )
