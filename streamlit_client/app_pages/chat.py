"""The page 채팅: questions about a chosen dataset."""

import streamlit as st

from streamlit_client import texts_chat
from streamlit_client.chat.chat import show_chat
from streamlit_client.chat.conversation_list import open_dataset_of_conversation
from streamlit_client.chat.other_conversations import show_other_conversations, show_read_conversation
from streamlit_client.chat.settings import show_chat_settings
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.open_dataset import choose_dataset

st.title(texts_chat.TITLE, anchor=False)
st.caption(texts_chat.INTRO)
with st.sidebar:
    show_chat_settings()
listen = None
if not show_read_conversation():
    open_dataset_of_conversation()
    profile = choose_dataset()
    if profile is not None:
        name_page(profile.name, texts_chat.PAGE)
        listen = show_chat(profile)
show_other_conversations()
if listen is not None:
    listen()
