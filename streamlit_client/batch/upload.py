"""From a file to a dataset that is kept for a day, and from there to a batch."""

import csv
import io

import pandas as pd
import streamlit as st

from streamlit_client import address, state, texts
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.reading.draft import find_draft
from streamlit_client.datasets.reading.panel import show_reading
from streamlit_client.datasets.reading.repairs import show_repairs
from streamlit_client.files.batch_start import show_start
from streamlit_client.files.encoding_choice import choose_encoding, in_encoding
from streamlit_client.files.file_choice import Order, choose_file
from streamlit_client.files.upload_routes import TEMPORARY_PATH
from streamlit_client.parts.asking import ask, ask_once
from streamlit_client.parts.elements import show_download
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.table_columns import table_columns

_ORDERED, _GENERATION = "batch.ordered", "batch.upload.generation"
_SUFFIXES = (".csv", ".tsv", ".txt")
_ORDER = Order(1, TEMPORARY_PATH, "", form={})  # sent as soon as the file is chosen
_PREVIEW_ROWS = 5


def show_upload() -> None:
    """Draws the choice of a file, and puts the dataset it becomes into the address."""
    generation = state.recall(_GENERATION, int) or 0  # a new key after each upload, to reset the choice
    order = state.recall(_ORDERED, Order) or _ORDER
    file = choose_file(texts.UPLOAD, order, key=f"batch.file.{generation}", suffixes=_SUFFIXES)
    show_download(
        texts.TEMPLATE, _template_csv(), texts.TEMPLATE_FILE, key="batch.template", icon=":material/description:"
    )
    if file is None:
        return
    if order.file not in (None, file.id):  # another file was chosen since
        state.forget(_ORDERED)
        st.rerun()
    if file.stored is not None:
        state.remember(_GENERATION, generation + 1)
        address.put(file=file.stored)
        st.rerun()
    encoding = choose_encoding(file)
    if encoding is not None:
        path = in_encoding(TEMPORARY_PATH, encoding)
        state.remember(_ORDERED, Order(order.number + 1, path, "", form={}, file=file.id))
        st.rerun()


def show_file(dataset_id: str) -> str | None:
    """Draws the uploaded file and the steps to a batch. Returns the id of the batch once it exists."""
    st.button(texts.OTHER_FILE, key="batch.other_file", icon=":material/upload_file:", on_click=_leave_file)
    profile = ask(f"file.{dataset_id}", lambda: state.datasets().get_profile(dataset_id), waiting=texts.LOADING)
    if profile is None:
        return None
    st.markdown(texts.FILE_READ.format(name=plain_text(profile.name), rows=profile.rows, columns=profile.columns))
    if profile.expires_at is not None:
        _offer_to_keep(profile)
    reading_shown = f"batch.reading.{dataset_id}"
    if find_draft(dataset_id):  # a repair is being taken back: its effect is shown there
        state.remember(reading_shown, True)
    if st.toggle(texts.READING, key=reading_shown):
        show_reading(profile)
    else:
        show_repairs(profile)
        _show_preview(profile)
    return show_start(profile)


def _leave_file() -> None:
    address.put(file=None)


def _offer_to_keep(profile: Profile) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(texts.FILE_EXPIRES, width="content")
        is_pressed = st.button(texts.KEEP_FILE, key="batch.keep_file", icon=":material/inventory_2:")
    if ask_once("keep_file", profile.dataset_id, profile.dataset_id, state.datasets().keep, is_pressed=is_pressed):
        st.rerun()


def _show_preview(profile: Profile) -> None:
    table = ask(
        f"preview.{profile.dataset_id}",
        lambda: state.datasets().read_data(profile.dataset_id, limit=_PREVIEW_ROWS),
        is_aside=True,
    )
    if table is not None:
        frame: pd.DataFrame = table.to_pandas()
        st.caption(texts.PREVIEW.format(rows=len(frame)))
        st.dataframe(frame, hide_index=True, column_config=table_columns(frame, profile.columns_info))


def _template_csv() -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(texts.TEMPLATE_ROWS)
    return out.getvalue().encode("utf-8-sig")
