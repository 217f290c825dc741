"""Converts between the contract and the domain."""

import re
from collections.abc import Sequence
from typing import Any

import orjson
from daegu.chat.v1 import chat_pb2 as pb
from daegu.dataset.v1 import analysis_pb2
from pydantic import SecretStr

from chat_service.answers import (
    Delta,
    Retrying,
    Thinking,
    TokenUsage,
    ToolCall,
    ToolEnded,
    ToolResult,
    ToolStarted,
)
from chat_service.export import ExportedFile, ExportFormat
from chat_service.plans import Question
from chat_service.store import Conversation, Message
from chat_service.text import clean
from chat_service.turn_events import Done, Failed, Started, Stopped, TurnEvent
from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import field_refused
from servicekit.ids import parse_id
from servicekit.timestamps import timestamp_to_proto
from servicekit.visible_text import visible_line

LONGEST_QUESTION = 8_000
LONGEST_TITLE = 200
_LONGEST_CLIENT_ID = 100
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}")
_ROLES = {"user": pb.ROLE_USER, "assistant": pb.ROLE_ASSISTANT}
_STATUSES = {
    "pending": pb.MESSAGE_STATUS_PENDING,
    "complete": pb.MESSAGE_STATUS_COMPLETE,
    "stopped": pb.MESSAGE_STATUS_STOPPED,
    "failed": pb.MESSAGE_STATUS_FAILED,
}
# gRPC limits a message to 4 MiB.
_LARGEST_BYTES = 3_500_000


def question_from_proto(message: pb.SendMessageRequest, api_key: SecretStr) -> Question:
    """Reads a question. Raises `REQUEST_INVALID` with the invalid field, or `KEY_IN_TEXT`."""
    for field in ("message", "model", "client_id"):
        refuse_api_key(getattr(message, field), field, api_key.get_secret_value())
    text = _text("message", message.message, LONGEST_QUESTION)
    conversation_id = optional_id(message.conversation_id, "conversation_id")
    retry_of = optional_id(message.retry_of, "retry_of")
    if retry_of and not conversation_id:
        raise field_refused("conversation_id", "MISSING", "the conversation of the question to ask again")
    if message.model and not _MODEL.fullmatch(message.model):
        raise field_refused("model", "VALUE_INVALID", "a name of a model")
    if message.expected_version < 0:
        raise field_refused("expected_version", "NUMBER_OUT_OF_RANGE", "0 or more")
    return Question(
        dataset_id=str(parse_id(message.dataset_id, "dataset_id")),
        text=text,
        conversation_id=conversation_id,
        expected_version=message.expected_version,
        client_id=client_id_from(message.client_id),
        model=message.model,
        retry_of=retry_of,
    )


def title_from(text: str) -> str:
    """Reads a title, as one line. Raises `REQUEST_INVALID` or `KEY_IN_TEXT`."""
    refuse_api_key(text, "title")
    return _text("title", visible_line(text), LONGEST_TITLE)


def client_id_from(text: str) -> str:
    """Reads the anonymous id of a browser. Raises `REQUEST_INVALID`."""
    if len(text) > _LONGEST_CLIENT_ID:
        raise field_refused("client_id", "TEXT_TOO_LONG", f"at most {_LONGEST_CLIENT_ID} characters")
    return clean(text)


def asking_browser(message: Any) -> str | None:
    """Returns the id of the calling browser; None for the operator. Raises `REQUEST_INVALID`."""
    return client_id_from(message.client_id) if message.HasField("client_id") else None


def optional_id(text: str, field: str) -> str | None:
    """Reads an optional id. Raises `REQUEST_INVALID`."""
    return str(parse_id(text, field)) if text else None


