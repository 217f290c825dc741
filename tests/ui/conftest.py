from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import streamlit_client
from streamlit_client import state
from tests.chosen_file import send_without_browser
from tests.patience import PATIENCE_SECONDS
from tests.ui.real_gateway import RealGateway

APP = Path(streamlit_client.__path__[0]) / "app.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture
def open_page(gateway: RealGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens the page in a new session, as the environment says: by default an hour passes before a new try."""
    monkeypatch.setenv("BACKEND_URL", gateway.url)
    monkeypatch.setenv("PAGE_RETRY_SECONDS", "3600")
    send_without_browser(monkeypatch)
    _forget_process()

    def open_(page: str = "predict", **query: str) -> AppTest:
        at = AppTest.from_file(APP, default_timeout=PATIENCE_SECONDS)
        if page == "predict":
            at.query_params.update(query)
        at.run()
        if page != "predict":
            at.switch_page(f"app_pages/{page}.py")
            at.query_params.update(query)
            at.run()
        assert not at.exception
        return at

    yield open_
    _forget_process()


def _forget_process() -> None:
    """Makes what a process keeps for all its sessions new."""
    for kept in (state.settings, state.gateway, state.datasets, state.chat, state.known_model):
        kept.cache_clear()
    st.cache_data.clear()
