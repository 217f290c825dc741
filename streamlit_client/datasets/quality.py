"""The columns of a dataset and their data quality."""

import pandas as pd
import streamlit as st

from servicekit.korean_text.particles import choose_particles
from streamlit_client import state, texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.parts.asking import ask_once
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.table_columns import text_columns
from streamlit_client.parts.wording import size_text

_MOST_WARNINGS = 8


def show_quality(profile: Profile) -> None:
    """Draws figures, warnings, the table of columns, and the form to reread the file."""
    show_figures(profile)
    _show_warnings(profile)
    show_column_info(profile, key=f"columns.{profile.dataset_id}")
    _show_finds(profile)
    _show_reread(profile)


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


def _show_warnings(profile: Profile) -> None:
    if not profile.warnings:
        return
    lines = [f"- {plain_text(warning.message)}" for warning in profile.warnings[:_MOST_WARNINGS]]
    if len(profile.warnings) > _MOST_WARNINGS:
        lines.append(f"- {texts_datasets.MORE_WARNINGS.format(count=len(profile.warnings) - _MOST_WARNINGS)}")
    st.warning("\n".join(lines), icon=":material/warning:")


def _show_finds(profile: Profile) -> None:
    finds = [
        choose_particles(
            texts_datasets.READ_AS.format(encoding=texts_datasets.ENCODINGS.get(profile.encoding, profile.encoding))
        )
    ]
    if profile.date_columns:
        finds.append(texts_datasets.FOUND_DATES.format(names=", ".join(map(plain_text, profile.date_columns))))
    if profile.coordinates:
        pair = profile.coordinates
        finds.append(
            texts_datasets.FOUND_COORDINATES.format(
                latitude=plain_text(pair.latitude), longitude=plain_text(pair.longitude)
            )
        )
    if profile.district_column:
        finds.append(texts_datasets.FOUND_DISTRICT.format(name=plain_text(profile.district_column)))
    st.caption(" · ".join(finds))


def _show_reread(profile: Profile) -> None:
    with st.expander(texts_datasets.REREAD_HEADING, icon=":material/translate:"):
        others = [name for name in texts_datasets.ENCODINGS if name != profile.encoding]
        encoding = st.selectbox(
            texts_datasets.ENCODING,
            others,
            format_func=texts_datasets.ENCODINGS.__getitem__,
            key=f"reread.{profile.dataset_id}",
        )
        is_pressed = st.button(texts_datasets.REREAD, key="dataset.reread.button")
        reread = ask_once(
            "dataset.reread",
            profile.dataset_id,
            encoding,
            lambda encoding: state.datasets().reread(profile.dataset_id, encoding),
            is_pressed=is_pressed,
            waiting=texts_datasets.REREADING,
        )
        if reread is not None:
            st.rerun()
