"""Arriving by a link, and leaving for the main page."""

from typing import NoReturn

import streamlit as st

from streamlit_client import state
from streamlit_client.shown_text import plain_text

PARAMETER = "share"
"""The parameter of the address that holds a link's token."""
_NOTICE = "shared.notice"


def is_visitor() -> bool:
    """Whether the page was opened by a link."""
    return bool(st.query_params.get(PARAMETER))


def leave_with(notice: str | None) -> NoReturn:
    """Goes to the main page, which shows the notice once."""
    st.query_params.pop(PARAMETER, None)
    if notice is not None:
        state.remember(_NOTICE, notice)
    st.rerun()


def show_notice() -> None:
    """Shows what a link that leads nowhere left to say."""
    notice = state.recall(_NOTICE, str)
    if notice is not None:
        state.forget(_NOTICE)
        st.warning(plain_text(notice), icon=":material/link_off:")
