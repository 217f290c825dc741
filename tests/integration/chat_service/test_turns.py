"""Questions and answers through the running service, on real PostgreSQL and Valkey."""

import asyncio
import json

import grpc
import pytest
from daegu.chat.v1 import chat_pb2 as pb
from daegu.dataset.v1 import dataset_pb2

from chat_service.prompts import BROKEN_OFF, NOTHING_SAID
from servicekit.ids import new_id
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.fake_data_services import TOOL_NAMES
from tests.contract.chat_service.running_chat import KEY, Chat, kinds
from tests.scripted_messages_api import ToolUse, says, uses

QUESTION = "사고가 가장 많은 시간대는?"
COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})


async def test_question_is_answered_through_a_tool_and_streams(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT, thinking="시간대를 세어 보자"), says("18시에 가장 많습니다(60건)."))

    events = await chat.events(dataset_id, QUESTION)

    assert kinds(events) == ["start", "thinking", "tool_start", "tool_end", "delta", "done"]
    call = next(event.tool_end.call for event in events if event.HasField("tool_end"))
    assert (call.name, json.loads(call.arguments_json)) == ("get_temporal_pattern", {"column": "사고일시"})
    assert json.loads(call.result.table_json)["rows"][0] == ["18시", 60, 0.6, False, None]
    assert (call.result.rows_used, call.result.rows_missing, call.error) == (100, 3, "")
    said = "".join(event.delta.text for event in events if event.HasField("delta"))
    done = events[-1].done
    assert done.answer.content == said == "18시에 가장 많습니다(60건)."
    assert done.answer.tool_calls == [call]
    assert (done.answer.token_usage.input, done.answer.token_usage.output) == (1800, 240)
    assert done.answer.cost_usd == pytest.approx((1800 * 2 + 240 * 10 + 600 * 0.1 + 100 * 2.5) / 1e6)
    assert done.answer.number_check == pb.NumberCheck(numbers=1, confirmed=1)
    assert done.answer.duration_ms > 0
    assert done.conversation.title == QUESTION
    assert not done.conflict
    assert chat.data.analysis.run == [(dataset_id, "get_temporal_pattern", {"column": "사고일시"})]
    assert chat.data.datasets.leases[-1] == (dataset_id, f"chat:{events[0].start.question_id}")
    assert not chat.data.datasets.held


async def test_model_is_told_the_tools_and_the_dataset(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add({"기상상태": ("TEXT", ("맑음", "비"))}, name="사고 자료")
    chat.api.script(says("답"))
    await chat.ask(dataset_id)
    body = chat.api.requests[0].body
    assert [tool["name"] for tool in body["tools"]] == list(TOOL_NAMES)
    assert '"name":"기상상태"' in body["system"][1]["text"]
    assert "사고 자료" in body["system"][1]["text"]


async def test_model_is_told_all_values_of_columns_that_have_few_and_they_are_read_once(chat: Chat) -> None:
    columns = {"기상상태": ("TEXT", ("맑음", "비")), "번호": ("INTEGER", ("1",)), "연락처": ("TEXT", ("053-1",))}
    dataset_id = chat.data.datasets.add(columns)
    _, many, phones = chat.data.datasets.datasets[dataset_id].profile.columns
    many.unique, phones.meaning = 21, dataset_pb2.COLUMN_MEANING_PHONE
    chat.api.script(says("답"))
    for question in ("하나?", "둘?"):
        await chat.ask(dataset_id, question)
    assert '"values":["맑음","비","나머지"]' in chat.api.requests[-1].body["system"][1]["text"]
    assert chat.data.analysis.counted == [["기상상태"]]


async def test_question_is_answered_without_values_that_cannot_be_read(chat: Chat) -> None:
    chat.data.analysis.values_are_away = True
    dataset_id = chat.data.datasets.add({"기상상태": ("TEXT", ("맑음", "비"))})
    chat.api.script(says("답"))
    assert (await chat.ask(dataset_id)).answer.content == "답"
    assert '"samples":["맑음","비"]' in chat.api.requests[-1].body["system"][1]["text"]


async def test_follow_up_brings_what_was_said_before(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("18시입니다."), says("8시입니다."))
    first = (await chat.ask(dataset_id, "가장 많은 시간대는?")).conversation
    seen = {"conversation_id": first.conversation_id, "expected_version": first.version}
    assert not (await chat.ask(dataset_id, "그다음은?", **seen)).conflict
    said = [(turn["role"], turn["content"][0]["text"]) for turn in chat.api.requests[1].body["messages"]]
    assert said == [("user", "가장 많은 시간대는?"), ("assistant", "18시입니다."), ("user", "그다음은?")]


async def test_follow_up_brings_the_calls_of_the_answer_before_without_their_tables(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT), says("18시입니다."), says("야간은 60건입니다."))
    first = await chat.ask(dataset_id, QUESTION)
    done = await chat.ask(dataset_id, "그중 야간은?", conversation_id=first.conversation.conversation_id)
    note, question = chat.api.requests[-1].body["messages"][-1]["content"]
    assert question["text"] == "그중 야간은?"
    (called,) = json.loads(note["text"].partition("<calls>")[2].removesuffix("</calls>"))
    assert (called["tool"], json.loads(called["arguments"])) == ("get_temporal_pattern", {"column": "사고일시"})
    assert called["found"] == "**18시**에 60건으로 가장 많습니다. (get_temporal_pattern)"
    assert done.answer.number_check == pb.NumberCheck(numbers=1, confirmed=1)  # by what was found before


