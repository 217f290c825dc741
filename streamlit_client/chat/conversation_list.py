"""The conversations of this browser: open, begin, rename, delete, download."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal

import streamlit as st

from streamlit_client import address, state, texts_chat
from streamlit_client.backend.contract_chat import Conversation, ConversationPage
from streamlit_client.backend.gateway_client import GatewayError
from streamlit_client.parts.asking import ask, ask_once
from streamlit_client.parts.elements import is_fitting, recall_cursors, show_cursor_paging, show_download
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.wording import moment_text
from streamlit_client.server.browser_id import client_id

_NEW = "new"
_PAGE_SIZE = 30
_LOOK_SECONDS = 2.0
_LONGEST_TITLE = 28
_MOST_TITLE = 200


def open_conversation(conversation_id: str | None) -> None:
    """Opens a conversation; None begins a new one."""
    address.put(conversation=conversation_id or _NEW)


def open_dataset_of_conversation() -> None:
    """Opens the dataset of the conversation in the address, if the address names no dataset."""
    named = address.find(address.CONVERSATION)
    if named in (None, _NEW) or address.find(address.DATASET):
        return
    with suppress(GatewayError):  # the rest of the page shows the error
        address.put(dataset=state.chat().read_conversation(str(named)).dataset_id)


def show_conversations(dataset_id: str) -> str | None:
    """Draws the list in the sidebar. Returns the open conversation; None for a new one.

    It is the one in the address, by default the latest.
    """
    named = address.recall(address.CONVERSATION)
    opened = None if named == _NEW else named
    cursors = recall_cursors(f"conversations.{dataset_id}")
    page = ask(f"conversations.{dataset_id}", partial(_list, dataset_id, cursors), is_aside=True)
    if page is None:
        return opened
    if named is None and page.conversations:
        opened = page.conversations[0].conversation_id
    open_conversation(opened)
    with st.sidebar:
        st.header(texts_chat.CONVERSATIONS, anchor=False)
        st.button(
            texts_chat.NEW_CONVERSATION,
            key="chat.new",
            icon=":material/add_comment:",
            width="stretch",
            on_click=open_conversation,
            args=(None,),
        )
        if not page.conversations:
            st.caption(texts_chat.CONVERSATIONS_EMPTY)
        for conversation in page.conversations:
            st.button(
                plain_text(conversation_line(conversation)),
                key=f"chat.open.{conversation.conversation_id}",
                icon="spinner" if conversation.is_being_answered else None,
                type="primary" if conversation.conversation_id == opened else "tertiary",
                width="stretch",
                on_click=open_conversation,
                args=(conversation.conversation_id,),
            )
        show_cursor_paging(f"conversations.{dataset_id}", cursors, page.next)
    answered = {item.conversation_id for item in page.conversations if item.is_being_answered}
    if answered:
        _look_for_changes(dataset_id, cursors, answered)
    return opened


def _list(dataset_id: str, cursors: Sequence[str]) -> ConversationPage:
    after = cursors[-1] if cursors else None
    return state.chat().list_conversations(client_id(), dataset_id=dataset_id, limit=_PAGE_SIZE, after=after)


@st.fragment(run_every=_LOOK_SECONDS)
def _look_for_changes(dataset_id: str, cursors: Sequence[str], answered: set[str]) -> None:
    """Reruns the page when the set of conversations being answered changes. Draws nothing itself."""
    try:
        page = _list(dataset_id, cursors)
    except GatewayError:
        return  # retried at the next poll
    if answered != {item.conversation_id for item in page.conversations if item.is_being_answered}:
        st.rerun()


def show_management(conversation: Conversation, when_deleted: Callable[[], None] | None = None) -> None:
    """Draws the actions for a conversation."""
    with st.expander(texts_chat.MANAGE, icon=":material/more_horiz:"):
        _show_rename(conversation)
        with st.container(horizontal=True):
            _show_export(conversation, texts_chat.EXPORT_MARKDOWN, "markdown", "md", ":material/description:")
            _show_export(conversation, texts_chat.EXPORT_NOTEBOOK, "notebook", "ipynb", ":material/code_blocks:")
            show_download(
                texts_chat.EXPORT_DATA,
                partial(state.datasets().read_csv, conversation.dataset_id, guard="off"),
                f"{conversation.dataset_name}.csv",
                key=f"export.data.{conversation.conversation_id}",
                help=texts_chat.EXPORT_DATA_HELP,
                icon=":material/csv:",
            )
        _show_delete(conversation, when_deleted)


def _show_export(
    conversation: Conversation, label: str, kind: Literal["markdown", "notebook"], ending: str, icon: str
) -> None:
    show_download(
        label,
        partial(state.chat().export_conversation, conversation.conversation_id, kind),
        f"{conversation.title}.{ending}",
        mime=None,
        key=f"export.{kind}.{conversation.conversation_id}",
        icon=icon,
    )


def _show_rename(conversation: Conversation) -> None:
    with st.form(f"rename.{conversation.conversation_id}", border=False):
        title = st.text_input(texts_chat.RENAME_TITLE, conversation.title)
        can_be = is_fitting(texts_chat.RENAME_TITLE, title, _MOST_TITLE, may_be_empty=False)
        is_pressed = st.form_submit_button(texts_chat.RENAME) and can_be
    conversation_id = conversation.conversation_id

    def rename(title: str) -> Conversation:
        return state.chat().rename_conversation(client_id(), conversation_id, title)

    if ask_once("chat.rename", conversation_id, title.strip(), rename, is_pressed=is_pressed) is not None:
        st.rerun()


def _show_delete(conversation: Conversation, when_deleted: Callable[[], None] | None) -> None:
    is_sure = st.checkbox(texts_chat.DELETE_SURE, key=f"chat.sure.{conversation.conversation_id}")
    is_pressed = st.button(texts_chat.DELETE, key="chat.delete.button", disabled=not is_sure, icon=":material/delete:")

    def delete(conversation_id: str) -> Conversation:
        return state.chat().delete_conversation(client_id(), conversation_id)

    conversation_id = conversation.conversation_id
    if ask_once("chat.delete", conversation_id, conversation_id, delete, is_pressed=is_pressed) is not None:
        if address.recall(address.CONVERSATION) == conversation_id:
            open_conversation(None)
        if when_deleted is not None:
            when_deleted()
        st.rerun()


def conversation_line(conversation: Conversation) -> str:
    """Returns the label of a conversation in lists."""
    title = conversation.title
    shown = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
    if conversation.is_being_answered:
        return texts_chat.CONVERSATION_BEING_ANSWERED.format(title=shown)
    return texts_chat.CONVERSATION_LINE.format(title=shown, updated=moment_text(conversation.updated_at))
