import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_client import texts, texts_chat
from streamlit_client.theme import streamlit_theme
from tests.open_pages import OpenPage
from tests.ui.real_gateway import RealGateway


@pytest.mark.parametrize(("status", "word"), [("healthy", "정상"), ("degraded", "일부 이상"), ("unhealthy", "이상")])
def test_sidebar_tells_the_state_of_the_back_end_and_of_each_part(
    open_page: OpenPage, gateway: RealGateway, status: str, word: str
) -> None:
    gateway.set_health(status)
    at = open_page()
    state, key = at.sidebar.expander
    assert key.label == texts_chat.KEY_HEADING
    assert state.label == f"서버 {word}"
    lines = [caption.value for caption in state.caption]
    assert len(lines) == len(texts.PART_NAMES)
    assert re.search(r"배치 작업자 · 정상 · \d+ ms" if status == "healthy" else "배치 작업자 · 이상", " ".join(lines))


def test_sidebar_tells_that_the_back_end_is_away(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.stop()
    state, _key = open_page().sidebar.expander
    assert state.label == "서버 연결 안 됨"


def test_clicks_share_one_look_at_the_back_end(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.run()
    at.run()
    assert len(gateway.calls("GET", "/health")) == 1


def test_unforeseen_fault_becomes_a_sentence_and_a_number() -> None:
    def page() -> None:
        from streamlit_client.parts.boundary import show_unforeseen

        assert show_unforeseen(RuntimeError("secret detail"))

    at = AppTest.from_function(page).run()
    assert [error.value for error in at.error] == [texts.UNFORESEEN]
    assert "`" in at.caption[0].value
    assert "secret" not in at.caption[0].value


@pytest.mark.parametrize("option", sorted(streamlit_theme()))
def test_theme_names_only_options_that_streamlit_has(option: str) -> None:
    st.get_option(option)  # raises for one that it has not
