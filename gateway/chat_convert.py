"""Converts between the REST and the gRPC contract of the chat."""

from typing import Any

import orjson
from daegu.chat.v1 import chat_pb2 as pb

from gateway.dataset_convert import chart_fields, table_fields
from gateway.envelope import moment
from gateway.schemas.chat import QuestionBody
from gateway.texts import CHANGED_ELSEWHERE, FROM_CACHE, error_text, left_out_text, retry_text

_MOST_LEVELS = 100  # orjson reads 1,024 levels but writes only 254
_ROLES = {pb.ROLE_USER: "user", pb.ROLE_ASSISTANT: "assistant"}


def question_to_proto(body: QuestionBody, client_id: str | None) -> pb.SendMessageRequest:
    """Converts a question."""
    return pb.SendMessageRequest(
        dataset_id=str(body.dataset_id),
        message=body.message,
        conversation_id=str(body.conversation_id or ""),
        expected_version=body.expected_version,
        client_id=client_id or "",
        model=body.model or "",
        retry_of=str(body.retry_of or ""),
    )


def conversation_fields(conversation: pb.Conversation) -> dict[str, Any]:
    """Returns a conversation without its messages."""
    return {
        "conversation_id": conversation.conversation_id,
        "dataset_id": conversation.dataset_id,
        "dataset_name": conversation.dataset_name,
        "title": conversation.title,
        "created_at": moment(conversation.created_at),
        "updated_at": moment(conversation.updated_at),
        "version": conversation.version,
        "message_count": conversation.message_count,
        "is_being_answered": conversation.is_being_answered,
    }


def message_fields(message: pb.Message) -> dict[str, Any]:
    """Returns a message."""
    failure = message.failure_reason or None
    return {
        "message_id": message.message_id,
        "role": _ROLES.get(message.role, "user"),
        "content": message.content,
        "tool_calls": [tool_call_fields(call) for call in message.tool_calls],
        "created_at": moment(message.created_at),
        "status": pb.MessageStatus.Name(message.status).removeprefix("MESSAGE_STATUS_").lower(),
        "failure": failure,
        "failure_message": failure and error_text(failure, {}),
        **_cost_fields(message),
        "cache_hit": message.cache_hit,
        "model": message.model,
        "duration_ms": message.duration_ms,
        "turns_left_out": message.turns_left_out,
    }


def answer_fields(done: pb.Done) -> dict[str, Any]:
    """Returns the complete answer."""
    message = done.answer
    return {
        "response": message.content,
        "tool_calls": [tool_call_fields(call) for call in message.tool_calls],
        **_cost_fields(message),
        "cache_hit": message.cache_hit,
        "notice": FROM_CACHE if message.cache_hit else left_out_text(message.turns_left_out),
        "conversation_id": done.conversation.conversation_id,
        "message_id": message.message_id,
        "model": message.model,
        "duration_ms": message.duration_ms,
        "turns_left_out": message.turns_left_out,
        "version": done.conversation.version,
        "conflict": CHANGED_ELSEWHERE if done.conflict else None,
    }


def retry_fields(retrying: pb.Retrying) -> dict[str, Any]:
    """Returns the event that a reply is being retried; the next delta continues from `text`."""
    seconds = round(retrying.pause_seconds)
    return {
        "code": retrying.reason,
        "message": retry_text(retrying.reason, seconds),
        "seconds": seconds,
        "text": retrying.text,
    }


def end_fields(event: pb.SendMessageResponse) -> dict[str, Any]:
    """Returns the event that says how a run ended."""
    kind = event.WhichOneof("event")
    failure = event.failed.reason or None
    conversation = getattr(event, str(kind)).conversation
    return {
        "status": "complete" if kind == "done" else kind,
        "failure": failure,
        "failure_message": failure and error_text(failure, {}),
        "conversation_id": conversation.conversation_id or None,
        "version": conversation.version or None,
    }


def tool_call_fields(call: pb.ToolCall) -> dict[str, Any]:
    """Returns one tool call."""
    return {
        "call_id": call.call_id,
        "name": call.name,
        "args": arguments(call.arguments_json),
        "result": call.result,
        "table": table_fields(call.table) if call.HasField("table") else None,
        "chart": chart_fields(call.chart) if call.HasField("chart") else None,
        "code": call.code,
        "duration_ms": call.duration_ms,
        "error": call.error or None,
        "rows_used": call.rows_used,
        "rows_missing": call.rows_missing,
    }


def arguments(text: str) -> dict[str, Any]:
    """Parses the arguments of a tool call; anything that is not a JSON object is returned as the text it is."""
    try:
        read = orjson.loads(text or "{}")
    except ValueError:
        read = text
    if not _is_within(read, _MOST_LEVELS):
        read = text
    return read if isinstance(read, dict) else {"?": read}


def _is_within(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_within(item, levels - 1) for item in inner)


def _cost_fields(message: pb.Message) -> dict[str, Any]:
    usage = message.token_usage
    return {
        "token_usage": {
            "input": usage.input,
            "output": usage.output,
            "cached": usage.cached,
            "cache_written": usage.cache_written,
            "total": usage.total,
        }
        if message.HasField("token_usage")
        else None,
        "cost": message.cost_usd if message.HasField("cost_usd") else None,
    }
