"""What a screen reader tells when it is new: that an answer is there, and what it says."""

import html

import streamlit as st

_LONGEST = 300


def tell(news: str) -> None:
    """Tells people who hear the page; nothing is drawn. The same words are told once, however often the page runs."""
    st.html(f'<span data-news="{html.escape(news[:_LONGEST])}"></span>')
