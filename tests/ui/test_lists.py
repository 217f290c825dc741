"""Lists show what came since, without a press."""

import pytest
import streamlit as st

from streamlit_client import texts, texts_chat
from tests.open_pages import OpenPage
from tests.ui.real_gateway import RealGateway
from tests.ui.refresh import Refresh, refreshing
from tests.ui.screen import texts_of
from tests.ui.test_batch_page import batch_of
from tests.ui.test_prediction_page import predict


@pytest.fixture
def refresh(monkeypatch: pytest.MonkeyPatch) -> Refresh:
    return refreshing(monkeypatch)


def test_batch_that_another_session_started_is_in_the_list(
    refresh: Refresh, open_page: OpenPage, gateway: RealGateway
) -> None:
    at = open_page("batch")
    assert texts.EARLIER_EMPTY in texts_of(at)
    batch_id = batch_of(gateway, 3)
    refresh(at).button(key=f"batch.open.{batch_id}").click().run()
    assert at.query_params["batch"] == batch_id


def test_batches_are_paged_to_the_oldest_and_back(open_page: OpenPage, gateway: RealGateway) -> None:
    made = [f"batch.open.{batch_of(gateway, 1)}" for _ in range(12)][::-1]
    at = open_page("batch")

    def listed() -> list[str]:
        return [button.key for button in at.button if button.key and button.key.startswith("batch.open.")]

    assert listed() == made[:10]
    at.button(key="batches.older").click().run()
    assert listed() == made[10:]
    at.button(key="batches.newer").click().run()
    assert listed() == made[:10]


def test_prediction_that_another_session_made_is_in_the_history(refresh: Refresh, open_page: OpenPage) -> None:
    at = open_page()
    assert texts.HISTORY_EMPTY in texts_of(at)
    predict(open_page())
    assert len(refresh(at).dataframe[0].value) == 1


def test_chosen_row_of_the_history_stays_while_others_predict(
    refresh: Refresh, open_page: OpenPage, gateway: RealGateway
) -> None:
    at = predict(open_page())
    key = f"history.table.{gateway.newest_prediction()['prediction_id']}"
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(0, texts.ECLO)]}}
    at.run()
    predict(open_page())
    assert len(refresh(at).dataframe[0].value) == 1
    at.button(key="history.again").click().run()
    assert len(at.dataframe[0].value) == 3, "a new prediction is shown"


def test_key_that_a_reload_took_is_asked_for_in_words(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("chat")
    assert f":material/key_off: {texts_chat.KEY_NONE}" in texts_of(at)
    monkeypatch.setattr(type(st.context), "cookies", {"had_key": "1"})
    assert f":material/key_off: {texts_chat.KEY_GONE}" in texts_of(at.run())
