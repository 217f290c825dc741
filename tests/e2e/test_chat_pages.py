"""A person asks about their data and uses the tools, on the real pages over the real services and a scripted Claude."""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from servicekit.refusals import REFUSALS
from streamlit_client import texts, texts_chat, texts_datasets
from streamlit_client.server.browser_id import COOKIE
from tests.e2e.samples import accidents_csv
from tests.e2e.test_dataset_pages import choose, press, stored
from tests.open_pages import OpenPage
from tests.scripted_messages_api import ScriptedMessagesApi, fails, says
from tests.ui.screen import chart_of, texts_of

KEY = "sk-ant-anything-goes"
QUESTION = "사고가 가장 많은 시간대는?"
# Each test has another content, and other files have smaller ones: nothing is in the cache.
_NUMBERS_OF_ROWS = itertools.count(200)


@pytest.fixture
def dataset_id(api: httpx.Client) -> str:
    return stored(api, f"채팅 {uuid4().hex[:8]}", accidents_csv(next(_NUMBERS_OF_ROWS)))


@pytest.fixture
def scripted(messages_api: ScriptedMessagesApi) -> Iterator[ScriptedMessagesApi]:
    messages_api.start_anew()
    yield messages_api
    messages_api.start_anew()


def open_chat(open_page: OpenPage, dataset_id: str, key: str = KEY) -> AppTest:
    return choose(open_page("chat", key=key), texts_datasets.CHOOSE, dataset_id)


def ask(at: AppTest, question: str) -> AppTest:
    at.chat_input[0].set_value(question).run()
    assert not at.exception
    return at


def fill(at: AppTest, label: str, value: str) -> None:
    """Chooses a value in a form, which does nothing until the form is sent."""
    next(box for box in at.selectbox if box.label == label).set_value(value)


def has_result(at: AppTest) -> bool:
    """Whether a tool has run: its code is offered below what it found."""
    return any(expander.label == texts_chat.CODE for expander in at.expander)


def type_key(at: AppTest, key: str) -> None:
    (field,) = (field for field in at.text_input if field.label == texts_chat.KEY_INPUT)
    field.set_value(key).run()
    assert not at.exception


def listed(api: httpx.Client, at: AppTest, dataset_id: str) -> list[dict[str, Any]]:
    headers = {"X-Client-Id": at.session_state[COOKIE]}
    found = api.get("/api/chat/conversations", params={"dataset_id": dataset_id}, headers=headers).json()
    return list(found["conversations"])


def said(at: AppTest) -> list[str]:
    return [message.name for message in at.chat_message]


