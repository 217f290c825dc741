from typing import Any

import pytest
from daegu.chat.v1 import chat_pb2 as pb
from pydantic import SecretStr

from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.convert import call_to_proto, question_from_proto, title_from, within_limit
from chat_service.tools import result_from_proto
from servicekit.errors import Refused

DATASET = "01900000-0000-7000-8000-000000000001"
KEY = SecretStr("sk-ant-api03-canary")
GRPC_BYTES = 4 * 1024 * 1024


def answer(content: str, *tables: int) -> pb.Message:
    """Returns an answer with tables of so many bytes."""
    message = pb.Message(content=content)
    for size in tables:
        result: Any = {"text": "표", "code": "result = df", "chart_json": "{}", "table_json": "x" * size}
        message.tool_calls.add(name="get_sample_rows", result=result)
    return message


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


def test_conversation_that_fits_is_whole() -> None:
    messages = [answer("하나", 1000), answer("둘", 1000)]
    assert within_limit(messages) == messages


def test_tables_of_old_answers_go_first() -> None:
    messages = within_limit([answer("하나", 2_000_000, 1000), answer("둘", 2_000_000)])
    assert [[call.result.HasField("table_json") for call in message.tool_calls] for message in messages] == [
        [False, True],
        [True],
    ]
    assert not messages[0].tool_calls[0].result.HasField("chart_json")
    assert messages[0].tool_calls[0].result.code == "result = df"
    assert pb.GetConversationResponse(messages=messages).ByteSize() < GRPC_BYTES


def test_old_messages_go_when_even_that_is_not_enough() -> None:
    messages = within_limit([answer("가" * 500_000, 1000), answer("나" * 500_000), answer("끝" * 400_000)])
    assert [message.content[0] for message in messages] == ["나", "끝"]
    assert pb.GetConversationResponse(messages=messages).ByteSize() < GRPC_BYTES
