from collections.abc import Iterator

import pytest
import streamlit as st

from streamlit_client import state
from tests.ui.real_gateway import RealGateway
from tests.unit.streamlit_client.kept_datasets import KeptDatasets


@pytest.fixture
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptDatasets]:
    """Datasets in memory that the page asks for."""
    datasets = KeptDatasets()
    monkeypatch.setattr(state, "datasets", lambda: datasets)
    state.settings.cache_clear()
    yield datasets
    state.settings.cache_clear()
    st.cache_resource.clear()
