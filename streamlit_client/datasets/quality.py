"""The columns of a dataset and their data quality."""

import pandas as pd
import streamlit as st

from streamlit_client import texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.parts.table_columns import text_columns
from streamlit_client.parts.wording import size_text


def show_figures(profile: Profile) -> None:
    """Draws the numbers of rows, columns, missing cells and repeated rows, and the size."""
    cells = max(1, profile.rows * profile.columns)
    figures = st.grid(5, min_column_width=110)
    figures.metric(texts_datasets.ROWS, f"{profile.rows:,}")
    figures.metric(texts_datasets.COLUMNS, f"{profile.columns:,}")
    figures.metric(texts_datasets.SIZE, size_text(profile.size_bytes))
    figures.metric(
        texts_datasets.MISSING_SHARE, texts_datasets.PERCENT.format(share=100 * profile.missing_cells / cells)
    )
    figures.metric(texts_datasets.DUPLICATES, f"{profile.duplicate_rows:,}")


def show_column_info(profile: Profile, *, key: str) -> None:
    """Draws a table with one row for each column of the dataset."""
    rows = max(1, profile.rows)
    table = pd.DataFrame(
        [
            {
                texts_datasets.COLUMN: column.name,
                texts_datasets.TYPE: texts_datasets.TYPES[column.type],
                texts_datasets.MISSING: texts_datasets.PERCENT.format(share=100 * column.missing / rows),
                texts_datasets.UNIQUE: column.unique,
                texts_datasets.MINIMUM: column.minimum or "",
                texts_datasets.MAXIMUM: column.maximum or "",
                texts_datasets.SAMPLE: ", ".join(column.sample),
            }
            for column in profile.columns_info
        ]
    )
    wide_enough = text_columns(table, texts_datasets.COLUMN, texts_datasets.MINIMUM, texts_datasets.MAXIMUM)
    st.dataframe(table, hide_index=True, column_config=wide_enough, key=key)
