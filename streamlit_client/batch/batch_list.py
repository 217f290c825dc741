"""The latest batches of all users of this server."""

from collections.abc import Callable

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Batch
from streamlit_client.parts.asking import ask
from streamlit_client.parts.wording import moment_text

_FIRST = 5
_REFRESH_SECONDS = 5.0


@st.fragment(run_every=_REFRESH_SECONDS)
def show_batches(open_batch: Callable[[str], None], opened: str | None) -> None:
    """Draws the list and refreshes it. `open_batch` is called with the id of the chosen one; `opened` is open now."""
    st.header(texts.EARLIER, anchor=False)
    batches = ask("batches", lambda: state.gateway().list_batches(), is_aside=True)
    if batches is None:
        return
    if not batches:
        st.caption(texts.EARLIER_EMPTY)
        return
    for batch in batches[:_FIRST]:
        _show(batch, open_batch, opened)
    if len(batches) > _FIRST:
        with st.expander(texts.EARLIER_MORE):
            for batch in batches[_FIRST:]:
                _show(batch, open_batch, opened)


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
