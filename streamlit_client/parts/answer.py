"""Draws longer texts."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_client.parts.shown_text import answer_html


def show_answer(text: str, *, place: DeltaGenerator | None = None, is_growing: bool = False) -> None:
    """Draws Markdown of a model or a tool, in `place` to replace its content."""
    draw = st.markdown if place is None else place.markdown
    draw(answer_html(text, is_growing=is_growing), unsafe_allow_html=True, anchors=False)


def show_as_written(text: str) -> None:
    """Draws plain text with its line breaks, such as a question or a description."""
    st.text(text)