async def test_tool_error_goes_back_to_the_model_which_mends_it(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    wrong = ToolUse("get_value_counts", {"column": "시각"})
    chat.api.script(uses(wrong), uses(COUNT), says("18시입니다."))
    done = await chat.ask(dataset_id)
    result = chat.api.requests[1].body["messages"][-1]["content"][0]
    assert result["is_error"]
    assert result["content"] == "'시각' 열이 없습니다. 열 목록: 사고일시, 요일, 시군구, ECLO"
    assert [bool(call.error) for call in done.answer.tool_calls] == [True, False]


async def test_use_that_cannot_be_run_is_an_error_for_the_model(chat: Chat) -> None:
    chat.api.script(uses(ToolUse("rm_rf", {"path": "/"})), says("다른 방법으로 답합니다."))
    await chat.ask(chat.data.datasets.add())
    result = chat.api.requests[1].body["messages"][-1]["content"][0]
    assert result["is_error"]
    assert result["content"].startswith("그런 도구는 없습니다. 쓸 수 있는 도구: get_dataframe_info, ")


async def test_answer_that_was_stopped_before_a_word_is_told_to_the_model_by_what_its_tools_found(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT), says("", gate=asyncio.Event(), thinking="흠"), says("8시입니다."))
    started = await chat.begin(dataset_id)
    await chat.api.until_asked(2)
    await chat.stop(started.question_id)
    messages = (await chat.history(started.conversation_id)).messages
    assert [message.content for message in messages] == [QUESTION, ""]
    await chat.ask(dataset_id, "그다음은?", conversation_id=started.conversation_id)
    asked, answered, follow_up = (turn["content"] for turn in chat.api.requests[-1].body["messages"])
    assert (asked[0]["text"], answered[0]["text"]) == (QUESTION, NOTHING_SAID)
    assert follow_up[0]["text"].startswith(BROKEN_OFF["stopped"])
    assert "get_temporal_pattern" in follow_up[0]["text"]
    assert follow_up[1]["text"] == "그다음은?"


async def test_stopped_question_can_be_asked_again(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("", gate=asyncio.Event(), thinking="흠"), says("18시입니다."))
    started = await chat.begin(dataset_id, QUESTION)
    await chat.api.until_asked()
    assert not (await chat.stop(started.question_id)).stopped.HasField("answer")
    (question,) = (await chat.history(started.conversation_id)).messages
    assert question.status == pb.MESSAGE_STATUS_STOPPED
    again = {"conversation_id": started.conversation_id, "retry_of": started.question_id}
    await chat.ask(dataset_id, QUESTION, **again)
    messages = (await chat.history(started.conversation_id)).messages
    assert [(message.message_id == started.question_id, message.content) for message in messages] == [
        (True, QUESTION),
        (False, "18시입니다."),
    ]


