from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import streamlit_client
from streamlit_client import state, texts_chat, texts_datasets
from tests.patience import PATIENCE_SECONDS
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

APP = Path(streamlit_client.__path__[0]) / "app.py"


@pytest.fixture
def visitor(kept: KeptDatasets, gateway: RealGateway, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of a person who came by a link."""
    monkeypatch.setenv("BACKEND_URL", gateway.url)
    for process_wide in (state.settings, state.gateway, state.known_model):
        process_wide.cache_clear()
    at = AppTest.from_file(APP, default_timeout=PATIENCE_SECONDS)
    at.query_params["share"] = kept.add(pd.DataFrame({"값": [1, 2]}))
    at.run()
    assert not at.exception
    return at


def test_visitor_holds_the_dataset_while_looking_and_lets_go_when_leaving(visitor: AppTest, kept: KeptDatasets) -> None:
    held = set(kept.leases)
    assert [dataset_id for dataset_id, _ in held] == list(kept.frames)
    visitor.run()
    assert kept.leases == held
    visitor.button("shared.leave").click().run()
    assert not visitor.exception
    assert kept.leases == set()


def test_visitor_without_a_key_is_told_of_no_page_that_is_not_theirs(visitor: AppTest) -> None:
    visitor.session_state["shared.tabs"] = texts_datasets.SHARED_TABS[1]
    said = texts_of(visitor.run())
    assert texts_chat.KEY_NEEDED in said
    assert texts_chat.TOOLS_PAGE not in said
