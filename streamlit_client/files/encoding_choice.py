"""The choice between encodings for a file that reads in none without faults."""

from urllib.parse import urlencode

import streamlit as st

from servicekit.korean_text.particles import choose_particles
from streamlit_client import texts_datasets, texts_reading
from streamlit_client.files.file_choice import ChosenFile


def choose_encoding(file: ChosenFile) -> str | None:
    """Draws how lines of a refused file read in each encoding, side by side. Returns the one that was pressed."""
    if file.choice is None or file.is_sending:
        return None
    choice = file.choice
    st.info(texts_reading.ENCODING_NEEDED, icon=":material/translate:")
    pressed = None
    grid = st.grid(len(choice.encodings), min_column_width=260)
    for option in choice.encodings:
        name = texts_datasets.ENCODINGS.get(option.encoding, option.encoding)
        lines = zip(choice.lines, option.preview, strict=False)
        with grid.container(border=True):
            st.markdown(f"**{name}**")
            st.code(
                "\n".join(texts_reading.ENCODING_LINE.format(line=line, text=text) for line, text in lines),
                language=None,
                wrap_lines=True,
            )
            label = choose_particles(texts_reading.UPLOAD_AS.format(encoding=name))
            if st.button(label, key=f"encoding.{option.encoding}", icon=":material/upload:"):
                pressed = option.encoding
    return pressed


def in_encoding(path: str, encoding: str) -> str:
    """Returns the address that takes a file in an encoding."""
    return f"{path}?{urlencode({'encoding': encoding})}"
