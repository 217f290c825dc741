"""The open dataset: chosen here, kept in the address and a cookie, and leased while the page shows it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

import streamlit as st

from streamlit_client import address, cookies, state, texts, texts_datasets
from streamlit_client.backend.contract_datasets import Dataset, Profile
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import show_download
from streamlit_client.parts.wording import moment_text
from streamlit_client.server.browser_id import session_id

COOKIE = "open_dataset"
_LEASED, _CHOICE = "dataset.leased", "dataset.choice"
_HEARTBEAT_SECONDS = 30.0
_MOST_LISTED = 100
_GONE = (404, 422)  # deleted, or not an id
_DELETED = "DATASET_NOT_FOUND"


def choose_dataset() -> Profile | None:
    """Draws the choice of a dataset and returns its profile, or None."""
    page = ask("open.list", lambda: state.datasets().list(limit=_MOST_LISTED), waiting=texts.LOADING)
    if page is None:
        return None
    if not page.datasets:
        st.info(texts_datasets.NOTHING_TO_CHOOSE, icon=":material/upload_file:")
        if st.button(texts_datasets.GO_UPLOAD, key="open.upload", type="primary"):
            st.switch_page("app_pages/datasets.py")
        return None
    by_id: dict[str, Dataset] = {dataset.dataset_id: dataset for dataset in page.datasets}
    named = address.find(address.DATASET)
    question = address.find(address.QUESTION) if named else address.recall(address.QUESTION)
    wanted = address.recall(address.DATASET) or cookies.find_id(COOKIE)
    if wanted is not None and wanted not in by_id:
        older = ask("open.older", lambda: _find_older(wanted), waiting=texts.LOADING)
        if older is None:
            return None
        by_id = {dataset.dataset_id: dataset for dataset in older} | by_id
    known, labels = list(by_id), choice_labels(by_id.values())
    # A missing dataset in the address is not replaced by another, which could be mistaken for it.
    state.remember(_CHOICE, wanted if wanted in by_id else None if named else known[0])
    chosen = st.selectbox(
        texts_datasets.CHOOSE,
        known,
        index=None,
        placeholder=texts_datasets.CHOOSE_PLACEHOLDER,
        format_func=labels.__getitem__,
        key=_CHOICE,
        on_change=_open_chosen,
    )
    if chosen is None:
        st.warning(texts_datasets.GONE, icon=":material/search_off:")
        return None
    cookies.keep(COOKIE, chosen)
    address.put(dataset=chosen, q=question)
    return find_open(chosen)


def go_to(page: str, dataset_id: str) -> NoReturn:
    """Switches to another page with this dataset open."""
    st.switch_page(page, query_params={address.DATASET: dataset_id})


def _open_chosen() -> None:
    # These belong to the previous dataset.
    address.put(dataset=st.session_state[_CHOICE], arguments=None, conversation=None, second=None, q=None)


def find_open(dataset_id: str) -> Profile | None:
    """Returns the profile of the open dataset, and keeps a lease on it while the page shows it."""
    profile = ask(f"open.{dataset_id}", lambda: state.datasets().get_profile(dataset_id), waiting=texts.LOADING)
    if profile is not None:
        keep_lease(dataset_id)
    return profile


def release_dataset() -> None:
    """Releases the lease of this session. Called by pages that use no dataset."""
    leased = state.take(_LEASED, str)
    if leased is None:
        return
    try:
        state.datasets().release_lease(leased, session_id())
    except GatewayError:
        return  # the lease expires by itself


@st.fragment(run_every=_HEARTBEAT_SECONDS)
def keep_lease(dataset_id: str) -> None:
    """Keeps a lease on a dataset while the page shows it."""
    previous = state.recall(_LEASED, str)
    if previous is not None and previous != dataset_id:
        release_dataset()
    try:
        state.datasets().acquire_lease(dataset_id, session_id())
    except GatewayError as error:
        if isinstance(error, GatewayRefused) and error.code == _DELETED:
            st.rerun()  # the rerun shows that it is deleted
        return  # retried at the next heartbeat; other calls show an outage
    state.remember(_LEASED, dataset_id)


def show_dataset_download(profile: Profile) -> None:
    """Draws a button that fetches the data as CSV when pressed."""
    show_download(
        texts_datasets.DOWNLOAD,
        lambda: state.datasets().read_csv(profile.dataset_id),
        f"{profile.name}.csv",
        key=f"dataset.download.{profile.dataset_id}",
        icon=":material/download:",
    )


def _find_older(dataset_id: str) -> Sequence[Dataset]:
    """Returns a dataset that is too old for the list, or nothing if it was deleted."""
    try:
        return [state.datasets().get_profile(dataset_id)]
    except GatewayRefused as refusal:
        if refusal.status not in _GONE:
            raise
        return []


def choice_labels(datasets: Iterable[Dataset]) -> Mapping[str, str]:
    """Returns a unique label for each dataset, by id.

    Equal labels are numbered by age, so that a new dataset renames no other.
    """
    labels: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for dataset in sorted(datasets, key=lambda dataset: (dataset.uploaded_at, dataset.dataset_id)):
        label = texts_datasets.CHOICE_LABEL.format(
            name=dataset.name, rows=dataset.rows, uploaded=moment_text(dataset.uploaded_at)
        )
        seen[label] += 1
        again = texts_datasets.CHOICE_AGAIN.format(label=label, number=seen[label])
        labels[dataset.dataset_id] = again if seen[label] > 1 else label
    return labels