async def test_questions_of_two_tabs_stay_beside_their_answers(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("시작"))
    first = await chat.ask(dataset_id, "시작?")
    conversation_id, version = first.conversation.conversation_id, first.conversation.version
    gate = asyncio.Event()
    chat.api.script(says("늦은 답", gate=gate), says("빠른 답"))
    slow = asyncio.create_task(
        chat.ask(dataset_id, "느린 질문", conversation_id=conversation_id, expected_version=version)
    )
    await chat.api.until_asked(2)
    fast = await chat.ask(dataset_id, "빠른 질문", conversation_id=conversation_id, expected_version=version)
    gate.set()
    late = await slow

    said = [message.content for message in (await chat.history(conversation_id)).messages]
    assert said == ["시작?", "시작", "느린 질문", "늦은 답", "빠른 질문", "빠른 답"]
    assert (fast.conflict, late.conflict) == (True, True)
    assert late.conversation.version > fast.conversation.version > version


async def refusal(chat: Chat, dataset_id: str, message: str = QUESTION, **fields: object) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await chat.events(dataset_id, message, **fields)
    error = read_remote_error(raised.value)
    return error.reason, error.violations[0].field if error.violations else ""


async def test_question_without_a_usable_key_is_refused_before_anything_is_done(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    for key, reason in (("", "API_KEY_MISSING"), ("hello", "API_KEY_ILL_FORMED")):
        assert await refusal(chat, dataset_id, key=key) == (reason, "")
    listed = await chat.conversations.ListConversations(pb.ListConversationsRequest(dataset_id=dataset_id))
    assert (listed.total, chat.api.requests) == (0, [])


async def test_question_on_what_is_not_there_is_refused(chat: Chat) -> None:
    dataset_id, other_id = chat.data.datasets.add(), chat.data.datasets.add()
    chat.api.script(says("답"))
    conversation_id = (await chat.ask(dataset_id)).conversation.conversation_id
    assert await refusal(chat, "no-id") == ("REQUEST_INVALID", "dataset_id")
    assert await refusal(chat, new_id()) == ("DATASET_NOT_FOUND", "")
    assert await refusal(chat, dataset_id, "음?", conversation_id=new_id()) == ("CONVERSATION_NOT_FOUND", "")
    elsewhere = await refusal(chat, other_id, "음?", conversation_id=conversation_id)
    assert elsewhere == ("CONVERSATION_OF_OTHER_DATASET", "")
    answered = (await chat.history(conversation_id)).messages[0].message_id
    again = await refusal(chat, dataset_id, "음?", conversation_id=conversation_id, retry_of=answered)
    assert again == ("QUESTION_NOT_RETRYABLE", "")


async def test_question_names_another_model(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("답"))
    done = await chat.ask(dataset_id, model="claude-haiku-5-5")
    assert (chat.api.requests[0].body["model"], done.answer.model) == ("claude-haiku-5-5", "claude-haiku-5-5")


async def test_key_is_verified_without_spending_tokens(chat: Chat) -> None:
    async def state(key: str) -> int:
        answer = await chat.messages.VerifyKey(pb.VerifyKeyRequest(), metadata=(("x-anthropic-api-key", key),))
        return int(answer.state)

    assert await state(KEY) == pb.KEY_STATE_VALID
    assert await state("sk-ant-refused-0000") == pb.KEY_STATE_INVALID
    assert await state("not-even-a-key") == pb.KEY_STATE_INVALID
    assert await state("sk-ant-overloaded-0000") == pb.KEY_STATE_UNREACHABLE
    assert chat.api.requests == []


async def test_models_are_those_of_the_key_with_their_prices(chat: Chat) -> None:
    metadata = (("x-anthropic-api-key", KEY),)
    listed = await chat.messages.ListModels(pb.ListModelsRequest(), metadata=metadata)
    known = await chat.messages.ListModels(pb.ListModelsRequest())
    assert [(model.model, model.input_usd) for model in listed.models] == [
        ("claude-sonnet-5-5", 2.0),
        ("claude-haiku-5-5", 0.1),
    ]
    assert listed.default_model == "claude-sonnet-5-5"
    assert listed.prices_of == known.prices_of
    assert len(known.models) > 2
