from collections.abc import Iterator

import pytest
import streamlit as st

from streamlit_client import state
from tests.ui.fake_gateway import FakeGateway
from tests.unit.streamlit_client.kept_datasets import KeptDatasets


@pytest.fixture
def fake_gateway() -> Iterator[FakeGateway]:
    gateway = FakeGateway()
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptDatasets]:
    """Datasets in memory that the page asks for."""
    datasets = KeptDatasets()
    monkeypatch.setattr(state, "datasets", lambda: datasets)
    state.settings.cache_clear()
    yield datasets
    state.settings.cache_clear()
    st.cache_resource.clear()
