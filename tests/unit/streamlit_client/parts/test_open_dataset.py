from collections.abc import Callable

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_datasets
from streamlit_client.backend.gateway_client import GatewayRefused
from streamlit_client.parts.open_dataset import COOKIE
from streamlit_client.server import browser_id
from tests.patience import PATIENCE_SECONDS
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

FRAME = pd.DataFrame({"값": [1]})
MORE_THAN_LISTED = 101
BROWSER = "0d3c86a4-9c8b-4b37-8a1a-3f2f60a7e8f1"


def page() -> None:
    import streamlit as st

    from streamlit_client.parts.open_dataset import choose_dataset, release_dataset

    if st.toggle("elsewhere"):
        release_dataset()
    else:
        profile = choose_dataset()
        st.text("" if profile is None else profile.dataset_id)


@pytest.fixture
def open_in_browser(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the choice in a new tab of a browser that remembers a dataset."""

    def open_(remembered: str, **address: str) -> AppTest:
        monkeypatch.setattr(type(st.context), "cookies", {COOKIE: remembered, browser_id.COOKIE: BROWSER})
        at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
        at.query_params.update(address)
        return at.run()

    return open_


def test_remembered_dataset_that_is_too_old_for_the_list_stays_open(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest]
) -> None:
    oldest, *newer = [kept.add(FRAME, f"자료 {index}") for index in range(MORE_THAN_LISTED)]
    at = open_in_browser(oldest)
    assert at.text[0].value == oldest
    assert len(at.selectbox[0].options) == MORE_THAN_LISTED
    assert not at.get("html"), "the cookie stays as it is"
    at.selectbox[0].set_value(newer[-1]).run()
    assert at.text[0].value == newer[-1]


@pytest.mark.parametrize("status", [404, 422])
def test_remembered_dataset_that_is_gone_gives_way_to_the_newest(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    newest = kept.add(FRAME)
    get_profile = kept.get_profile

    def refuse(dataset_id: str) -> object:
        if dataset_id == "gone":
            raise GatewayRefused("", "request", status=status)
        return get_profile(dataset_id)

    monkeypatch.setattr(kept, "get_profile", refuse)
    at = open_in_browser("gone")
    assert not at.error
    assert at.text[0].value == newest


def test_remembered_dataset_is_not_forgotten_while_the_server_is_away(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add(FRAME)
    refusal = GatewayRefused("잠시 후 다시 시도해주세요.", "request", status=503)
    listed = kept.list()
    monkeypatch.setattr(kept, "list", lambda limit: listed)

    def refuse(dataset_id: str) -> object:
        raise refusal

    monkeypatch.setattr(kept, "get_profile", refuse)
    at = open_in_browser("away")
    assert (at.text[0].value, at.error[0].value) == ("", refusal.sentence)
    assert not at.get("html")


def test_dataset_of_the_address_is_opened_before_the_remembered_one(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest]
) -> None:
    older, newer = kept.add(FRAME, "옛 자료"), kept.add(FRAME, "새 자료")
    at = open_in_browser(newer, dataset=older)
    assert at.text[0].value == older
    at.selectbox[0].set_value(newer).run()
    assert (at.text[0].value, at.query_params["dataset"]) == (newer, newer)


def test_dataset_of_the_address_that_is_gone_is_told_and_gives_way_to_no_other(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest]
) -> None:
    there = kept.add(FRAME)
    at = open_in_browser(there, dataset="gone")
    assert (at.warning[0].value, at.text[0].value, at.query_params["dataset"]) == (texts_datasets.GONE, "", "gone")
    at.selectbox[0].set_value(there).run()
    assert not at.warning
    assert at.text[0].value == there


def test_tab_that_leaves_takes_nothing_from_another_tab_of_the_browser(
    kept: KeptDatasets, open_in_browser: Callable[..., AppTest]
) -> None:
    dataset_id = kept.add(FRAME)
    one = open_in_browser(dataset_id)
    (ours,) = kept.leases
    open_in_browser(dataset_id)
    assert len(kept.leases) == 2
    assert all(holder.startswith(BROWSER) and len(holder) <= 64 for _, holder in kept.leases)
    one.toggle[0].set_value(True).run()
    assert len(kept.leases) == 1
    assert ours not in kept.leases
