"""The page 시각화: a chosen dataset in charts and on a map."""

import streamlit as st

from streamlit_client import texts_explore as words
from streamlit_client.components.explore import show_dataset
from streamlit_client.components.open_dataset import choose_dataset

st.title(words.TITLE)
st.caption(words.INTRO)
profile = choose_dataset()
if profile is not None:
    show_dataset(profile)
