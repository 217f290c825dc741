"""Lines of the file as it was uploaded with what each is, beside the first rows of the table."""

import pandas as pd
import streamlit as st

from streamlit_client import texts_reading
from streamlit_client.backend.contract_datasets import ReadingPreview
from streamlit_client.parts.table_columns import table_columns

_COLOURS = ("violet", "blue", "primary", "gray", "orange", "yellow", "gray", "green")
_LINE_PIXELS, _ROLE_PIXELS, _TEXT_PIXELS = 50, 100, 600


def show_original(dataset_id: str, preview: ReadingPreview) -> None:
    """Draws both, side by side where there is room."""
    grid = st.grid(2, min_column_width=300)
    with grid.container():
        st.subheader(texts_reading.ORIGINAL, anchor=False)
        lines = pd.DataFrame(
            {
                texts_reading.LINE: [line.line for line in preview.lines],
                texts_reading.ROLE: [[texts_reading.ROLES.get(line.role, line.role)] for line in preview.lines],
                texts_reading.TEXT: [line.text for line in preview.lines],
            }
        )
        roles = st.column_config.MultiselectColumn(
            options=texts_reading.ROLES.values(), color=_COLOURS, width=_ROLE_PIXELS
        )
        config = {
            texts_reading.LINE: st.column_config.NumberColumn(width=_LINE_PIXELS),
            texts_reading.ROLE: roles,
            texts_reading.TEXT: st.column_config.TextColumn(width=_TEXT_PIXELS),
        }
        st.dataframe(lines, hide_index=True, column_config=config, key=f"reading.lines.{dataset_id}")
    with grid.container():
        table = pd.DataFrame(preview.table.rows, columns=preview.table.columns)
        st.subheader(texts_reading.TABLE.format(rows=len(table)), anchor=False)
        formats = table_columns(table, preview.columns_info)
        st.dataframe(table, hide_index=True, column_config=formats, placeholder="", key=f"reading.table.{dataset_id}")
