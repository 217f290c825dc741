"""Checks the length of the user's texts. A limit in the browser would silently drop longer ones."""

import streamlit as st

from streamlit_client import texts


def fits(name: str, text: str, most: int, *, may_be_empty: bool = True) -> bool:
    """Tells whether the text of a field is accepted; otherwise draws the error."""
    if len(text) > most:
        st.error(texts.TEXT_TOO_LONG.format(name=name, most=most, length=len(text)), icon=":material/error:")
        return False
    if not may_be_empty and not text.strip():
        st.error(texts.TEXT_EMPTY.format(name=name), icon=":material/error:")
        return False
    return True
