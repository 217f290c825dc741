"""The columns of a dataset and their data quality."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from servicekit.korean_text.column_meanings import MEANINGS, PRECISIONS
from streamlit_client import texts_datasets
from streamlit_client.backend.contract_datasets import Column, Profile
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
    table = column_table(profile.columns_info, profile.rows)
    texts = table.columns.drop([texts_datasets.UNIQUE, texts_datasets.SAMPLE])
    st.dataframe(table, hide_index=True, column_config=text_columns(table, *texts), key=key)


def column_table(columns: Sequence[Column], rows: int) -> pd.DataFrame:
    """Returns a row of texts for each column of a dataset; meanings and units only if there are any."""
    table = pd.DataFrame(
        [
            {
                texts_datasets.COLUMN: column.name,
                texts_datasets.TYPE: _type_text(column),
                texts_datasets.MEANING: _meaning_text(column),
                texts_datasets.UNIT: column.unit or "",
                texts_datasets.MISSING: texts_datasets.PERCENT.format(share=100 * column.missing / max(1, rows)),
                texts_datasets.UNIQUE: column.unique,
                texts_datasets.MINIMUM: column.minimum or "",
                texts_datasets.MAXIMUM: column.maximum or "",
                texts_datasets.SAMPLE: ", ".join(column.sample),
            }
            for column in columns
        ]
    )
    return table.drop(columns=[name for name in (texts_datasets.MEANING, texts_datasets.UNIT) if not table[name].any()])


def _type_text(column: Column) -> str:
    text = texts_datasets.TYPES[column.type]
    if column.precision is None:
        return text
    return texts_datasets.PRECISE_TYPE.format(type=text, precision=PRECISIONS[column.precision])


def _meaning_text(column: Column) -> str:
    """Returns what the values say, and which columns they were calculated from."""
    words = [MEANINGS[column.meaning]] if column.meaning else []
    if column.derived_from:
        words.append(texts_datasets.DERIVED.format(columns=column.derived_from))
    return " · ".join(words)
