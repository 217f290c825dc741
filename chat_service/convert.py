"""Converts between the contract and the domain."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, cast

import orjson
from daegu.chat.v1 import chat_pb2 as pb
from daegu.dataset.v1 import analysis_pb2
from pydantic import SecretStr

from chat_service.answers import ToolCall, ToolEnded, ToolResult, ToolStarted
from chat_service.event_log import BEGINNING, Place
from chat_service.export import ExportFormat
from chat_service.plans import Question
from chat_service.rows import Conversation, Message
from chat_service.turn_events import Done, Failed, Stopped, TurnEnd, TurnEvent
from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import Refused, field_refused
from servicekit.ids import parse_id
from servicekit.messages import to_message
from servicekit.paging import index_after, page_size
from servicekit.text_gate import clean
from servicekit.visible_text import visible_line

LONGEST_QUESTION = 8_000
LONGEST_TITLE = 200
_LONGEST_CLIENT_ID = 100
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}")
# gRPC limits a message to 4 MiB.
_LARGEST_BYTES = 3_500_000
# What a stream sends at once.
_PART_BYTES = 250_000
_EVENTS = {
    field.message_type.name: field.name
    for field in cast(Any, pb.SendMessageResponse.DESCRIPTOR).oneofs_by_name["event"].fields
}


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


def event_to_proto(event: TurnEvent, place: Place = BEGINNING) -> pb.SendMessageResponse:
    """Converts one event of a run, with the place behind it, to the message of its name."""
    kind = type(event).__name__
    message: Any = getattr(pb, kind)
    match event:
        case ToolStarted(use):
            message = to_message(message, use)
        case ToolEnded(call):
            message = pb.ToolEnded(call=call_to_proto(call))
        case Done() | Failed() | Stopped():  # the last one: it has the answer, or as much of it as there is
            answer = _without_surplus_tables(message_to_proto(event.answer)) if event.answer else None
            conversation = conversation_to_proto(event.conversation) if event.conversation else None
            message = to_message(message, event, answer=answer, conversation=conversation)
        case _:
            message = to_message(message, event)
    event_id = "" if isinstance(event, TurnEnd) else str(place)
    return pb.SendMessageResponse(**{_EVENTS[kind]: message}, event_id=event_id)


def conversation_to_proto(conversation: Conversation) -> pb.Conversation:
    """Converts a conversation without its messages."""
    # Earlier versions stored the names unchecked.
    names = {"dataset_name": visible_line(conversation.dataset_name), "title": visible_line(conversation.title)}
    return to_message(pb.Conversation, conversation, conversation_id=conversation.id, **names)


def message_to_proto(message: Message) -> pb.Message:
    """Converts one message."""
    calls = [call_to_proto(call) for call in message.tool_calls]
    return to_message(
        pb.Message,
        message,
        message_id=message.id,
        token_usage=message.usage,
        tool_calls=calls,
        tables_left_out=0,
    )


def _without_surplus_tables(message: pb.Message) -> pb.Message:
    """Leaves out and counts the first tables of a message too large for gRPC; in the conversation it has them."""
    size = message.ByteSize()
    for call in message.tool_calls:
        if size <= _LARGEST_BYTES:
            break
        size -= len(call.result.table_json.encode())
        message.tables_left_out += call.result.HasField("table_json")
        call.result.ClearField("table_json")
        call.result.ClearField("chart_json")
    return message


def page_from_proto(request: pb.ReadConversationRequest, turns: range) -> tuple[range, str | None]:
    """Returns which turns are asked for, in their order, and the cursor behind them. Raises `REQUEST_INVALID`."""
    after = index_after(request.after)
    if request.order == pb.MESSAGE_ORDER_LATEST:
        left = turns[::-1] if not after else range(min(turns.stop, after) - 1, turns.start - 1, -1)
    else:
        left = range(max(turns.start, after + 1), turns.stop)
    page = left[: page_size(request.limit, default=len(left))]
    return page, str(page[-1]) if len(page) < len(left) else None


def conversation_to_parts(
    conversation: Conversation, steps: Iterable[Iterable[Message]], after: str | None
) -> Iterator[pb.ReadConversationResponse]:
    """Yields the parts of a conversation, at least one for each step; `after` is the cursor behind its messages."""
    yield pb.ReadConversationResponse(conversation=conversation_to_proto(conversation), next=after)
    for messages in steps:
        part, left = pb.ReadConversationResponse(), _PART_BYTES
        for message in map(message_to_proto, messages):
            size = message.ByteSize()
            if part.messages and size > left:
                yield part
                part, left = pb.ReadConversationResponse(), _PART_BYTES
            if size <= _PART_BYTES:
                part.messages.append(message)
                left -= size
                continue
            calls = [*message.tool_calls]
            message.ClearField("tool_calls")
            yield pb.ReadConversationResponse(messages=[message])
            for call in calls:
                yield pb.ReadConversationResponse(further_calls=[call])
        if part.messages:
            yield part


def whole_conversation_to_proto(
    conversation: Conversation, steps: Iterable[Iterable[Message]]
) -> pb.GetConversationResponse:
    """Returns a conversation with all its messages. Raises `CONVERSATION_TOO_LONG`."""
    size, whole = 0, pb.GetConversationResponse(conversation=conversation_to_proto(conversation))
    for message in map(message_to_proto, chain.from_iterable(steps)):
        size += message.ByteSize()
        _refuse_long(size)
        whole.messages.append(message)
    return whole


def whole_file_to_proto(name: str, media_type: str, chunks: Iterable[bytes]) -> pb.ExportConversationResponse:
    """Returns a file as a whole. Raises `CONVERSATION_TOO_LONG`."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        _refuse_long(len(content))
    return pb.ExportConversationResponse(file_name=name, media_type=media_type, content=bytes(content))


def _refuse_long(size: int) -> None:
    if size > _LARGEST_BYTES:
        raise Refused("CONVERSATION_TOO_LONG", "The conversation does not fit into one message; read it as a stream.")


def call_to_proto(call: ToolCall) -> pb.ToolCall:
    """Converts one tool call."""
    return pb.ToolCall(
        call_id=call.use.call_id,
        name=call.use.name,
        arguments_json=call.use.arguments_json,
        result=None if call.result is None else _result_to_proto(call.result),
        error=call.error or None,
        duration_ms=call.duration_ms,
    )


def _result_to_proto(result: ToolResult) -> analysis_pb2.RunToolResponse:
    table, chart = _json(result.table), _json(result.chart)
    return to_message(analysis_pb2.RunToolResponse, result, table_json=table, chart_json=chart)


def _json(value: dict[str, Any] | None) -> str | None:
    # Sorted, because the database keeps no order.
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def format_from_proto(message: Any) -> ExportFormat:
    """Reads the export format."""
    return "notebook" if message == pb.EXPORT_FORMAT_NOTEBOOK else "markdown"
