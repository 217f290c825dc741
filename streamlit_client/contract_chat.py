"""What the REST contract answers about the chat, as the page needs it."""

from datetime import datetime
from typing import Any, Literal

from streamlit_client.contract import Fields
from streamlit_client.contract_datasets import Chart, Table


class ToolCall(Fields):
    """One use of a tool within an answer."""

    call_id: str
    name: str
    args: dict[str, Any]
    result: str
    table: Table | None
    chart: Chart | None
    code: str
    duration_ms: float
    error: str | None
    rows_used: int
    rows_missing: int


class TokenUsage(Fields):
    """Tokens that an answer cost."""

    input: int
    output: int
    cached: int
    cache_written: int
    total: int


class Message(Fields):
    """One message of a conversation. A run that broke off is marked at its answer, or at its question without one."""

    message_id: str
    role: Literal["user", "assistant"]
    content: str
    tool_calls: tuple[ToolCall, ...]
    created_at: datetime
    status: Literal["complete", "stopped", "failed", "pending"]
    failure: str | None
    failure_message: str | None
    token_usage: TokenUsage | None
    cost: float | None
    cache_hit: bool
    model: str
    duration_ms: float
    turns_left_out: int


class ChatAnswer(Fields):
    """A complete answer; `notice` and `conflict` are Korean remarks to show, or None."""

    response: str
    tool_calls: tuple[ToolCall, ...]
    token_usage: TokenUsage | None
    cost: float | None
    cache_hit: bool
    notice: str | None
    conversation_id: str
    message_id: str
    model: str
    duration_ms: float
    version: int
    conflict: str | None


class AnswerEnd(Fields):
    """How a run ended."""

    status: Literal["complete", "stopped", "failed"]


class Conversation(Fields):
    """A conversation without its messages."""

    conversation_id: str
    dataset_id: str
    dataset_name: str
    title: str
    created_at: datetime
    updated_at: datetime
    version: int
    message_count: int
    is_being_answered: bool


class FullConversation(Conversation):
    """A conversation with its messages, oldest first."""

    messages: tuple[Message, ...]


class ConversationPage(Fields):
    """Some conversations, latest first; `total` counts all."""

    conversations: tuple[Conversation, ...]
    total: int


class KeyAnswer(Fields):
    """What the provider says of a key, and the Korean sentence for it."""

    state: Literal["valid", "invalid", "unreachable"]
    message: str


class ChatModel(Fields):
    """A model and its price in US dollars for a million tokens, where it is known."""

    model: str
    name: str
    input_usd: float | None
    output_usd: float | None


class ChatModels(Fields):
    """The models that can be chosen."""

    models: tuple[ChatModel, ...]
    default_model: str
    prices_of: str


class ChatEvent(Fields):
    """One event of a run under way.

    `beat` says that it goes on; `start` has conversation_id, question_id and model; `thinking` and `delta` have text;
    `tool_start` has call_id, name and args; `tool_end` is a `ToolCall`; `retry` has message (Korean) and text, from
    which the next `delta` goes on; `done` is a `ChatAnswer`; `stopped` is an `AnswerEnd`; `error` has error (Korean),
    code and request_id.
    """

    name: Literal["beat", "start", "thinking", "delta", "tool_start", "tool_end", "retry", "done", "stopped", "error"]
    fields: dict[str, Any]
