"""Rows of conversations and messages as both stores read them. Every change locks the row of its conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from chat_service.answers import NumberCheck, TokenUsage, ToolCall
from chat_service.tables import conversations, messages
from chat_service.tool_call_json import from_json
from servicekit.errors import Refused

Role = Literal["user", "assistant"]
Status = Literal["pending", "complete", "stopped", "failed"]

# Longer than any run: an older pending turn without a lease was begun by a process that died.
LONGEST_PENDING_SECONDS = 180.0
_LONGEST_PENDING = sa.text(f"interval '{LONGEST_PENDING_SECONDS} seconds'")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages."""

    id: str
    dataset_id: str
    dataset_name: str
    client_id: str
    title: str
    version: int
    created_at: datetime
    updated_at: datetime
    message_count: int
    is_being_answered: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `usage` is None for questions and for answers from the cache."""

    id: str
    turn: int
    role: Role
    content: str
    status: Status
    created_at: datetime
    failure_reason: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: TokenUsage | None = None
    cost_usd: float | None = None
    cache_hit: bool = False
    model: str = ""
    duration_ms: float = 0.0
    turns_left_out: int = 0
    number_check: NumberCheck | None = None


Turn = list[Message]
"""A question and its answer, if any."""

was_begun_too_long_ago = messages.c.pending_since < sa.func.clock_timestamp() - _LONGEST_PENDING
is_dead = sa.and_(messages.c.status == "pending", was_begun_too_long_ago).label("is_dead")
# Not EXISTS: PostgreSQL may answer that for all conversations at once, by reading what is pending anywhere.
_is_being_answered = (
    sa.select(messages.c.turn)
    .where(messages.c.conversation_id == conversations.c.id)
    .where(messages.c.status == "pending", sa.not_(was_begun_too_long_ago))
    .limit(1)
    .scalar_subquery()
    .is_not(None)
    .label("is_being_answered")
)
conversation_rows = sa.select(conversations, _is_being_answered)


def touch(connection: sa.Connection, conversation_id: str, **values: Any) -> Conversation:
    """Increments the version, and so locks the row. Raises `CONVERSATION_NOT_FOUND`."""
    statement = (
        sa.update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(version=conversations.c.version + 1, updated_at=sa.func.clock_timestamp(), **values)
        .returning(conversations)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise not_found(conversation_id)
    return Conversation(**row)


def count_messages(connection: sa.Connection, conversation_id: str) -> int:
    """Returns how many messages a conversation has after a change of them."""
    return connection.scalar(sa.select(conversations.c.message_count).where(conversations.c.id == conversation_id)) or 0


def get_conversation(connection: sa.Connection, conversation_id: str) -> Conversation:
    """Raises `CONVERSATION_NOT_FOUND`."""
    row = connection.execute(conversation_rows.where(conversations.c.id == conversation_id)).mappings().one_or_none()
    if row is None:
        raise not_found(conversation_id)
    return Conversation(**row)


def message_from(row: Mapping[str, Any]) -> Message:
    """Reads a row of `messages` with `is_dead`."""
    usage = row["token_usage"]
    return Message(
        id=row["id"],
        turn=row["turn"],
        role=row["role"],
        content=row["content"],
        status="failed" if row["is_dead"] else row["status"],
        created_at=row["created_at"],
        failure_reason="ANSWER_CUT" if row["is_dead"] else row["failure_reason"],
        tool_calls=from_json(row["tool_calls"]),
        usage=usage and TokenUsage(**usage),
        cost_usd=row["cost_usd"],
        cache_hit=row["cache_hit"],
        model=row["model"],
        duration_ms=row["duration_ms"],
        turns_left_out=row["turns_left_out"],
        number_check=NumberCheck.read(row["number_check"]),
    )


def not_found(conversation_id: str) -> Refused:
    """Returns the refusal of a conversation that does not exist."""
    return Refused("CONVERSATION_NOT_FOUND", f"No conversation {conversation_id}.", conversation_id=conversation_id)
