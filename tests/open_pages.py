"""The pages as a person uses them, drawn in this process against a gateway."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import streamlit_client
from streamlit_client import state
from tests.chosen_file import send_without_browser
from tests.patience import PATIENCE_SECONDS

APP = Path(streamlit_client.__path__[0]) / "app.py"
OpenPage = Callable[..., AppTest]


@contextmanager
def pages_of(gateway_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Yields what opens a page in a new session of a browser; `key` is the Anthropic key of the environment."""
    monkeypatch.setenv("BACKEND_URL", gateway_url)
    send_without_browser(monkeypatch)
    forget_process()

    def open_page(page: str = "predict", *, key: str = "", **query: str) -> AppTest:
        monkeypatch.setenv("ANTHROPIC_API_KEY", key)
        state.settings.cache_clear()
        at = AppTest.from_file(APP, default_timeout=PATIENCE_SECONDS)
        is_first = page in ("predict", "shared")
        if is_first:
            at.query_params.update(query)
        at.run()
        if not is_first:
            at.switch_page(f"app_pages/{page}.py")
            at.query_params.update(query)
            at.run()
        assert not at.exception
        return at

    try:
        yield open_page
    finally:
        forget_process()


def forget_process() -> None:
    """Makes what a process keeps for all its sessions new."""
    for kept in (state.settings, state.gateway, state.datasets, state.chat, state.known_model):
        kept.cache_clear()
    st.cache_data.clear()
    st.cache_resource.clear()
