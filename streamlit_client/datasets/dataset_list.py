"""The list of datasets, newest first, in pages."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.contract import MOST_COUNTED
from streamlit_client.backend.contract_datasets import Dataset
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import recall_cursors, show_cursor_paging, turn_page
from streamlit_client.parts.table_columns import column_width, text_columns
from streamlit_client.parts.wording import moment_text, size_text

_PAGE_SIZE = 20
_REFRESH_SECONDS = 15.0
_LIST, _PRESSED = "datasets.list", "datasets.pressed"


@st.fragment(run_every=_REFRESH_SECONDS)
def show_list(open_dataset: Callable[[str], None]) -> None:
    """Draws a page of the list and refreshes it. `open_dataset` is called with the id of the clicked one."""
    if state.take(_PRESSED, bool):
        st.rerun()
    cursors = recall_cursors(_LIST)
    page = ask(
        _LIST,
        lambda: state.datasets().list(limit=_PAGE_SIZE, after=cursors[-1] if cursors else None),
        waiting=texts.LOADING,
    )
    if page is None:
        return
    if not page.datasets and cursors:  # the last dataset on the page was deleted
        turn_page(_LIST, cursors, len(cursors) - 1)
        st.rerun()
    if not page.datasets:
        st.info(texts_datasets.LIST_EMPTY, icon=":material/upload_file:")
        return
    table = pd.DataFrame(
        [
            {
                texts_datasets.NAME: dataset.name,
                texts_datasets.ROWS: dataset.rows,
                texts_datasets.COLUMNS: dataset.columns,
                texts_datasets.SIZE: size_text(dataset.size_bytes),
                texts_datasets.UPLOADED_AT: moment_text(dataset.uploaded_at),
                texts_datasets.DESCRIPTION: dataset.description,
            }
            for dataset in page.datasets
        ]
    )
    # Keyed by all ids: a selection is a row index, which must not pass to another dataset.
    key = f"datasets.table.{hash(tuple(dataset.dataset_id for dataset in page.datasets))}"
    st.dataframe(
        table,
        hide_index=True,
        column_config=text_columns(table, texts_datasets.NAME)
        | {
            name: st.column_config.NumberColumn(
                format="localized", width=column_width([name, *map("{:,}".format, table[name])])
            )
            for name in (texts_datasets.ROWS, texts_datasets.COLUMNS)
        },
        key=key,
        on_select=lambda: _open_pressed(key, page.datasets, open_dataset),
        selection_mode="single-cell",  # a click anywhere in a row opens it
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        total = texts_datasets.TOTAL if page.total < MOST_COUNTED else texts_datasets.TOTAL_OR_MORE
        st.caption(f"{total.format(total=page.total)} · {texts_datasets.LIST_HELP}")
        show_cursor_paging(_LIST, cursors, page.next)


def _open_pressed(key: str, datasets: Sequence[Dataset], open_dataset: Callable[[str], None]) -> None:
    for row, _ in st.session_state[key].selection.cells:
        open_dataset(datasets[row].dataset_id)
        state.remember(_PRESSED, True)
