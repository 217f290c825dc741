"""Answers that were cut, failed or stopped: kept, gone on from, asked again, and told to the model as they were."""

import asyncio

import grpc
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from chat_service.prompts import BROKEN_OFF, GO_ON
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.running_chat import Chat
from tests.scripted_messages_api import ToolUse, fails, says, uses

QUESTION, GO_ON_QUESTION = "사고가 가장 많은 시간대는?", "이어서 답해주세요."
COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})
CUT = says("18시에 가장 많", stop_reason="max_tokens")


async def cut_answer(chat: Chat, dataset_id: str) -> tuple[str, pb.Message]:
    """Asks a question whose answer is cut after a tool. Returns the conversation and the question."""
    chat.api.script(uses(COUNT), CUT)
    failed = await chat.fail(dataset_id, QUESTION)
    question, _ = (await chat.history(failed.conversation.conversation_id)).messages
    return failed.conversation.conversation_id, question


async def test_what_came_is_kept_with_its_tools_and_its_cost(chat: Chat) -> None:
    conversation_id, question = await cut_answer(chat, chat.data.datasets.add())
    answer = (await chat.history(conversation_id)).messages[1]
    assert (question.status, question.failure_reason) == (pb.MESSAGE_STATUS_COMPLETE, "")
    assert (answer.status, answer.failure_reason) == (pb.MESSAGE_STATUS_FAILED, "ANSWER_TOO_LONG")
    assert answer.content == "18시에 가장 많"
    assert [bool(call.result.table_json) for call in answer.tool_calls] == [True]
    assert answer.token_usage.input == 1800


async def test_follow_up_is_told_the_turn_as_it_was(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    conversation_id, _ = await cut_answer(chat, dataset_id)
    chat.api.script(says("습니다(60건)."))
    await chat.ask(dataset_id, GO_ON_QUESTION, conversation_id=conversation_id)
    asked, answered, follow_up = (turn["content"] for turn in chat.api.requests[-1].body["messages"])
    assert (asked[0]["text"], answered[0]["text"]) == (QUESTION, "18시에 가장 많")
    assert [block["text"] for block in follow_up][1:] == [GO_ON_QUESTION]
    assert follow_up[0]["text"].startswith(BROKEN_OFF["failed"] + GO_ON)
    assert "get_temporal_pattern" in follow_up[0]["text"]


async def test_going_on_from_two_answers_is_two_questions(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    conversation_id, _ = await cut_answer(chat, dataset_id)
    chat.api.script(says("습니다."), CUT, says("을 것입니다."))
    first = await chat.ask(dataset_id, GO_ON_QUESTION, conversation_id=conversation_id)
    await chat.fail(dataset_id, "그럼 요일은?", conversation_id=conversation_id)
    second = await chat.ask(dataset_id, GO_ON_QUESTION, conversation_id=conversation_id)
    assert (first.answer.content, second.answer.content) == ("습니다.", "을 것입니다.")
    assert not second.answer.cache_hit


async def test_asking_again_replaces_the_answer_once_there_is_another(chat: Chat) -> None:
    dataset_id, gate = chat.data.datasets.add(), asyncio.Event()
    conversation_id, question = await cut_answer(chat, dataset_id)
    again = {"conversation_id": conversation_id, "retry_of": question.message_id}
    chat.api.script(fails(404, "not_found_error"), says("18시입니다.", gate=gate))

    failed = await chat.fail(dataset_id, QUESTION, **again)
    assert failed.reason == "MODEL_NOT_FOUND"
    kept = (await chat.history(conversation_id)).messages
    assert [(message.content, message.failure_reason) for message in kept] == [
        (QUESTION, "MODEL_NOT_FOUND"),
        ("18시에 가장 많", "ANSWER_TOO_LONG"),
    ]
    asking = asyncio.create_task(chat.ask(dataset_id, QUESTION, **again))
    await chat.api.until_asked(4)
    assert [message.status for message in (await chat.history(conversation_id)).messages] == [pb.MESSAGE_STATUS_PENDING]
    gate.set()
    await asking
    assert [message.content for message in (await chat.history(conversation_id)).messages] == [QUESTION, "18시입니다."]
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await chat.ask(dataset_id, QUESTION, **again)
    assert read_remote_error(raised.value).reason == "QUESTION_NOT_RETRYABLE"


async def test_asking_again_what_is_cached_by_now_replaces_the_answer_too(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    conversation_id, question = await cut_answer(chat, dataset_id)
    chat.api.script(says("18시입니다."))
    await chat.ask(dataset_id, QUESTION)  # somewhere else
    again = await chat.ask(dataset_id, QUESTION, conversation_id=conversation_id, retry_of=question.message_id)
    assert again.answer.cache_hit
    assert [message.content for message in (await chat.history(conversation_id)).messages] == [QUESTION, "18시입니다."]


async def test_long_conversation_says_what_the_model_was_not_sent(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(*[says(f"{number}번 답") for number in range(23)])
    first = await chat.ask(dataset_id, "0번 질문")
    conversation_id = first.conversation.conversation_id
    for number in range(1, 22):
        done = await chat.ask(dataset_id, f"{number}번 질문", conversation_id=conversation_id)
    assert (first.answer.turns_left_out, done.answer.turns_left_out) == (0, 1)
    last = await chat.ask(dataset_id, "22번 질문", conversation_id=conversation_id)
    assert last.answer.turns_left_out == 2
    assert (await chat.history(conversation_id)).messages[-1].turns_left_out == 2
    note, question = chat.api.requests[-1].body["messages"][0]["content"]
    assert "질문 2개" in note["text"]
    assert question["text"] == "2번 질문"
