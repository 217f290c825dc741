"""The batches of all users of this server, newest first, in pages."""

from collections.abc import Callable

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Batch
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import recall_cursors, show_cursor_paging
from streamlit_client.parts.wording import moment_text

_PAGE_SIZE = 10
_REFRESH_SECONDS = 5.0
_LIST = "batches"


@st.fragment(run_every=_REFRESH_SECONDS)
def show_batches(open_batch: Callable[[str], None], opened: str | None) -> None:
    """Draws a page of the list and refreshes it.

    `open_batch` is called with the id of the chosen one; `opened` is open now.
    """
    st.header(texts.EARLIER, anchor=False)
    cursors = recall_cursors(_LIST)
    page = ask(
        _LIST,
        lambda: state.gateway().list_batches(limit=_PAGE_SIZE, after=cursors[-1] if cursors else None),
        is_aside=True,
    )
    if page is None:
        return
    if not page.batches and not cursors:
        st.caption(texts.EARLIER_EMPTY)
        return
    for batch in page.batches:
        _show(batch, open_batch, opened)
    show_cursor_paging(_LIST, cursors, page.next)


def _show(batch: Batch, open_batch: Callable[[str], None], opened: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        line = texts.EARLIER_LINE.format(created=moment_text(batch.created_at), total=batch.total)
        status = f"{texts.BATCH_ICONS[batch.status]} {texts.BATCH_WORDS[batch.status]}"
        if batch.failed:
            status += texts.PROGRESS_FAILED.format(failed=batch.failed)
        st.markdown(line, width="content")
        st.caption(status)
        if st.button(texts.OPEN, key=f"batch.open.{batch.batch_id}", disabled=batch.batch_id == opened):
            open_batch(batch.batch_id)
            st.rerun()
