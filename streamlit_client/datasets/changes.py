"""Changing a dataset's name, and deleting it."""

import streamlit as st

from streamlit_client import address, state
from streamlit_client import texts_datasets as words
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.upload import MOST_DESCRIPTION, MOST_NAME
from streamlit_client.parts.asking import ask, start_over
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.text_length import fits

_CHANGE, _DELETE = "dataset.change", "dataset.delete"
NOTICE = "dataset.notice"
"""Notice to show once at the top of the page in the next run."""


def show_changes(profile: Profile) -> None:
    """Draws the form for name and description, and the deletion, which asks for confirmation."""
    _show_rename(profile)
    st.divider()
    _show_delete(profile)


def _show_rename(profile: Profile) -> None:
    with st.form(f"change.{profile.dataset_id}", border=False):
        name = st.text_input(words.NAME, profile.name, key=f"change.name.{profile.dataset_id}")
        description = st.text_area(
            words.DESCRIPTION, profile.description, key=f"change.description.{profile.dataset_id}"
        )
        can_be = [
            fits(words.NAME, name, MOST_NAME, may_be_empty=False),
            fits(words.DESCRIPTION, description, MOST_DESCRIPTION),
        ]
        if st.form_submit_button(words.CHANGE, icon=":material/save:"):
            start_over(_CHANGE)
            state.forget(_CHANGE)
            if all(can_be):
                state.remember(_CHANGE, (profile.dataset_id, name, description))
    wanted = state.recall(_CHANGE, tuple)
    if wanted is None or wanted[0] != profile.dataset_id:
        return
    changed = ask(
        _CHANGE,
        lambda: state.datasets().change(wanted[0], name=wanted[1], description=wanted[2]),
        subject=words.FORM_FIELDS.__getitem__,
    )
    if changed is not None:
        state.forget(_CHANGE)
        state.remember(NOTICE, words.CHANGED)
        st.rerun()


def _show_delete(profile: Profile) -> None:
    st.subheader(words.DELETE_HEADING, anchor=False)
    st.markdown(words.DELETE_WARNING.format(name=plain_text(profile.name)))
    is_sure = st.checkbox(words.DELETE_SURE, key=f"sure.{profile.dataset_id}")
    if st.button(words.DELETE, key=f"delete.{profile.dataset_id}", disabled=not is_sure, icon=":material/delete:"):
        start_over(_DELETE)
        state.remember(_DELETE, profile.dataset_id)
    if state.recall(_DELETE, str) != profile.dataset_id:
        return
    if ask(_DELETE, lambda: state.datasets().delete(profile.dataset_id)) is not None:
        state.remember(NOTICE, words.DELETED.format(name=plain_text(profile.name)))
        state.forget(_DELETE)
        address.put(dataset=None, tab=None)
        st.rerun()
    elif not is_sure:
        state.forget(_DELETE)
