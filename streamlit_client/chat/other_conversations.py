"""Read-only conversations of this browser about any dataset, which may have been deleted."""

from functools import partial

import streamlit as st

from streamlit_client import address, state, texts, texts_chat
from streamlit_client.chat.conversation_list import conversation_line, show_management
from streamlit_client.chat.messages import show_message
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import show_paging
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.server.browser_id import client_id

_PAGE_SIZE = 20
_PAGE = "chat.others.page"


def show_other_conversations() -> None:
    """Draws the collapsed list of all conversations in the sidebar, in pages."""
    with st.sidebar, st.expander(texts_chat.OTHER_CONVERSATIONS, icon=":material/history:"):
        number = state.recall(_PAGE, int) or 0
        page = ask(
            f"conversations.all.{number}",
            lambda: state.chat().list_conversations(client_id(), limit=_PAGE_SIZE, offset=number * _PAGE_SIZE),
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
                on_click=_read,
                args=(conversation.conversation_id,),
            )
        has_more = (number + 1) * _PAGE_SIZE < page.total
        show_paging("chat", number, partial(state.remember, _PAGE), has_more=has_more)


def show_read_conversation() -> bool:
    """Draws the conversation chosen from the list, read-only. Returns False if none is chosen."""
    conversation_id = address.find(address.READ)
    if conversation_id is None:
        return False
    st.button(texts_chat.BACK_TO_CHAT, key="chat.back", icon=":material/arrow_back:", on_click=_read, args=(None,))
    conversation = ask(
        f"conversation.{conversation_id}", lambda: state.chat().get_conversation(conversation_id), waiting=texts.LOADING
    )
    if conversation is not None:
        st.header(plain_text(conversation.title), anchor=False)
        st.caption(texts_chat.READ_ONLY.format(dataset=plain_text(conversation.dataset_name)))
        show_management(conversation, when_deleted=lambda: _read(None))
        for message in conversation.messages:
            show_message(message, conversation.dataset_id, may_ask=False)
    return True


def _read(conversation_id: str | None) -> None:
    address.put(read=conversation_id)
