"""The entry script: navigation and sidebar. Streamlit runs it for every interaction."""

from pathlib import Path

import streamlit as st

from streamlit_client import texts, texts_chat, texts_datasets, texts_explore
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.open_dataset import release_dataset
from streamlit_client.parts.shared_link import is_visitor, show_notice
from streamlit_client.parts.sidebar import show_sidebar
from streamlit_client.server.browser_script import tag

_HERE = Path(__file__).parent
_ICON = str(_HERE / "icon.svg")
_PAGES = _HERE / "app_pages"

st.set_page_config(page_icon=_ICON, layout="wide")
if is_visitor():
    chat = st.Page(_PAGES / "shared.py", title=texts_datasets.SHARED_PAGE, icon=":material/share:", default=True)
    uses_dataset = [chat]
    page = st.navigation(uses_dataset)
else:
    chat = st.Page(_PAGES / "chat.py", title=texts_chat.PAGE, icon=":material/chat:")
    uses_dataset = [
        st.Page(_PAGES / "explore.py", title=texts_explore.PAGE, icon=":material/bar_chart:"),
        chat,
        st.Page(_PAGES / "tools.py", title=texts_chat.TOOLS_PAGE, icon=":material/construction:"),
    ]
    page = st.navigation(
        [
            st.Page(_PAGES / "predict.py", title=texts.PREDICT_PAGE, icon=":material/car_crash:", default=True),
            st.Page(_PAGES / "batch.py", title=texts.BATCH_PAGE, icon=":material/table_view:"),
            st.Page(_PAGES / "datasets.py", title=texts_datasets.PAGE, icon=":material/database:"),
            *uses_dataset,
        ]
    )
name_page(page.title)
st.logo(str(_HERE / "logo.svg"), icon_image=_ICON, size="large")
st.html(_HERE / "navigation.html", unsafe_allow_javascript=True)
st.html(tag(), unsafe_allow_javascript=True)
show_sidebar(needs_key=page == chat)
show_notice()
if page not in uses_dataset:
    release_dataset()
page.run()
