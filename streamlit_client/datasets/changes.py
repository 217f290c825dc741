"""Changing a dataset's name, and deleting it."""

import streamlit as st

from streamlit_client import address, state, texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.upload import MOST_DESCRIPTION, MOST_NAME
from streamlit_client.parts.asking import ask_once, give_up
from streamlit_client.parts.elements import is_fitting
from streamlit_client.parts.shown_text import plain_text

_DELETE = "dataset.delete"
NOTICE = "dataset.notice"
"""Notice to show once at the top of the page in the next run."""


def show_changes(profile: Profile) -> None:
    """Draws the form for name and description, and the deletion, which asks for confirmation."""
    _show_rename(profile)
    st.divider()
    _show_delete(profile)


def _show_rename(profile: Profile) -> None:
    with st.form(f"change.{profile.dataset_id}", border=False):
        name = st.text_input(texts_datasets.NAME, profile.name, key=f"change.name.{profile.dataset_id}")
        description = st.text_area(
            texts_datasets.DESCRIPTION, profile.description, key=f"change.description.{profile.dataset_id}"
        )
        can_be = [
            is_fitting(texts_datasets.NAME, name, MOST_NAME, may_be_empty=False),
            is_fitting(texts_datasets.DESCRIPTION, description, MOST_DESCRIPTION),
        ]
        is_pressed = st.form_submit_button(texts_datasets.CHANGE, icon=":material/save:")
    changed = ask_once(
        "dataset.change",
        profile.dataset_id,
        {"name": name, "description": description} if all(can_be) else None,
        lambda changes: state.datasets().change(profile.dataset_id, **changes),
        is_pressed=is_pressed,
        subject=texts_datasets.FORM_FIELDS.__getitem__,
    )
    if changed is not None:
        state.remember(NOTICE, texts_datasets.CHANGED)
        st.rerun()


def _show_delete(profile: Profile) -> None:
    st.subheader(texts_datasets.DELETE_HEADING, anchor=False)
    st.markdown(texts_datasets.DELETE_WARNING.format(name=plain_text(profile.name)))
    is_sure = st.checkbox(texts_datasets.DELETE_SURE, key=f"sure.{profile.dataset_id}")
    key = f"delete.{profile.dataset_id}"
    is_pressed = st.button(texts_datasets.DELETE, key=key, disabled=not is_sure, icon=":material/delete:")
    dataset_id = profile.dataset_id
    if ask_once(_DELETE, dataset_id, dataset_id, state.datasets().delete, is_pressed=is_pressed) is not None:
        state.remember(NOTICE, texts_datasets.DELETED.format(name=plain_text(profile.name)))
        address.put(dataset=None, tab=None)
        st.rerun()
    if not is_sure:
        give_up(_DELETE)
