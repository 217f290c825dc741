"""Streamlit's file uploader, for files of at most 50 MB."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from streamlit_client import texts_datasets

MOST_BYTES = 52_428_800


def choose_file(label: str, *, key: str, help_text: str) -> UploadedFile | None:
    """Draws the choice of one file, of any type, and returns it once it is here; None after refusing a larger one."""
    chosen = st.file_uploader(label, key=key, help=help_text)
    if not isinstance(chosen, UploadedFile):
        return None
    if chosen.size > MOST_BYTES:
        st.error(texts_datasets.TOO_LARGE, icon=":material/error:")
        return None
    return chosen
