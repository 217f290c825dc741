"""Streamlit's file uploader, in Korean, for files of at most 50 MB."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from streamlit_client import texts, texts_datasets

MOST_BYTES = 52_428_800
# Its own words are English and fixed: they are made invisible, and ours are put in their place.
_BUTTON = "[data-testid=stFileUploaderDropzone] > span button p"
_HINT = "[data-testid=stFileUploaderDropzoneInstructions] span"
_STYLE = f"""<style>
{_BUTTON}, {_HINT} {{ font-size: 0; }}
{_BUTTON}::after {{ content: "{texts.CHOOSE_FILE}"; font-size: 0.9rem; }}
{_HINT}::after {{ content: "{texts.DROP_FILE}"; font-size: 0.9rem; }}
</style>"""


def choose_file(label: str, *, key: str, help_text: str) -> UploadedFile | None:
    """Draws the choice of one file, of any type, and returns it once it is here; None after refusing a larger one."""
    st.html(_STYLE)
    chosen = st.file_uploader(label, key=key, help=help_text)
    if not isinstance(chosen, UploadedFile):
        return None
    if chosen.size > MOST_BYTES:
        st.error(texts_datasets.TOO_LARGE, icon=":material/error:")
        return None
    return chosen
