"""The page 시각화: a chosen dataset in charts and on a map."""

import streamlit as st

from streamlit_client import texts_explore
from streamlit_client.explore.tabs import show_dataset
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.open_dataset import choose_dataset

st.title(texts_explore.TITLE, anchor=False)
st.caption(texts_explore.INTRO)
profile = choose_dataset()
if profile is not None:
    name_page(profile.name, texts_explore.PAGE)
    show_dataset(profile)
