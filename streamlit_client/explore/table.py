"""The table of the rows that the question of the page leaves, and its download."""

from urllib.parse import urlencode

import pyarrow as pa
import streamlit as st

from servicekit.question import Question
from streamlit_client import state, texts, texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.explore.filters.matched import count_matched
from streamlit_client.explore.filters.page_question import question_text, rows_of
from streamlit_client.explore.lazy_rows import PAGE_ROWS, LazyRows, fetch_rows
from streamlit_client.files.row_files import ROWS_PATH
from streamlit_client.parts.asking import ask
from streamlit_client.parts.table_columns import table_columns

_KEPT_TABLES = 32
_MOST_COLUMNS = 100


def show_table(profile: Profile, question: Question) -> None:
    """Draws the choice of columns, the rows, and the links to download exactly these."""
    matched = count_matched(profile, question)
    if matched is None:
        return
    asked = rows_of(question)
    names = [*profile.names(), *(definition.name for definition in asked.define)]
    chosen = st.multiselect(
        texts_explore.COLUMNS_SHOWN,
        names,
        placeholder=texts_explore.COLUMNS_SHOWN_ALL,
        select_all=False,
        key=f"table.columns.{profile.dataset_id}",
    )
    shown = asked.model_copy(update={"columns": tuple(chosen or names[:_MOST_COLUMNS])})
    tables = ask(
        f"table.{profile.dataset_id}.{question_text(shown)}",
        lambda: (_first_rows(profile, shown), _sample(profile, shown).to_pandas()),
        waiting=texts.LOADING,
    )
    if tables is None:
        return
    first, sample = tables
    if len(names) > _MOST_COLUMNS and not chosen:
        st.caption(texts_explore.COLUMNS_CUT.format(shown=_MOST_COLUMNS, columns=len(names)))
    st.dataframe(
        LazyRows(profile.dataset_id, shown, matched, first),
        lazy=True,
        hide_index=True,
        column_config=table_columns(sample, profile.columns_info),
        alt=texts_explore.TABLE_OF.format(name=profile.name),
        key=f"table.rows.{profile.dataset_id}",
    )
    _show_downloads(profile, asked.model_copy(update={"columns": tuple(chosen)}), matched)


def _show_downloads(profile: Profile, question: Question, matched: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, file_format in ((texts_explore.DOWNLOAD_CSV, "csv"), (texts_explore.DOWNLOAD_ARROW, "arrow")):
            parameters = urlencode({"format": file_format, "q": question_text(question) or "{}"})
            path = state.public(f"{ROWS_PATH}/{profile.dataset_id}")
            st.link_button(label, f"{path}?{parameters}", icon=":material/download:", key=f"table.{file_format}")
    st.caption(texts_explore.DOWNLOAD_NOTE.format(matched=matched))


def _first_rows(profile: Profile, question: Question) -> pa.Table:
    return _rows(profile.dataset_id, profile.content_hash, question.model_copy(update={"limit": PAGE_ROWS}))


def _sample(profile: Profile, question: Question) -> pa.Table:
    """Returns some rows of the whole dataset: their numbers are written alike whatever is asked."""
    sample = Question(define=question.define, columns=question.columns, sample=PAGE_ROWS, limit=PAGE_ROWS)
    return _rows(profile.dataset_id, profile.content_hash, sample)


# The content hash is part of the key: a reread dataset has other rows.
@st.cache_resource(
    max_entries=_KEPT_TABLES, show_spinner=False, hash_funcs={Question: lambda question: question_text(question)}
)
def _rows(dataset_id: str, content_hash: str, question: Question) -> pa.Table:  # noqa: ARG001
    return fetch_rows(dataset_id, question)
