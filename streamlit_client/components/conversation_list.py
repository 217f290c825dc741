"""The conversations of this browser: open, begin, rename, delete, take away."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from streamlit_client import state
from streamlit_client import texts_chat as words
from streamlit_client.browser_id import client_id
from streamlit_client.components.connection import ask, start_over
from streamlit_client.components.text_length import fits
from streamlit_client.components.wording import moment_text
from streamlit_client.contract_chat import Conversation
from streamlit_client.shown_text import plain_text

_OPEN, _DELETE, _RENAME = "chat.open", "chat.delete", "chat.rename"
_MOST_LISTED = 30
_LONGEST_TITLE = 28
_MOST_TITLE = 200


def opened_conversation(dataset_id: str) -> str | None:
    """Returns the conversation that is open for a dataset, or None for a new one."""
    return state.recall(f"{_OPEN}.{dataset_id}", str) or None


def open_conversation(dataset_id: str, conversation_id: str | None) -> None:
    """Opens a conversation from now on; None begins a new one."""
    state.remember(f"{_OPEN}.{dataset_id}", conversation_id or "")


def show_conversations(dataset_id: str) -> None:
    """Draws the list in the sidebar. A person who comes back finds the latest conversation open."""
    page = ask(
        f"conversations.{dataset_id}",
        lambda: state.chat().list_conversations(client_id(), dataset_id=dataset_id, limit=_MOST_LISTED),
        is_aside=True,
    )
    if page is None:
        return
    if state.recall(f"{_OPEN}.{dataset_id}", str) is None and page.conversations:
        open_conversation(dataset_id, page.conversations[0].conversation_id)
    opened = opened_conversation(dataset_id)
    with st.sidebar:
        st.header(words.CONVERSATIONS, anchor=False)
        st.button(
            words.NEW_CONVERSATION,
            key="chat.new",
            icon=":material/add_comment:",
            width="stretch",
            on_click=open_conversation,
            args=(dataset_id, None),
        )
        if not page.conversations:
            st.caption(words.CONVERSATIONS_EMPTY)
        for conversation in page.conversations:
            st.button(
                plain_text(conversation_line(conversation)),
                key=f"chat.open.{conversation.conversation_id}",
                type="primary" if conversation.conversation_id == opened else "tertiary",
                width="stretch",
                on_click=open_conversation,
                args=(dataset_id, conversation.conversation_id),
            )


def show_management(conversation: Conversation, when_deleted: Callable[[], None] | None = None) -> None:
    """Draws what can be done with a conversation."""
    with st.expander(words.MANAGE, icon=":material/more_horiz:"):
        _show_rename(conversation)
        with st.container(horizontal=True):
            _show_export(conversation, words.EXPORT_MARKDOWN, "markdown", "md", ":material/description:")
            _show_export(conversation, words.EXPORT_NOTEBOOK, "notebook", "ipynb", ":material/code_blocks:")
        _show_delete(conversation, when_deleted)


def _show_export(
    conversation: Conversation, label: str, kind: Literal["markdown", "notebook"], ending: str, icon: str
) -> None:
    st.download_button(
        label,
        partial(state.chat().export_conversation, conversation.conversation_id, kind),
        f"{conversation.title}.{ending}",
        key=f"export.{kind}.{conversation.conversation_id}",
        on_click="ignore",
        icon=icon,
    )


def _show_rename(conversation: Conversation) -> None:
    with st.form(f"rename.{conversation.conversation_id}", border=False):
        title = st.text_input(words.RENAME_TITLE, conversation.title)
        can_be = fits(words.RENAME_TITLE, title, _MOST_TITLE, may_be_empty=False)
        if st.form_submit_button(words.RENAME) and can_be:
            start_over(_RENAME)
            state.remember(_RENAME, (conversation.conversation_id, title.strip()))
    wanted = state.recall(_RENAME, tuple)
    if wanted is not None and wanted[0] == conversation.conversation_id:
        renamed = ask(_RENAME, lambda: state.chat().rename_conversation(*wanted))
        if renamed is not None:
            state.forget(_RENAME)
            st.rerun()


def _show_delete(conversation: Conversation, when_deleted: Callable[[], None] | None) -> None:
    is_sure = st.checkbox(words.DELETE_SURE, key=f"chat.sure.{conversation.conversation_id}")
    if st.button(words.DELETE, key="chat.delete.button", disabled=not is_sure, icon=":material/delete:"):
        start_over(_DELETE)
        state.remember(_DELETE, conversation.conversation_id)
    if state.recall(_DELETE, str) == conversation.conversation_id:
        deleted = ask(_DELETE, lambda: state.chat().delete_conversation(conversation.conversation_id))
        if deleted is not None:
            state.forget(_DELETE)
            if opened_conversation(conversation.dataset_id) == conversation.conversation_id:
                open_conversation(conversation.dataset_id, None)
            if when_deleted is not None:
                when_deleted()
            st.rerun()


def conversation_line(conversation: Conversation) -> str:
    """Returns a conversation as lists show it."""
    title = conversation.title
    shown = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
    return words.CONVERSATION_LINE.format(title=shown, updated=moment_text(conversation.updated_at))
