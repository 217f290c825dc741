"""The title of a page, for the browser's tab, history and screen readers."""

import streamlit as st

from streamlit_client import texts


def name_page(*names: str) -> None:
    """Sets the title, most specific part first, followed by the app's name. The last call of a run counts."""
    st.set_page_config(page_title=" · ".join((*names, texts.APP_NAME)))
