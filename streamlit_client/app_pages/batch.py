"""The page 배치: predicts a file of accidents, and lists earlier batches."""

import streamlit as st

from streamlit_client import address, state, texts
from streamlit_client.batch.batch_list import show_batches
from streamlit_client.batch.progress import follow_batch
from streamlit_client.batch.results import show_results
from streamlit_client.batch.upload import show_file, show_upload
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.wording import moment_text


def open_batch(batch_id: str) -> None:
    """Opens a batch."""
    address.put(batch=batch_id, file=None)


def close_batch() -> None:
    """Closes the batch, to show the upload of a new file."""
    address.put(batch=None)


def show_batch(batch_id: str) -> None:
    """Draws a batch: its progress, or its results once it has ended."""
    st.button(texts.NEW_BATCH, key="batch.new", icon=":material/add:", on_click=close_batch)
    batch = ask(f"batch.{batch_id}", lambda: state.gateway().get_batch(batch_id))
    if batch is None:
        return
    heading = texts.BATCH_HEADING.format(created=moment_text(batch.created_at), total=batch.total)
    name_page(heading)
    st.header(heading, anchor=False)
    if not batch.has_ended:
        follow_batch(batch_id)
        return
    model = ask("model", state.known_model().get, waiting=texts.LOADING)
    if model is not None:
        show_results(batch, model)


st.title(texts.BATCH_TITLE, anchor=False)
st.caption(texts.BATCH_INTRO)
opened, uploaded = address.recall(address.BATCH), address.recall(address.FILE)
if opened:
    open_batch(opened)
    show_batch(opened)
elif uploaded:
    address.put(file=uploaded)
    created = show_file(uploaded)
    if created is not None:
        open_batch(created)
        st.rerun()
else:
    show_upload()
show_batches(open_batch, opened)
