"""How long a text of a person may be. The browser is given no limit: it would drop a longer text without a word."""

import streamlit as st

from streamlit_client import texts


def fits(name: str, text: str, most: int, *, may_be_empty: bool = True) -> bool:
    """Whether the text of the field can be taken; draws what is wrong with it where it cannot."""
    if len(text) > most:
        st.error(texts.TEXT_TOO_LONG.format(name=name, most=most, length=len(text)), icon=":material/error:")
        return False
    if not may_be_empty and not text.strip():
        st.error(texts.TEXT_EMPTY.format(name=name), icon=":material/error:")
        return False
    return True
