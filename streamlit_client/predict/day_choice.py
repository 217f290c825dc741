"""A date field whose displayed value is always known to the page."""

from datetime import date
from typing import Literal

import streamlit as st

from streamlit_client import texts


def choose_day(
    label: str, first: date, last: date, *, key: str, persist_state: Literal["session"] | None = None
) -> date | None:
    """Draws a date field and returns its day; shows an error and returns None if it is out of range.

    The browser gets no limits: it would mark a day outside them red without sending it, and the page would keep the
    previous day. An incomplete date is reverted by the browser.
    """
    chosen = st.date_input(
        label, min_value=date.min, max_value=date.max, format="YYYY-MM-DD", key=key, persist_state=persist_state
    )
    if chosen is not None and first <= chosen <= last:
        return chosen
    st.error(texts.DAY_OUTSIDE.format(first=first.year, last=last.year), icon=":material/error:")
    return None
