from datetime import UTC, datetime
from typing import Any

import pytest
from daegu.chat.v1 import chat_pb2 as pb
from pydantic import SecretStr

from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.convert import (
    call_to_proto,
    conversation_to_parts,
    event_to_proto,
    message_to_proto,
    page_from_proto,
    question_from_proto,
    title_from,
    whole_conversation_to_proto,
    whole_file_to_proto,
)
from chat_service.rows import Conversation, Message
from chat_service.tools import result_from_proto
from chat_service.turn_events import Done
from servicekit.errors import Refused

DATASET = "01900000-0000-7000-8000-000000000001"
KEY = SecretStr("sk-ant-api03-canary")
GRPC_BYTES = 4 * 1024 * 1024
LATEST = pb.MESSAGE_ORDER_LATEST
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONVERSATION = Conversation("c", "d", "자료", "", "질문", 1, NOW, NOW, 2)


def answer(content: str, *tables: int) -> Message:
    """Returns an answer with tables of so many bytes."""
    calls = [
        ToolCall(ToolUse(str(number), "get_sample_rows", "{}"), ToolResult("표", {"x": "x" * size}, {}, "result = df"))
        for number, size in enumerate(tables)
    ]
    return Message("m", 1, "assistant", content, "complete", NOW, tool_calls=tuple(calls))


def test_question_is_read() -> None:
    question = question_from_proto(
        pb.SendMessageRequest(dataset_id=DATASET.upper(), message=" 질문 ", client_id=" 나 ", model="claude-haiku-5-5"),
        KEY,
    )
    assert (question.dataset_id, question.text, question.client_id) == (DATASET, "질문", "나")
    assert (question.conversation_id, question.retry_of, question.model) == (None, None, "claude-haiku-5-5")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "\x00\x07"}, "message"),
        ({"message": "가" * 8001}, "message"),
        ({"dataset_id": ""}, "dataset_id"),
        ({"expected_version": -1}, "expected_version"),
        ({"model": "../models"}, "model"),
        ({"model": "m" * 101}, "model"),
        ({"model": "x y"}, "model"),
        ({"retry_of": DATASET}, "conversation_id"),
        ({"conversation_id": "x"}, "conversation_id"),
        ({"client_id": "x" * 101}, "client_id"),
    ],
)
def test_question_that_cannot_be_read_names_its_field(fields: dict[str, Any], field: str) -> None:
    request: dict[str, Any] = {"dataset_id": DATASET, "message": "질문", **fields}
    with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
        question_from_proto(pb.SendMessageRequest(**request), KEY)
    assert raised.value.violations[0].field == field


@pytest.mark.parametrize("field", ["message", "client_id", "model"])
def test_key_in_any_text_of_a_question_is_refused(field: str) -> None:
    request: dict[str, Any] = {"dataset_id": DATASET, "message": "질문", field: KEY.get_secret_value()}
    with pytest.raises(Refused, match="KEY_IN_TEXT") as raised:
        question_from_proto(pb.SendMessageRequest(**request), KEY)
    assert raised.value.violations[0].field == field


def test_title_is_one_line_without_a_key() -> None:
    assert title_from(" 새\n  제목\x00 ") == "새 제목"
    for refused in ("", "  \n", "가" * 201, f"내 키 {KEY.get_secret_value()}"):
        with pytest.raises(Refused):
            title_from(refused)


def test_result_comes_back_as_it_was() -> None:
    table = {"columns": ["a", "b", "c", "d", "e"], "rows": [["글", 2**60, 1.0, True, None]], "total_rows": 3}
    call = ToolCall(
        ToolUse("1", "a", "{}"), ToolResult("표", table, {"kind": "bar", "x": "a", "y": "b"}, question_json="{}")
    )
    assert result_from_proto(call_to_proto(call).result) == call.result


