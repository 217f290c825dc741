"""Visits by a share link."""

from typing import NoReturn

import streamlit as st

from streamlit_client import address, state
from streamlit_client.parts.shown_text import plain_text

PARAMETER = "share"
"""The query parameter with the token of a link."""
VIEW_TABS = "shared.tabs"
"""The key of the tabs of the page with a link."""
_NOTICE = "shared.notice"


def is_visitor() -> bool:
    """Whether the page was opened by a share link."""
    return bool(st.query_params.get(PARAMETER))


def leave_with(notice: str | None) -> NoReturn:
    """Switches to the main page, which shows the notice once."""
    for name in (PARAMETER, address.QUESTION):
        st.query_params.pop(name, None)
    if notice is not None:
        state.remember(_NOTICE, notice)
    st.rerun()


def show_notice() -> None:
    """Shows the notice of an invalid link."""
    notice = state.take(_NOTICE, str)
    if notice is not None:
        st.warning(plain_text(notice), icon=":material/link_off:")
