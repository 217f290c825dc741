"""From a file to a stored dataset."""

import uuid
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from servicekit.korean_text.particles import choose_particles
from streamlit_client import state, texts
from streamlit_client import texts_datasets as words
from streamlit_client.components.connection import ask, start_over
from streamlit_client.components.file_choice import choose_file
from streamlit_client.components.text_length import fits
from streamlit_client.components.wording import size_text
from streamlit_client.contract_datasets import Profile
from streamlit_client.shown_text import plain_text

_QUESTION = "dataset.upload"
_SUBMITTED, _GENERATION = "dataset.submitted", "dataset.upload.generation"
_SUFFIX = ".csv"
MOST_NAME, MOST_DESCRIPTION = 200, 2000
"""Characters of the longest name and description."""


def show_upload() -> Profile | None:
    """Draws the way from a file to a dataset. Returns the dataset in the run that stored it."""
    generation = state.recall(_GENERATION, int) or 0  # new widgets after each upload, so that the form is empty again
    file = choose_file(words.UPLOAD, key=f"dataset.file.{generation}", help_text=words.UPLOAD_HELP)
    if file is None:
        return None
    if PurePath(file.name).suffix.lower() != _SUFFIX:
        st.error(texts.CSV_ONLY, icon=":material/error:")
        return None
    columns = st.grid(2, min_column_width=240)
    name = columns.text_input(
        words.NAME, placeholder=PurePath(file.name).stem, help=words.NAME_HELP, key=f"name.{generation}"
    )
    encoding = columns.selectbox(
        words.ENCODING,
        [None, *words.ENCODINGS],
        format_func=lambda value: words.ENCODING_AUTO if value is None else words.ENCODINGS[value],
        key=f"encoding.{generation}",
    )
    description = st.text_input(words.DESCRIPTION, key=f"description.{generation}")
    has_room = [fits(words.NAME, name, MOST_NAME), fits(words.DESCRIPTION, description, MOST_DESCRIPTION)]
    if st.button(words.SUBMIT, key="dataset.submit", type="primary", icon=":material/upload:") and all(has_room):
        start_over(_QUESTION)
        state.remember(_SUBMITTED, (file.file_id, str(uuid.uuid4())))
    submitted = state.recall(_SUBMITTED, tuple)
    if submitted is None or submitted[0] != file.file_id:
        return None
    profile = ask(
        _QUESTION,
        lambda: _upload(file, name, description, encoding, submitted[1]),
        waiting=choose_particles(words.UPLOADING.format(name=plain_text(file.name), size=size_text(file.size))),
        subject=words.FORM_FIELDS.__getitem__,
    )
    if profile is not None:
        state.forget(_SUBMITTED)
        state.remember(_GENERATION, generation + 1)
    return profile


def _upload(file: UploadedFile, name: str, description: str, encoding: str | None, key: str) -> Profile:
    return state.datasets().upload(
        file.name,
        file.getvalue(),
        name=name.strip() or PurePath(file.name).stem,
        description=description,
        encoding=encoding,
        idempotency_key=key,
    )
