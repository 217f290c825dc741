"""Answers of the REST contract about the chat, with only the fields that the page uses."""

from datetime import datetime
from typing import Any, Literal

from streamlit_client.backend.contract import Fields
from streamlit_client.backend.contract_datasets import Chart, Table


class ToolCall(Fields):
    """One tool call of an answer."""

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
    question: dict[str, Any] | None = None


class TokenUsage(Fields):
    """Tokens used by an answer."""

    cached: int
    total: int


class NumberCheck(Fields):
    """How many numbers an answer has, how many of them the results of tools bear out, and the others as written."""

    numbers: int
    confirmed: int
    unconfirmed: tuple[str, ...]


class Message(Fields):
    """One message of a conversation. An interrupted run is marked at its answer, or at its question without one."""

    message_id: str
    role: Literal["user", "assistant"]
    content: str
    tool_calls: tuple[ToolCall, ...]
    status: Literal["complete", "stopped", "failed", "pending"]
    failure_message: str | None
    token_usage: TokenUsage | None
    cost: float | None
    cache_hit: bool
    model: str
    duration_ms: float
    turns_left_out: int
    number_check: NumberCheck | None


class ChatAnswer(Fields):
    """The end of a complete answer, which the conversation then has; `conflict` is a Korean note to show, or None."""

    token_usage: TokenUsage | None
    cost: float | None
    conflict: str | None


class Conversation(Fields):
    """A conversation without its messages."""

    conversation_id: str
    dataset_id: str
    dataset_name: str
    title: str
    updated_at: datetime
    version: int
    is_being_answered: bool


class ConversationMessages(Conversation):
    """A conversation with a page of its messages, oldest first; the page before begins at `next`, None at the first."""

    messages: tuple[Message, ...]
    next: str | None


class ConversationPage(Fields):
    """A page of conversations, latest first, and where the next one begins."""

    conversations: tuple[Conversation, ...]
    next: str | None


class KeyAnswer(Fields):
    """Whether the provider accepts a key, and a Korean sentence."""

    state: Literal["valid", "invalid", "unreachable"]
    message: str


class ChatModel(Fields):
    """A model and, if known, its price in US dollars per million tokens."""

    model: str
    name: str
    input_usd: float | None
    output_usd: float | None


class ChatModels(Fields):
    """The available models."""

    models: tuple[ChatModel, ...]
    default_model: str
    prices_of: str


class ChatEvent(Fields):
    """One event of a run.

    `beat` is a keep-alive; `start` has conversation_id, question_id and model; `thinking` and `delta` have text;
    `tool_start` has call_id, name and args; `tool_end` is a `ToolCall`; `retry` has message (Korean) and text, from
    which the next `delta` continues; `done` is a `ChatAnswer`; `stopped` has nothing; `error` has error (Korean) and
    request_id. `id` is where to go on after it; empty for the last one and for beats.
    """

    name: str
    fields: dict[str, Any]
    id: str = ""
