"""The landing page of a share link: a read-only view of a dataset."""

import streamlit as st

from streamlit_client import address, state, texts, texts_datasets
from streamlit_client.backend.contract_datasets import SharedDataset
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.chat.chat import show_chat
from streamlit_client.chat.settings import show_chat_settings
from streamlit_client.explore.tabs import show_dataset
from streamlit_client.parts.asking import ask, is_worth_repeating
from streamlit_client.parts.elements import name_page
from streamlit_client.parts.open_dataset import keep_lease, show_dataset_download
from streamlit_client.parts.shared_link import PARAMETER, VIEW_TABS, leave_with
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.wording import moment_text

_OPENED = "shared.opened"
_LOOK_SECONDS = 5.0
_GONE = ("SHARE_LINK_EXPIRED", "SHARE_LINK_NOT_FOUND")


def find_shared(token: str) -> SharedDataset | None:
    """Returns the dataset of a link, opened once per session; switches to the main page if the link is not valid."""
    opened = state.recall(_OPENED, tuple)
    if opened is not None and opened[0] == token:
        shared: SharedDataset = opened[1]
        return shared

    def open_link() -> SharedDataset | GatewayRefused:
        try:
            return state.datasets().open_link(token)
        except GatewayRefused as refusal:
            if refusal.code not in _GONE:
                raise
            return refusal

    answer = ask("shared", open_link, waiting=texts.LOADING)
    if isinstance(answer, GatewayRefused):
        leave_with(answer.sentence)
    if answer is not None:
        state.remember(_OPENED, (token, answer))
    return answer


@st.fragment(run_every=_LOOK_SECONDS)
def leave_when_it_ends(token: str) -> None:
    """Switches to the main page once the link or its dataset no longer exists, even if its data are cached here."""
    try:
        state.datasets().check_link(token)
    except GatewayError as error:
        if not is_worth_repeating(error):
            state.forget(_OPENED)
            leave_with(error.sentence)


token = st.query_params.get(PARAMETER, "")
shared = find_shared(token)
if shared is not None:
    leave_when_it_ends(token)
    keep_lease(shared.dataset_id)
    with st.sidebar:
        show_chat_settings()
    name_page(shared.name, texts_datasets.SHARED_PAGE)
    st.title(plain_text(shared.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(texts_datasets.SHARED_NOTE.format(expires=moment_text(shared.expires_at)))
        show_dataset_download(shared)
        if st.button(texts_datasets.SHARED_LEAVE, key="shared.leave", icon=":material/home:"):
            leave_with(None)
    if shared.description:
        st.text(shared.description)
    look_tab, chat_tab = address.tabs(texts_datasets.SHARED_TABS, VIEW_TABS, "view")
    with look_tab:
        show_dataset(shared, can_pair=False)
    with chat_tab:
        if chat_tab.open:
            show_chat(shared)()
