"""The list of datasets, newest first, in pages."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from streamlit_client import state, texts
from streamlit_client import texts_datasets as words
from streamlit_client.backend.contract_datasets import Dataset
from streamlit_client.datasets.text_columns import text_columns
from streamlit_client.parts.asking import ask
from streamlit_client.parts.wording import moment_text, size_text

_PAGE_SIZE = 20
_REFRESH_SECONDS = 15.0
_PAGE, _PRESSED = "datasets.page", "datasets.pressed"


@st.fragment(run_every=_REFRESH_SECONDS)
def show_list(open_dataset: Callable[[str], None]) -> None:
    """Draws a page of the list and refreshes it. `open_dataset` is called with the id of the clicked one."""
    if state.recall(_PRESSED, bool):
        state.forget(_PRESSED)
        st.rerun()
    number = state.recall(_PAGE, int) or 0
    page = ask(
        "datasets.list",
        lambda: state.datasets().list(limit=_PAGE_SIZE, offset=number * _PAGE_SIZE),
        waiting=texts.LOADING,
    )
    if page is None:
        return
    if not page.datasets and number:  # the last dataset on the page was deleted
        state.remember(_PAGE, number - 1)
        st.rerun()
    if not page.datasets:
        st.info(words.LIST_EMPTY, icon=":material/upload_file:")
        return
    table = pd.DataFrame(
        [
            {
                words.NAME: dataset.name,
                words.ROWS: dataset.rows,
                words.COLUMNS: dataset.columns,
                words.SIZE: size_text(dataset.size_bytes),
                words.UPLOADED_AT: moment_text(dataset.uploaded_at),
                words.DESCRIPTION: dataset.description,
            }
            for dataset in page.datasets
        ]
    )
    # Keyed by all ids: a selection is a row index, which must not pass to another dataset.
    key = f"datasets.table.{hash(tuple(dataset.dataset_id for dataset in page.datasets))}"
    st.dataframe(
        table,
        hide_index=True,
        column_config=text_columns(table, words.NAME)
        | {name: st.column_config.NumberColumn(format="localized") for name in (words.ROWS, words.COLUMNS)},
        key=key,
        on_select=lambda: _open_pressed(key, page.datasets, open_dataset),
        selection_mode="single-cell",  # a click anywhere in a row opens it
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{words.TOTAL.format(total=page.total)} · {words.LIST_HELP}")
        _show_paging(number, has_more=(number + 1) * _PAGE_SIZE < page.total)


def _open_pressed(key: str, datasets: Sequence[Dataset], open_dataset: Callable[[str], None]) -> None:
    for row, _ in st.session_state[key].selection.cells:
        open_dataset(datasets[row].dataset_id)
        state.remember(_PRESSED, True)


def _show_paging(number: int, *, has_more: bool) -> None:
    if not number and not has_more:
        return
    st.button(
        texts.NEWER,
        key="datasets.newer",
        disabled=not number,
        on_click=state.remember,
        args=(_PAGE, number - 1),
        icon=":material/chevron_left:",
    )
    st.caption(texts.PAGE_NUMBER.format(number=number + 1), width="content")
    st.button(
        texts.OLDER,
        key="datasets.older",
        disabled=not has_more,
        on_click=state.remember,
        args=(_PAGE, number + 1),
        icon=":material/chevron_right:",
    )
