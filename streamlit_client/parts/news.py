"""Announces new content, such as an answer, to screen readers."""

import html

import streamlit as st

_LONGEST = 300


def tell(news: str) -> None:
    """Announces a text, invisibly. The same text is announced only once, however often the page runs."""
    st.html(f'<span data-news="{html.escape(news[:_LONGEST])}"></span>')
