"""The page listens to answers: a click elsewhere only ends the listening, and the button alone stops the turn."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import state, texts_chat
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_chat import ANSWER, KeptChat
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

Open = Callable[..., AppTest]


def page() -> None:
    import streamlit as st

    from streamlit_client import state
    from streamlit_client.chat.chat import show_chat

    if st.toggle("elsewhere"):
        st.text("another page")
    else:
        show_chat(state.datasets().get_profile(st.session_state["dataset_id"]))()


def reading_page() -> None:
    from streamlit_client.chat.other_conversations import show_read_conversation

    show_read_conversation()


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> KeptChat:
    chat = KeptChat()
    monkeypatch.setattr(state, "chat", lambda: chat)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-anything-goes")
    return chat


@pytest.fixture
def dataset_id(kept: KeptDatasets) -> str:
    return kept.add(pd.DataFrame({"사고유형": ["차대차", "차대사람"]}))


@pytest.fixture
def open_page(chat: KeptChat, dataset_id: str) -> Open:
    """Opens the chat in a new session, at an address."""

    def open_(**address: str) -> AppTest:
        at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
        at.session_state["dataset_id"] = dataset_id
        at.query_params.update(address)
        at.run()
        assert not at.exception
        return at

    return open_


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def said(at: AppTest) -> list[str]:
    return [message.name for message in at.chat_message]


def stop_buttons(at: AppTest) -> list[str]:
    return [str(button.key) for button in at.button if button.label == texts_chat.STOP]


def test_answer_is_drawn_while_it_comes_and_the_address_names_its_conversation(open_page: Open, chat: KeptChat) -> None:
    at = open_page()
    at.chat_input[0].set_value("언제 가장 많아?")
    run(at)
    assert said(at) == ["user", "assistant"]
    assert ANSWER in texts_of(at)
    assert at.query_params["conversation"] == next(iter(chat.kept))
    assert not stop_buttons(at)


def test_click_elsewhere_ends_the_listening_and_coming_back_goes_on(open_page: Open, chat: KeptChat) -> None:
    at, chat.hears = open_page(), "cut"
    at.chat_input[0].set_value("언제 가장 많아?")
    run(at)
    assert "18시에 " in texts_of(at)
    assert at.chat_input[0].disabled
    at.toggle[0].set_value(True)
    run(at)
    assert (chat.listening, chat.stopped) == (0, [])

    chat.hears = "whole"
    at.toggle[0].set_value(False)
    run(at)
    assert said(at) == ["user", "assistant"]
    assert ANSWER in texts_of(at)
    assert (len(chat.asked), len(chat.watched), chat.stopped) == (1, 1, [])
    assert not at.chat_input[0].disabled


def test_reload_and_another_tab_watch_the_answer_under_way(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    conversation_id, question_id = chat.begin(dataset_id)
    chat.end(chat.begin(dataset_id, "더 새로운 대화")[1])
    chat.hears = "cut"
    tabs = [open_page(conversation=conversation_id) for _ in range(2)]
    assert chat.watched == [question_id] * 2
    for at in tabs:
        assert said(at) == ["user", "assistant"]
        assert "18시에 " in texts_of(at)
        assert texts_chat.CONVERSATION_BEING_ANSWERED.format(title="질문") in [
            button.label for button in at.sidebar.button
        ]


def test_button_stops_the_turn(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    _, question_id = chat.begin(dataset_id)
    chat.hears = "cut"
    at = open_page()
    (key,) = stop_buttons(at)
    at.button(key).click()
    run(at)
    assert (chat.stopped, chat.listening) == ([question_id], 0)
    assert texts_chat.STOPPED in texts_of(at)
    assert not stop_buttons(at)
    assert not at.chat_input[0].disabled


def test_turn_that_cannot_be_stopped_is_said_and_goes_on(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    chat.begin(dataset_id)
    chat.hears, chat.cannot_stop = "cut", True
    at = open_page()
    at.button(stop_buttons(at)[0]).click()
    run(at)
    assert [error.value for error in at.error] == ["서버에 연결할 수 없습니다."]
    assert stop_buttons(at)


def test_lost_connection_is_tried_again_after_a_while(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    chat.begin(dataset_id)
    chat.hears = "lost"
    at = open_page()
    assert texts_chat.LISTENING_LOST in texts_of(at)
    assert len(chat.watched) == 1
    chat.hears = "whole"
    run(at)
    assert ANSWER in texts_of(at)


def test_every_question_under_way_is_followed_in_its_turn(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    conversation_id, first = chat.begin(dataset_id, "하나?")
    _, second = chat.begin(dataset_id, "둘?", conversation_id)
    at = open_page()
    assert chat.watched == [first, second]
    assert said(at) == ["user", "user", "assistant", "assistant"]


def test_new_conversation_stays_new_after_a_reload(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    chat.end(chat.begin(dataset_id)[1])
    at = open_page()
    at.button("chat.new").click()
    run(at)
    assert said(at) == []
    assert said(open_page(**at.query_params)) == []


def test_address_of_a_conversation_about_other_data_opens_none_of_them(
    open_page: Open, chat: KeptChat, kept: KeptDatasets, dataset_id: str
) -> None:
    foreign = chat.end(chat.begin(kept.add(pd.DataFrame({"값": [1]})), "남의 질문")[1])
    ours = chat.end(chat.begin(dataset_id, "우리 질문")[1])
    at = open_page(conversation=foreign)
    assert at.query_params["conversation"] == ours
    assert "남의 질문" not in texts_of(at)


def test_address_of_a_conversation_that_is_gone_says_so(open_page: Open, chat: KeptChat, dataset_id: str) -> None:
    chat.end(chat.begin(dataset_id)[1])
    at = open_page(conversation="gone")
    assert [error.value for error in at.error] == ["대화를 찾을 수 없습니다."]
    assert said(at) == []


def test_long_conversation_opens_with_its_latest_questions_and_shows_earlier_ones_when_asked(
    open_page: Open, chat: KeptChat, dataset_id: str
) -> None:
    conversation_id = chat.keep_long(dataset_id, 150)
    at = open_page()
    shown = []
    for _ in range(3):
        shown.append((len(said(at)), texts_of(at).count("질문 149"), "질문 50" in texts_of(at)))
        at.button(f"chat.earlier.{conversation_id}").click()
        run(at)
    assert shown == [(20, 1, False), (80, 1, False), (140, 1, False)]
    assert len(said(at)) == 200
    assert "질문 50" in texts_of(at)
    whole = at.button(f"chat.earlier.{conversation_id}")
    assert whole.label == texts_chat.EARLIER_PAGES
    whole.click()
    run(at)
    assert at.query_params["read"] == conversation_id


def test_conversation_is_read_to_its_beginning_in_pages(chat: KeptChat, dataset_id: str) -> None:
    conversation_id = chat.keep_long(dataset_id, 50)
    at = AppTest.from_function(reading_page, default_timeout=PATIENCE_SECONDS)
    at.query_params["read"] = conversation_id
    run(at)
    pages = [texts_of(at)]
    while not (older := at.button(f"read.{conversation_id}.older")).disabled:
        older.click()
        pages.append(texts_of(run(at)))
    # The first question is the title, which every page has.
    numbers = [[number for number in range(1, 50) if f"질문 {number}" in page.splitlines()] for page in pages]
    assert numbers == [[*range(30, 50)], [*range(10, 30)], [*range(1, 10)]]