def test_first_part_is_the_conversation_and_the_others_have_all_its_messages() -> None:
    steps = [answer("하나"), answer("둘", 1000)], [answer("셋", 1000), answer("넷", 200_000), answer("다섯", 100_000)]
    first, *others = conversation_to_parts(CONVERSATION, steps, "7")
    assert (first.conversation.conversation_id, first.next, [*first.messages]) == ("c", "7", [])
    assert [[message.content for message in part.messages] for part in others] == [
        ["하나", "둘"],
        ["셋", "넷"],
        ["다섯"],
    ]
    messages = [message for step in steps for message in step]
    assert [message for part in others for message in part.messages] == list(map(message_to_proto, messages))


def test_message_that_is_too_large_for_one_part_comes_with_its_calls_behind_it() -> None:
    large = answer("둘", *[2_000_000] * 4)
    _, *others = conversation_to_parts(CONVERSATION, [[answer("하나"), large, answer("셋")]], None)
    assert max(part.ByteSize() for part in others) < GRPC_BYTES
    assert [[message.content for message in part.messages] for part in others] == [
        ["하나"],
        ["둘"],
        [],
        [],
        [],
        [],
        ["셋"],
    ]
    calls = [call for part in others for call in part.further_calls]
    assert calls == list(message_to_proto(large).tool_calls)


def test_conversation_as_a_whole_is_refused_when_it_does_not_fit() -> None:
    messages = [answer("하나", 1_500_000), answer("둘", 1_500_000)]
    whole = whole_conversation_to_proto(CONVERSATION, [messages])
    assert [message.content for message in whole.messages] == ["하나", "둘"]
    assert whole.ByteSize() < GRPC_BYTES
    with pytest.raises(Refused, match="CONVERSATION_TOO_LONG"):
        whole_conversation_to_proto(CONVERSATION, [messages, [answer("셋", 1_500_000)]])
    assert whole_file_to_proto("a", "b", [b"1" * 2_000_000, b"2"]).content[-1:] == b"2"
    with pytest.raises(Refused, match="CONVERSATION_TOO_LONG"):
        whole_file_to_proto("a", "b", [b"1" * 2_000_000] * 2)


@pytest.mark.parametrize(
    ("asked", "page", "after"),
    [
        ({}, [1, 2, 3, 4, 5], None),
        ({"limit": 2}, [1, 2], "2"),
        ({"limit": 2, "after": "2"}, [3, 4], "4"),
        ({"limit": 2, "after": "4"}, [5], None),
        ({"after": "5"}, [], None),
        ({"order": LATEST}, [5, 4, 3, 2, 1], None),
        ({"order": LATEST, "limit": 2}, [5, 4], "4"),
        ({"order": LATEST, "limit": 2, "after": "4"}, [3, 2], "2"),
        ({"order": LATEST, "limit": 2, "after": "2"}, [1], None),
        ({"order": LATEST, "after": "1"}, [], None),
        ({"order": LATEST, "after": "99"}, [5, 4, 3, 2, 1], None),
    ],
)
def test_page_of_turns_begins_behind_the_one_before(asked: dict[str, Any], page: list[int], after: str | None) -> None:
    turns, following = page_from_proto(pb.ReadConversationRequest(**asked), range(1, 6))
    assert ([*turns], following) == (page, after)


@pytest.mark.parametrize("order", [pb.MESSAGE_ORDER_OLDEST, LATEST])
def test_conversation_whose_messages_are_gone_has_an_empty_page(order: Any) -> None:
    assert page_from_proto(pb.ReadConversationRequest(order=order), range(0)) == (range(0), None)


@pytest.mark.parametrize("wrong", [{"limit": 101}, {"limit": -1}, {"after": "x"}, {"after": "-1"}])
def test_page_that_there_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID"):
        page_from_proto(pb.ReadConversationRequest(**wrong), range(1, 6))


def test_end_of_a_run_leaves_out_the_first_tables_that_do_not_fit() -> None:
    event = event_to_proto(Done(answer("답", 2_000_000, 2_000_000), CONVERSATION, conflict=False))
    assert [call.result.HasField("table_json") for call in event.done.answer.tool_calls] == [False, True]
    assert event.done.answer.tables_left_out == 1
    assert event.done.answer.tool_calls[0].result.code == "result = df"
    assert event.ByteSize() < GRPC_BYTES
