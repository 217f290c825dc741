"""What the browser's tab, its history and a screen reader call a page."""

import streamlit as st

from streamlit_client import texts


def name_page(*names: str) -> None:
    """Names the page, the most particular name first; the app's name follows. The last call of a run counts."""
    st.set_page_config(page_title=" · ".join((*names, texts.APP_NAME)))
