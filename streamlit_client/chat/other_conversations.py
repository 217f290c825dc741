"""Read-only conversations of this browser about any dataset, which may have been deleted."""

import streamlit as st

from streamlit_client import address, state, texts, texts_chat
from streamlit_client.chat.conversation_list import conversation_line, show_management
from streamlit_client.chat.messages import show_message
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import recall_cursors, show_cursor_paging
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.server.browser_id import client_id

_PAGE_SIZE, _MOST_QUESTIONS = 20, 20
_LIST = "conversations.all"


def show_other_conversations() -> None:
    """Draws the collapsed list of all conversations in the sidebar, in pages."""
    with st.sidebar, st.expander(texts_chat.OTHER_CONVERSATIONS, icon=":material/history:"):
        cursors = recall_cursors(_LIST)
        page = ask(
            _LIST,
            lambda: state.chat().list_conversations(
                client_id(), limit=_PAGE_SIZE, after=cursors[-1] if cursors else None
            ),
            is_aside=True,
        )
        if page is None:
            return
        for conversation in page.conversations:
            st.button(
                plain_text(
                    texts_chat.OTHER_LINE.format(
                        line=conversation_line(conversation), dataset=conversation.dataset_name
                    )
                ),
                key=f"chat.read.{conversation.conversation_id}",
                type="tertiary",
                width="stretch",
                on_click=read_conversation,
                args=(conversation.conversation_id,),
            )
        show_cursor_paging(_LIST, cursors, page.next)


def show_read_conversation() -> bool:
    """Draws a page of the conversation chosen from the list, read-only. Returns False if none is chosen."""
    conversation_id = address.find(address.READ)
    if conversation_id is None:
        return False
    st.button(
        texts_chat.BACK_TO_CHAT, key="chat.back", icon=":material/arrow_back:", on_click=read_conversation, args=(None,)
    )
    cursors = recall_cursors(f"read.{conversation_id}")
    conversation = ask(
        f"conversation.{conversation_id}",
        lambda: state.chat().read_conversation(
            conversation_id, questions=_MOST_QUESTIONS, after=cursors[-1] if cursors else None
        ),
        waiting=texts.LOADING,
    )
    if conversation is not None:
        st.header(plain_text(conversation.title), anchor=False)
        st.caption(texts_chat.READ_ONLY.format(dataset=plain_text(conversation.dataset_name)))
        show_management(conversation, when_deleted=lambda: read_conversation(None))
        show_cursor_paging(f"read.{conversation_id}", cursors, conversation.next)
        for message in conversation.messages:
            show_message(message, conversation.dataset_id, may_ask=False)
    return True


def read_conversation(conversation_id: str | None) -> None:
    """Opens a conversation read-only; None goes back to the chat."""
    address.put(read=conversation_id)