def _text(field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise field_refused(field, "TEXT_TOO_LONG", f"at most {most} characters")
    cleaned = clean(text)
    if not visible_line(cleaned):
        raise field_refused(field, "MISSING", "not empty")
    return cleaned


def event_to_proto(event: TurnEvent) -> pb.SendMessageResponse:
    """Converts one event of a run."""
    match event:
        case Started(conversation_id, question_id, model):
            started = pb.Started(conversation_id=conversation_id, question_id=question_id, model=model)
            return pb.SendMessageResponse(start=started)
        case Thinking(text):
            return pb.SendMessageResponse(thinking=pb.Thinking(text=text))
        case Delta(text):
            return pb.SendMessageResponse(delta=pb.Delta(text=text))
        case ToolStarted(use):
            begun = pb.ToolStarted(call_id=use.call_id, name=use.name, arguments_json=use.arguments_json)
            return pb.SendMessageResponse(tool_start=begun)
        case ToolEnded(call):
            return pb.SendMessageResponse(tool_end=pb.ToolEnded(call=call_to_proto(call)))
        case Retrying(reason, pause_seconds, answer_text):
            retrying = pb.Retrying(reason=reason, pause_seconds=pause_seconds, text=answer_text)
            return pb.SendMessageResponse(retry=retrying)
        case Done(answer, conversation, conflict):
            (message,) = within_limit([message_to_proto(answer)])
            done = pb.Done(answer=message, conversation=conversation_to_proto(conversation), conflict=conflict)
            return pb.SendMessageResponse(done=done)
        case Failed(reason, message, conversation, retry_after_seconds, answer):
            kept = within_limit([] if answer is None else [message_to_proto(answer)])
            failed = pb.Failed(
                reason=reason,
                message=message,
                retry_after_seconds=retry_after_seconds,
                answer=kept[0] if kept else None,
                conversation=None if conversation is None else conversation_to_proto(conversation),
            )
            return pb.SendMessageResponse(failed=failed)
        case Stopped(answer, conversation):
            said = within_limit([] if answer is None else [message_to_proto(answer)])
            stopped = pb.Stopped(answer=said[0] if said else None, conversation=conversation_to_proto(conversation))
            return pb.SendMessageResponse(stopped=stopped)


def conversation_to_proto(conversation: Conversation) -> pb.Conversation:
    """Converts a conversation without its messages."""
    return pb.Conversation(
        conversation_id=conversation.id,
        dataset_id=conversation.dataset_id,
        dataset_name=visible_line(conversation.dataset_name),  # earlier versions stored them unchecked
        title=visible_line(conversation.title),
        created_at=timestamp_to_proto(conversation.created_at),
        updated_at=timestamp_to_proto(conversation.updated_at),
        version=conversation.version,
        message_count=conversation.message_count,
        is_being_answered=conversation.is_being_answered,
    )


def message_to_proto(message: Message) -> pb.Message:
    """Converts one message."""
    return pb.Message(
        message_id=message.id,
        role=_ROLES[message.role],
        content=message.content,
        tool_calls=[call_to_proto(call) for call in message.tool_calls],
        created_at=timestamp_to_proto(message.created_at),
        status=_STATUSES[message.status],
        failure_reason=message.failure_reason or None,
        token_usage=None if message.usage is None else usage_to_proto(message.usage),
        cost_usd=message.cost_usd,
        cache_hit=message.cache_hit,
        model=message.model,
        duration_ms=message.duration_ms,
        turns_left_out=message.turns_left_out,
    )


def within_limit(messages: Sequence[pb.Message]) -> list[pb.Message]:
    """Returns the messages, cut to fit into one gRPC message: old tables are dropped first, then old messages."""
    kept, size = list(messages), sum(message.ByteSize() for message in messages)
    for call in (call for message in messages for call in message.tool_calls):
        if size <= _LARGEST_BYTES:
            break
        size -= len(call.result.table_json.encode())
        call.result.ClearField("table_json")
        call.result.ClearField("chart_json")
    while size > _LARGEST_BYTES and len(kept) > 1:
        size -= kept.pop(0).ByteSize()
    return kept


def usage_to_proto(usage: TokenUsage) -> pb.TokenUsage:
    """Converts token counts."""
    return pb.TokenUsage(
        input=usage.input,
        output=usage.output,
        cached=usage.cached,
        cache_written=usage.cache_written,
        total=usage.total,
    )


def call_to_proto(call: ToolCall) -> pb.ToolCall:
    """Converts one tool call."""
    return pb.ToolCall(
        call_id=call.use.call_id,
        name=call.use.name,
        arguments_json=call.use.arguments_json,
        result=None if call.result is None else result_to_proto(call.result),
        error=call.error or None,
        duration_ms=call.duration_ms,
    )


def result_to_proto(result: ToolResult) -> analysis_pb2.RunToolResponse:
    """Converts the result of a tool."""
    return analysis_pb2.RunToolResponse(
        text=result.text,
        table_json=_json(result.table),
        chart_json=_json(result.chart),
        code=result.code,
        rows_used=result.rows_used,
        rows_missing=result.rows_missing,
    )


def _json(value: dict[str, Any] | None) -> str | None:
    # Sorted, because the database keeps no order.
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def file_to_proto(file: ExportedFile) -> pb.ExportConversationResponse:
    """Converts an exported file."""
    return pb.ExportConversationResponse(file_name=file.name, media_type=file.media_type, content=file.content)


def format_from_proto(message: Any) -> ExportFormat:
    """Reads the export format."""
    return "notebook" if message == pb.EXPORT_FORMAT_NOTEBOOK else "markdown"
