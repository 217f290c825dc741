"""The choice between encodings for a file that reads in none without faults."""

import streamlit as st

from servicekit.korean_text.particles import choose_particles
from streamlit_client import texts_datasets, texts_reading
from streamlit_client.backend.contract import EncodingChoice


def choose_encoding(choice: EncodingChoice) -> str | None:
    """Draws how the same lines read in each encoding, side by side. Returns the one that was pressed."""
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
