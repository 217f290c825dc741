"""What answers and events of the chat hold."""

from typing import Any, cast

import orjson
from daegu.chat.v1 import chat_pb2 as pb
from google.protobuf.message_factory import GetMessageClass
from pydantic import Field

from gateway.errors import ApiError
from gateway.schemas.common import Answer, ErrorAnswer
from gateway.texts import (
    CHANGED_ELSEWHERE,
    FROM_CACHE,
    KEY_STATES,
    TABLES_LEFT_OUT,
    error_text,
    left_out_text,
    retry_text,
)
from gateway.views.dataset import tool_result
from gateway.views.view import View

_MOST_LEVELS = 100  # orjson reads 1,024 levels but writes only 254


def _args(call: pb.ToolCall | pb.ToolStarted) -> dict[str, Any]:
    """Its arguments; what is not a JSON object is the text that the model wrote, under `?`."""
    try:
        read = orjson.loads(call.arguments_json or "{}")
    except ValueError:
        read = call.arguments_json
    if not _is_within(read, _MOST_LEVELS):
        read = call.arguments_json
    return read if isinstance(read, dict) else {"?": read}


def _is_within(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_within(item, levels - 1) for item in inner)


def _failure_message(message: pb.Message) -> str | None:
    """The Korean sentence for the failure; null if there was none."""
    return error_text(message.failure_reason, {}) if message.failure_reason else None


def _notice(message: pb.Message) -> str | None:
    """A Korean note to show with the answer, or null."""
    if message.tables_left_out:
        return TABLES_LEFT_OUT.format(count=message.tables_left_out)
    return FROM_CACHE if message.cache_hit else left_out_text(message.turns_left_out)


def _conflict(done: pb.Done) -> str | None:
    """Korean note that the conversation was changed elsewhere, or null."""
    return CHANGED_ELSEWHERE if done.conflict else None


def _seconds(retrying: pb.Retrying) -> int:
    """Seconds until the next attempt."""
    return round(retrying.pause_seconds)


def _retry_sentence(retrying: pb.Retrying) -> str:
    """The Korean sentence to show."""
    return retry_text(retrying.reason, _seconds(retrying))


def _key_sentence(verified: pb.VerifyKeyResponse) -> str:
    """The Korean sentence to show."""
    return KEY_STATES[pb.KeyState.Name(verified.state)]


_USED = {"cost_usd": "cost"}
_tool_call = View(
    pb.ToolCall, omitted=["arguments_json"], flat=["result"], inner=[tool_result], computed={"args": _args}
)
conversation = View(pb.Conversation)
conversations = View(pb.ListConversationsResponse, inner=[conversation])
message = View(
    pb.Message,
    renamed={**_USED, "failure_reason": "failure"},
    inner=[_tool_call],
    computed={"failure_message": _failure_message},
)
message_page = View(
    pb.ReadConversationResponse,
    omitted=["further_calls"],
    flat=["conversation"],
    inner=(conversation, message),
)
full_conversation = View(pb.GetConversationResponse, flat=["conversation"], inner=(conversation, message))
chat_models = View(pb.ListModelsResponse)
key_state = View(pb.VerifyKeyResponse, computed={"message": _key_sentence})
complete_answer = View(
    pb.Done,
    name="Chat",
    flat=("answer", "conversation"),
    inner=(
        View(
            pb.Message,
            omitted=("role", "created_at", "status", "failure_reason"),
            renamed={**_USED, "content": "response"},
            inner=[_tool_call],
            computed={"notice": _notice},
        ),
        View(
            pb.Conversation,
            omitted=(
                *("dataset_id", "dataset_name", "title", "created_at", "updated_at"),
                *("message_count", "is_being_answered"),
            ),
        ),
    ),
    computed={"conflict": _conflict},
)


class ChatRefusal(ErrorAnswer):
    """Refusal of a question that was not answered, or only in part."""

    answer: message.model | None = Field(  # type: ignore[name-defined]
        None, description="The partial answer; absent or null if there is none."
    )
    conversation_id: str | None = Field(None, description="Conversation of the question; absent if no run began.")
    question_id: str | None = Field(None, description="Id of the question; absent if no run began.")


class AnswerEnd(Answer):
    """How a run ended."""

    status: str = Field(description="complete, stopped or failed.")
    failure: str | None = Field(description="Stable reason of a failure, or null.")
    failure_message: str | None = Field(description="The Korean sentence for it, or null.")
    conversation_id: str | None = Field(description="Conversation it belongs to; null if it could not be read.")
    version: int | None = Field(description="Current version of the conversation; null if it could not be read.")


def end_fields(event: pb.SendMessageResponse) -> dict[str, Any]:
    """Returns how a run ended."""
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


def failure(failed: pb.Failed) -> ApiError:
    """Returns a failed run as a refusal, with the text received so far."""
    seconds = failed.retry_after_seconds
    headers = {"Retry-After": str(seconds)} if seconds else None
    kept = {"answer": message(failed.answer) if failed.HasField("answer") else None}
    return ApiError(failed.reason, headers=headers, more_fields=kept)


# How a run ends.
ENDS = ("done", "failed", "stopped")
_OWN_STEPS: dict[str, View] = {
    "tool_start": View(pb.ToolStarted, omitted=["arguments_json"], computed={"args": _args}),
    "tool_end": View(pb.ToolEnded, flat=["call"], inner=[_tool_call]),
    "retry": View(
        pb.Retrying,
        omitted=["pause_seconds"],
        renamed={"reason": "code"},
        computed={"seconds": _seconds, "message": _retry_sentence},
    ),
}
# The events before that, by their name in the contract, which is that of the server-sent event as well.
STEPS = {
    field.name: _OWN_STEPS.get(field.name) or View(GetMessageClass(field.message_type))
    for field in cast(Any, pb.SendMessageResponse.DESCRIPTOR).oneofs_by_name["event"].fields
    if field.name not in ENDS
}
