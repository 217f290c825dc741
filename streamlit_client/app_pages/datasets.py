"""The page 데이터셋: upload, list, reading, sharing, change and delete."""

import streamlit as st

from streamlit_client import address, state, texts, texts_datasets, texts_reading
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.changes import NOTICE, show_changes
from streamlit_client.datasets.dataset_list import show_list
from streamlit_client.datasets.prediction import show_prediction
from streamlit_client.datasets.reading.panel import show_reading
from streamlit_client.datasets.reading.repairs import REPAIRS
from streamlit_client.datasets.sharing import show_sharing
from streamlit_client.datasets.upload import show_upload
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.open_dataset import go_to, show_dataset_download
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.wording import size_text


def show_dataset(dataset_id: str) -> None:
    """Draws everything about one dataset."""
    profile = ask(f"profile.{dataset_id}", lambda: state.datasets().get_profile(dataset_id), waiting=texts.LOADING)
    if profile is None:
        return
    name_page(profile.name, texts_datasets.PAGE)
    st.header(plain_text(profile.name), anchor=False)
    _show_ways(profile)
    reading, prediction, sharing, changes = address.tabs(texts_datasets.TABS, f"dataset.tabs.{dataset_id}")
    with reading:
        if reading.open:  # drawn only on demand: it opens the uploaded file
            show_reading(profile)
    with prediction:
        show_prediction(profile)
    with sharing:
        show_sharing(dataset_id)
    with changes:
        show_changes(profile)


def _show_ways(profile: Profile) -> None:
    with st.container(horizontal=True):
        if st.button(texts_datasets.OPEN_EXPLORE, key="open.explore", type="primary", icon=":material/bar_chart:"):
            go_to("app_pages/explore.py", profile.dataset_id)
        if st.button(texts_datasets.OPEN_CHAT, key="open.chat", icon=":material/chat:"):
            go_to("app_pages/chat.py", profile.dataset_id)
        show_dataset_download(profile)


def open_dataset(dataset_id: str) -> None:
    """Opens a dataset."""
    address.put(dataset=dataset_id, tab=None)


st.title(texts_datasets.TITLE, anchor=False)
st.caption(texts_datasets.INTRO)
notice = state.take(NOTICE, str)
if notice is not None:
    st.success(notice, icon=":material/check_circle:")
st.header(texts_datasets.UPLOAD_HEADING, anchor=False)
stored = show_upload()
if stored is not None:
    address.put(dataset=stored.dataset_id, tab=None)
    sentence = texts_datasets.UPLOADED.format(
        name=plain_text(stored.name), rows=stored.rows, columns=stored.columns, size=size_text(stored.size_bytes)
    )
    if stored.warnings:
        repairs = texts_reading.UPLOADED_REPAIRS.format(count=len(stored.warnings))
        sentence += f"\n\n{repairs} [{texts_reading.CHECK}](#{REPAIRS})"
    state.remember(NOTICE, sentence)
    st.rerun()
st.header(texts_datasets.LIST_HEADING, anchor=False)
show_list(open_dataset)
opened = address.recall(address.DATASET)
if opened is not None:
    address.put(dataset=opened)
    show_dataset(opened)