def test_question_is_answered_through_a_tool_with_table_chart_and_code(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    assert said(at) == ["user", "assistant"]
    answer = texts_of(at)
    assert "18시" in answer
    assert "시간 흐름" in " ".join(expander.label for expander in at.expander)
    (trace,) = next(chart_of(at, str(chart.key)) for chart in at.get("plotly_chart"))
    assert trace["y"][18] > trace["y"][9] > 0
    assert any("df" in code.value for code in at.code)
    assert texts_chat.RECEIPT_TOOLS.format(count=1) in answer
    assert "도구 결과에서 확인" in answer


def test_refused_key_says_so_and_the_question_can_be_asked_again(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    scripted.script(fails(401, "authentication_error"))
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    assert at.error[0].value == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    assert said(at) == ["user"]
    press(at, texts_chat.RETRY)
    assert said(at) == ["user", "assistant"]
    assert not at.error


def test_reply_that_was_asked_for_again_is_answered(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    scripted.script(fails(529, "overloaded_error"), says("18", end="cut"), says("18시입니다."))
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    assert not at.error
    assert said(at) == ["user", "assistant"]
    assert "18시입니다." in texts_of(at)
    assert "1818시" not in texts_of(at)  # what the broken reply said is not shown twice


def test_answer_that_was_cut_is_kept_and_goes_on(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    scripted.script(says("18시에 가장 많", stop_reason="max_tokens"), says("습니다."))
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    assert "18시에 가장 많" in texts_of(at)
    failure = "답변이 너무 길어 끝까지 받지 못했습니다. 질문을 나누어 다시 시도해주세요."
    assert at.warning[0].value == texts_chat.KEPT.format(failure=failure)
    press(at, texts_chat.GO_ON)
    assert said(at) == ["user", "assistant"] * 2
    assert texts_chat.GO_ON_QUESTION in texts_of(at)
    assert texts_chat.GO_ON not in [button.label for button in at.button]


def test_answer_that_was_cut_is_asked_again_and_replaced(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    scripted.script(says("17시에 가", stop_reason="max_tokens"), says("18시입니다."))
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    press(at, texts_chat.ASK_AGAIN)
    assert said(at) == ["user", "assistant"]
    assert "18시입니다." in texts_of(at)
    assert "17시에 가" not in texts_of(at)
    assert not at.warning


def test_question_with_a_key_is_refused_before_it_is_kept(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = ask(open_chat(open_page, dataset_id), f"{KEY}-0000 이 키로 답해줘")
    assert at.error[0].value.startswith("글에 API 키가 들어 있어")
    assert texts_chat.RETRY not in [button.label for button in at.button]  # it would be refused again
    assert listed(api, at, dataset_id) == []
    assert scripted.requests == []


def test_without_a_key_the_chat_asks_for_one(open_page: OpenPage, dataset_id: str) -> None:
    at = open_chat(open_page, dataset_id, key="")
    assert texts_chat.KEY_NEEDED in texts_of(at)
    assert at.chat_input[0].disabled


def test_key_of_the_environment_shows_no_more_than_its_end(open_page: OpenPage, dataset_id: str) -> None:
    at = open_chat(open_page, dataset_id, key="sk-ant-secret-tail9876")
    assert texts_chat.KEY_FROM_ENVIRONMENT.format(tail="9876") in texts_of(at)
    assert "secret" not in str([element.proto for element in at.main]) + texts_of(at)


def test_typed_key_that_is_refused_says_so_and_keeps_saying_so(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = open_chat(open_page, dataset_id, key="")
    type_key(at, "sk-ant-refused-anything-goes")
    assert at.error[0].value == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    at.run()
    assert at.error[0].value == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    assert at.chat_input[0].disabled


def test_question_that_was_pressed_without_a_key_is_asked_once_there_is_one(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = open_chat(open_page, dataset_id, key="")
    press(at, texts_chat.ASK_BUSIEST_ACCIDENT)
    assert said(at) == []
    type_key(at, KEY)
    assert at.success[0].value == "사용할 수 있는 API 키입니다."
    assert said(at) == ["user", "assistant"]


def test_question_that_is_refused_before_it_is_stored_says_why_and_can_be_asked_again(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    first = ask(open_chat(open_page, dataset_id), QUESTION)
    at = open_chat(open_page, dataset_id, key="no-key-at-all")
    at.query_params["conversation"] = first.query_params["conversation"]
    ask(at.run(), "사고유형별 건수를 비교해줘")
    assert said(at) == ["user", "assistant"]
    assert at.error[0].value == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    assert texts.REQUEST_ID.partition("{")[0] in texts_of(at)
    press(at, texts_chat.RETRY)
    assert at.error[0].value == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    assert not at.warning
    press(at, texts_chat.RETRY)
    assert at.warning[0].value == texts.ASK_ADMINISTRATOR


@pytest.mark.parametrize("key", ["nonsense", "ㄴㅏ의 키", "sk-ant-" + "a" * 600])
def test_typed_key_that_cannot_be_one_is_refused_in_the_same_words(
    open_page: OpenPage, dataset_id: str, key: str
) -> None:
    at = open_chat(open_page, dataset_id, key="")
    type_key(at, key)
    assert [error.value for error in at.error] == ["API 키가 유효하지 않습니다. 다시 확인해주세요."]
    assert at.chat_input[0].disabled


def test_follow_up_says_what_it_is_about(open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi) -> None:
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    press(at, texts_chat.FOLLOW_UP_ALWAYS)
    assert said(at) == ["user", "assistant"] * 2
    question = at.chat_message[2].text[0].value
    assert question.startswith(texts_chat.FOLLOW_UP_ALWAYS)
    assert QUESTION in question


def test_conversation_that_was_changed_elsewhere_says_so(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    first = ask(open_chat(open_page, dataset_id), QUESTION)
    second = open_chat(open_page, dataset_id)
    second.query_params["conversation"] = first.query_params["conversation"]
    second.run()
    ask(first, "사고유형별 건수를 비교해줘")
    ask(second, "기상상태별 건수를 비교해줘")
    assert second.warning[0].value == "대화가 다른 곳에서 수정되었습니다"


def test_conversation_is_renamed_and_deleted(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    (title,) = (field for field in at.text_input if field.label == texts_chat.RENAME_TITLE)
    title.set_value("새 제목")
    press(at, texts_chat.RENAME)
    assert [item["title"] for item in listed(api, at, dataset_id)] == ["새 제목"]

    (sure,) = (box for box in at.checkbox if box.label == texts_chat.DELETE_SURE)
    sure.check().run()
    press(at, texts_chat.DELETE)
    assert listed(api, at, dataset_id) == []
    assert said(at) == []


def test_conversation_of_another_browser_can_be_read_and_says_that_it_cannot_be_deleted(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    mine = ask(open_chat(open_page, dataset_id), QUESTION)
    (conversation,) = listed(api, mine, dataset_id)
    theirs = open_page("chat", dataset=dataset_id, conversation=conversation["conversation_id"])
    assert said(theirs) == ["user", "assistant"]

    (sure,) = (box for box in theirs.checkbox if box.label == texts_chat.DELETE_SURE)
    sure.check().run()
    press(theirs, texts_chat.DELETE)

    assert [error.value for error in theirs.error] == [REFUSALS["CONVERSATION_OF_OTHER_BROWSER"].sentence]
    assert len(listed(api, mine, dataset_id)) == 1


def test_conversation_about_a_dataset_that_is_gone_can_still_be_read(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = ask(open_chat(open_page, dataset_id), QUESTION)
    name = api.get(f"/api/datasets/{dataset_id}").json()["name"]
    at.switch_page("app_pages/predict.py").run()  # which lets go of the dataset
    api.delete(f"/api/datasets/{dataset_id}").raise_for_status()

    at.switch_page("app_pages/chat.py").run()
    (line,) = (button for button in at.button if button.label.endswith(f" · {name}"))
    line.click().run()
    assert texts_chat.READ_ONLY.format(dataset=name) in texts_of(at)
    assert said(at) == ["user", "assistant"]
    assert not at.chat_input
    press(at, texts_chat.BACK_TO_CHAT)
    assert texts_chat.READ_ONLY.format(dataset=name) not in texts_of(at)


def test_visitor_with_a_link_can_ask_too(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    token = api.post(f"/api/datasets/{dataset_id}/share").json()["share_token"]
    at = open_page("shared", key=KEY, share=token)
    at.session_state["shared.tabs"] = texts_datasets.SHARED_TABS[1]
    ask(at.run(), QUESTION)
    assert "18시" in texts_of(at)


def test_every_tool_finds_something_with_its_form_untouched(open_page: OpenPage, api: httpx.Client) -> None:
    head, *rows = accidents_csv().splitlines()
    content = "\n".join([f"{head},부상자수", *(f"{row},{number % 4}" for number, row in enumerate(rows))])
    dataset_id = stored(api, "두 가지 수", content)
    at = choose(open_page("tools"), texts_datasets.CHOOSE, dataset_id)
    for tool in api.get("/api/tools").json()["tools"]:
        choose(at, texts_chat.TOOL, tool["name"])
        assert not has_result(at), f"{tool['name']} shows the result of another tool"
        press(at, texts_chat.RUN)
        assert not at.error, (tool["name"], [error.value for error in at.error])
        assert not at.warning, tool["name"]
        assert has_result(at), tool["name"]


def test_tool_that_does_not_fit_the_data_says_what_would(open_page: OpenPage, dataset_id: str) -> None:
    at = choose(open_page("tools"), texts_datasets.CHOOSE, dataset_id)
    choose(at, texts_chat.TOOL, "calculate_percentile")
    fill(at, "숫자 열", "사고유형")
    next(field for field in at.number_input if field.label == "백분위").set_value(50)
    press(at, texts_chat.RUN)
    assert "ECLO" in at.error[0].value
