"""Streamlit's date field, of which the page always knows what it shows."""

from datetime import date
from typing import Literal

import streamlit as st

from streamlit_client import texts


def choose_day(
    label: str, first: date, last: date, *, key: str, persist_state: Literal["session"] | None = None
) -> date | None:
    """Draws the choice of a day and returns it; None after saying why this day cannot be taken.

    The browser gets no limits: it would turn a day outside them red, keep it to itself, and leave the page with the day
    before. What is half written it takes back itself.
    """
    chosen = st.date_input(
        label, min_value=date.min, max_value=date.max, format="YYYY-MM-DD", key=key, persist_state=persist_state
    )
    if chosen is not None and first <= chosen <= last:
        return chosen
    st.error(texts.DAY_OUTSIDE.format(first=first.year, last=last.year), icon=":material/error:")
    return None
