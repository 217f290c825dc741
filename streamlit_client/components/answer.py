"""Longer texts as they are drawn."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_client.shown_text import answer_html


def show_answer(text: str, *, place: DeltaGenerator | None = None, is_growing: bool = False) -> None:
    """Draws what a model or a tool wrote in Markdown, in `place` when it replaces what is there."""
    draw = st.markdown if place is None else place.markdown
    draw(answer_html(text, is_growing=is_growing), unsafe_allow_html=True, anchors=False)


def show_as_written(text: str) -> None:
    """Draws text that is no Markdown, as a question or a description, with its lines."""
    st.text(text)
