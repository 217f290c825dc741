"""Uploads a file as a dataset."""

import uuid
from pathlib import PurePath

import streamlit as st

from streamlit_client import state, texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.files.encoding_choice import choose_encoding, in_encoding
from streamlit_client.files.file_choice import Order, choose_file
from streamlit_client.files.upload_routes import DATASET_PATH
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import is_fitting

_ORDERED, _GENERATION = "dataset.ordered", "dataset.upload.generation"
_SUFFIXES = (".csv",)
MOST_NAME, MOST_DESCRIPTION = 200, 2000
"""Maximum characters of name and description."""


def show_upload() -> Profile | None:
    """Draws the upload. Returns the dataset in the run that stored it."""
    generation = state.recall(_GENERATION, int) or 0  # new keys after each upload, to reset the form
    order = state.recall(_ORDERED, Order)
    file = choose_file(texts_datasets.UPLOAD, order, key=f"dataset.file.{generation}", suffixes=_SUFFIXES)
    if file is None:
        state.forget(_ORDERED)
        return None
    if file.stored is not None:
        dataset_id = file.stored
        profile = ask("dataset.stored", lambda: state.datasets().get_profile(dataset_id))
        if profile is not None:
            state.forget(_ORDERED)
            state.remember(_GENERATION, generation + 1)
        return profile
    name = st.text_input(
        texts_datasets.NAME,
        placeholder=PurePath(file.name).stem,
        help=texts_datasets.NAME_HELP,
        key=f"name.{generation}",
    )
    description = st.text_input(texts_datasets.DESCRIPTION, key=f"description.{generation}")
    has_room = [
        is_fitting(texts_datasets.NAME, name, MOST_NAME),
        is_fitting(texts_datasets.DESCRIPTION, description, MOST_DESCRIPTION),
    ]
    is_pressed = st.button(
        texts_datasets.SUBMIT, key="dataset.submit", type="primary", icon=":material/upload:", disabled=file.is_sending
    )
    encoding = choose_encoding(file)
    if (is_pressed or encoding) and all(has_room):
        path = in_encoding(DATASET_PATH, encoding) if encoding else DATASET_PATH
        form = {"name": name.strip() or PurePath(file.name).stem, "description": description}
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, repr((file.id, path, form))))
        state.remember(_ORDERED, Order(order.number + 1 if order else 1, path, key, form, file.id))
        st.rerun()
    return None
