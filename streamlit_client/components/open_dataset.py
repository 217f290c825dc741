"""The dataset a person has open: chosen here, remembered by their browser, marked as in use while it is looked at."""

from collections.abc import Sequence

import streamlit as st

from streamlit_client import cookies, state, texts
from streamlit_client import texts_datasets as words
from streamlit_client.browser_id import session_id
from streamlit_client.components.connection import ask
from streamlit_client.components.wording import moment_text
from streamlit_client.contract_datasets import Dataset, Profile
from streamlit_client.gateway_client import GatewayError, GatewayRefused

COOKIE = "open_dataset"
_OPEN, _LEASED = "dataset.open", "dataset.leased"
_HEARTBEAT_SECONDS = 30.0
_MOST_LISTED = 100
_GONE = (404, 422)  # deleted, or an id that never was one


def choose_dataset() -> Profile | None:
    """Draws the choice and returns what is known of the chosen dataset; None while there is none."""
    page = ask("open.list", lambda: state.datasets().list(limit=_MOST_LISTED), waiting=texts.LOADING)
    if page is None:
        return None
    if not page.datasets:
        st.info(words.NOTHING_TO_CHOOSE, icon=":material/upload_file:")
        if st.button(words.GO_UPLOAD, key="open.upload", type="primary"):
            st.switch_page("app_pages/datasets.py")
        return None
    by_id: dict[str, Dataset] = {dataset.dataset_id: dataset for dataset in page.datasets}
    remembered = opened()
    if remembered is not None and remembered not in by_id:
        older = ask("open.older", lambda: _find_older(remembered), waiting=texts.LOADING)
        if older is None:
            return None
        by_id = {dataset.dataset_id: dataset for dataset in older} | by_id
    known = list(by_id)
    chosen = st.selectbox(
        words.CHOOSE,
        known,
        index=known.index(remembered) if remembered in by_id else 0,
        format_func=lambda dataset_id: _label(by_id[dataset_id]),
    )
    open_dataset(chosen)
    return find_open(chosen)


def opened() -> str | None:
    """Returns the id of the dataset that is or was open in this browser."""
    return state.recall(_OPEN, str) or cookies.find_id(COOKIE)


def open_dataset(dataset_id: str) -> None:
    """Opens a dataset from now on, here and when this browser comes back."""
    if state.recall(_OPEN, str) != dataset_id:
        state.remember(_OPEN, dataset_id)
    cookies.keep(COOKIE, dataset_id)


def find_open(dataset_id: str) -> Profile | None:
    """Returns what is known of the open dataset, and marks it as in use as long as the page shows it."""
    profile = ask(f"open.{dataset_id}", lambda: state.datasets().get_profile(dataset_id), waiting=texts.LOADING)
    if profile is not None:
        keep_lease(dataset_id)
    return profile


def let_go() -> None:
    """Says that this session no longer looks at its dataset; called by pages that use none."""
    leased = state.recall(_LEASED, str)
    if leased is None:
        return
    state.forget(_LEASED)
    try:
        state.datasets().release_lease(leased, session_id())
    except GatewayError:
        return  # it runs out by itself


@st.fragment(run_every=_HEARTBEAT_SECONDS)
def keep_lease(dataset_id: str) -> None:
    """Marks a dataset as in use as long as the page shows it."""
    previous = state.recall(_LEASED, str)
    if previous is not None and previous != dataset_id:
        let_go()
    try:
        state.datasets().acquire_lease(dataset_id, session_id())
    except GatewayError:
        return  # the next beat tries again; what the page shows says itself when the server is away
    state.remember(_LEASED, dataset_id)


def _find_older(dataset_id: str) -> Sequence[Dataset]:
    """Returns a dataset that is too old for the list, or nothing when it is gone."""
    try:
        return [state.datasets().get_profile(dataset_id)]
    except GatewayRefused as refusal:
        if refusal.status not in _GONE:
            raise
        return []


def _label(dataset: Dataset) -> str:
    return words.CHOICE_LABEL.format(name=dataset.name, rows=dataset.rows, uploaded=moment_text(dataset.uploaded_at))
