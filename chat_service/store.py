"""All SQL of the chat service. Every change is one transaction that holds the row of its conversation."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from chat_service.answers import TokenUsage, ToolCall
from chat_service.errors import (
    AnswerCut,
    ConversationNotFound,
    ConversationOfOtherDataset,
    QuestionNotRetryable,
)
from chat_service.tables import conversations, messages
from chat_service.tool_call_json import from_json, to_json
from servicekit.database import database_errors

Role = Literal["user", "assistant"]
Status = Literal["pending", "complete", "stopped", "failed"]

# No run takes as long: whatever is pending longer was begun by a process that died.
_LONGEST_PENDING = sa.text("interval '60 seconds'")
_RETRYABLE = ("failed", "stopped")


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


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be stored. Without `is_new`, `conversation_id` is one that must be there."""

    id: str
    content: str
    conversation_id: str
    is_new: bool
    dataset_id: str
    dataset_name: str
    client_id: str
    title: str
    expected_version: int = 0
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to be stored: whole, or stopped."""

    id: str
    content: str
    tool_calls: Sequence[ToolCall]
    usage: TokenUsage | None
    cost_usd: float | None
    cache_hit: bool
    model: str
    duration_ms: float
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question as it was stored. `version` is the conversation's since; `conflict`: it was not the expected one."""

    id: str
    conversation_id: str
    turn: int
    version: int
    conflict: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """The conversation after a turn was answered."""

    conversation: Conversation
    answer: Message
    conflict: bool


class ChatStore:
    """Reads and changes conversations. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin_turn(self, question: NewQuestion) -> StoredQuestion:
        """Stores a question whose answer is under way.

        Raises `ConversationNotFound`, `ConversationOfOtherDataset`, `QuestionNotRetryable`.
        """
        with self._transaction() as connection:
            return _store_question(connection, question, pending=True)

    def end_turn(self, question: StoredQuestion, answer: NewAnswer) -> Ending:
        """Stores the answer beside its question."""
        with self._transaction() as connection:
            version = _touch(connection, question.conversation_id)
            connection.execute(_set_question(question.id, _settled("complete")))
            return _end(connection, question, answer, version)

    def fail_turn(self, question: StoredQuestion, reason: str) -> Conversation:
        """Marks a question as failed. A turn that has ended stays as it is."""
        with self._transaction() as connection:
            _touch(connection, question.conversation_id)
            connection.execute(_set_question(question.id, _failed(reason)).where(messages.c.status == "pending"))
            return _get(connection, question.conversation_id)

    def stop_turn(self, question: StoredQuestion, answer: NewAnswer | None) -> None:
        """Stores what was said until the stop; marks the question itself when nothing was.

        A turn that has ended stays as it is.
        """
        state = _settled("stopped" if answer is None else "complete")
        with self._transaction() as connection:
            _touch(connection, question.conversation_id)
            change = _set_question(question.id, state).where(messages.c.status == "pending")
            if connection.execute(change).rowcount and answer is not None:
                _insert_answer(connection, question, answer)

    def store_turn(self, question: NewQuestion, answer: NewAnswer) -> tuple[StoredQuestion, Ending]:
        """Stores a question and its answer at once."""
        with self._transaction() as connection:
            stored = _store_question(connection, question, pending=False)
            return stored, _end(connection, stored, answer, _touch(connection, stored.conversation_id))

    def fail_pending(self) -> int:
        """Marks every turn under way as failed, for a process that begins: whoever answered them has died.

        A turn that ends nevertheless, in another process, overwrites that. Returns how many there were.
        """
        statement = sa.update(messages).where(messages.c.status == "pending").values(_failed(AnswerCut.reason))
        with self._transaction() as connection:
            return connection.execute(statement).rowcount

    def get(self, conversation_id: str) -> tuple[Conversation, list[Message]]:
        """Returns a conversation with its messages, each answer after its question. Raises `ConversationNotFound`."""
        query = (
            sa.select(messages, _is_dead)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.turn, messages.c.role.desc())
        )
        with database_errors(), self._engine.connect() as connection:
            conversation = _get(connection, conversation_id)
            return conversation, [_message(row) for row in connection.execute(query).mappings()]

    def said(self, conversation_id: str, *, before: str | None, most: int) -> list[tuple[str, str]]:
        """Returns the latest questions with their answers, oldest first; `before` names the question they precede."""
        question, answer, limit = messages.alias(), messages.alias(), messages.alias()
        query = (
            sa.select(question.c.content, answer.c.content)
            .join(
                answer,
                sa.and_(
                    answer.c.conversation_id == question.c.conversation_id,
                    answer.c.turn == question.c.turn,
                    answer.c.role == "assistant",
                ),
            )
            .where(question.c.conversation_id == conversation_id, question.c.role == "user")
            .order_by(question.c.turn.desc())
            .limit(most)
        )
        if before is not None:
            query = query.where(question.c.turn < sa.select(limit.c.turn).where(limit.c.id == before).scalar_subquery())
        with database_errors(), self._engine.connect() as connection:
            return [(asked, answered) for asked, answered in connection.execute(query)][::-1]

    def list_latest(
        self, *, dataset_id: str | None, client_id: str | None, limit: int, offset: int
    ) -> tuple[list[Conversation], int]:
        """Returns conversations, latest first, and how many there are in all."""
        conditions = [
            column == value
            for column, value in ((conversations.c.dataset_id, dataset_id), (conversations.c.client_id, client_id))
            if value is not None
        ]
        query = _conversations.where(*conditions).order_by(conversations.c.updated_at.desc(), conversations.c.id.desc())
        count = sa.select(sa.func.count()).select_from(conversations).where(*conditions)
        with database_errors(), self._engine.connect() as connection:
            found = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [Conversation(**row) for row in found], connection.scalar(count) or 0

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Changes the title. Raises `ConversationNotFound`."""
        with self._transaction() as connection:
            _touch(connection, conversation_id, title=title)
            return _get(connection, conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Deletes a conversation with its messages. Raises `ConversationNotFound`."""
        statement = sa.delete(conversations).where(conversations.c.id == conversation_id)
        with self._transaction() as connection:
            if not connection.execute(statement).rowcount:
                raise _not_found(conversation_id)

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with database_errors(), self._engine.begin() as connection:
            yield connection


_message_count = (
    sa.select(sa.func.count())
    .where(messages.c.conversation_id == conversations.c.id)
    .scalar_subquery()
    .label("message_count")
)
_conversations = sa.select(conversations, _message_count)
_is_dead = sa.and_(
    messages.c.status == "pending", messages.c.pending_since < sa.func.clock_timestamp() - _LONGEST_PENDING
).label("is_dead")


def _store_question(connection: sa.Connection, question: NewQuestion, *, pending: bool) -> StoredQuestion:
    found_version = 0
    if question.is_new:
        values = {
            "id": question.conversation_id,
            "dataset_id": question.dataset_id,
            "dataset_name": question.dataset_name,
            "client_id": question.client_id,
            "title": question.title,
            "version": 1,
        }
        connection.execute(sa.insert(conversations).values(values))
    else:
        found_version = _lock(connection, question)
        _touch(connection, question.conversation_id)
    state = _pending() if pending else _settled("complete")
    if question.retry_of is None:
        turn = _next_turn(connection, question.conversation_id)
        values = {"id": question.id, "conversation_id": question.conversation_id, "turn": turn, "role": "user"}
        connection.execute(sa.insert(messages).values({**values, "content": question.content, **state}))
    else:
        turn = _ask_again(connection, question, state)
    return StoredQuestion(
        id=question.retry_of or question.id,
        conversation_id=question.conversation_id,
        turn=turn,
        version=found_version + 1,
        conflict=not question.is_new and question.expected_version not in (0, found_version),
    )


def _lock(connection: sa.Connection, question: NewQuestion) -> int:
    query = sa.select(conversations.c.version, conversations.c.dataset_id).with_for_update()
    row = connection.execute(query.where(conversations.c.id == question.conversation_id)).one_or_none()
    if row is None:
        raise _not_found(question.conversation_id)
    if row.dataset_id != question.dataset_id:
        raise ConversationOfOtherDataset("The conversation is about another dataset.")
    return int(row.version)


def _next_turn(connection: sa.Connection, conversation_id: str) -> int:
    latest = sa.select(sa.func.max(messages.c.turn)).where(messages.c.conversation_id == conversation_id)
    return (connection.scalar(latest) or 0) + 1


def _ask_again(connection: sa.Connection, question: NewQuestion, state: Mapping[str, Any]) -> int:
    statement = (
        sa.update(messages)
        .where(
            messages.c.id == question.retry_of,
            messages.c.conversation_id == question.conversation_id,
            messages.c.role == "user",
            sa.or_(messages.c.status.in_(_RETRYABLE), _is_dead),
        )
        .values(content=question.content, **state)
        .returning(messages.c.turn)
    )
    turn = connection.scalar(statement)
    if turn is None:
        raise QuestionNotRetryable("No question of the conversation that failed or was stopped has this id.")
    return int(turn)


def _end(connection: sa.Connection, question: StoredQuestion, answer: NewAnswer, version: int) -> Ending:
    message = _insert_answer(connection, question, answer)
    is_foreign = version != question.version + 1  # somebody else changed it while this turn was under way
    return Ending(_get(connection, question.conversation_id), message, question.conflict or is_foreign)


def _insert_answer(connection: sa.Connection, question: StoredQuestion, answer: NewAnswer) -> Message:
    values = {
        "id": answer.id,
        "conversation_id": question.conversation_id,
        "turn": question.turn,
        "role": "assistant",
        "content": answer.content,
        "tool_calls": to_json(answer.tool_calls),
        "token_usage": answer.usage and asdict(answer.usage),
        "cost_usd": answer.cost_usd,
        "cache_hit": answer.cache_hit,
        "model": answer.model,
        "duration_ms": answer.duration_ms,
        **_settled("stopped" if answer.is_stopped else "complete"),
    }
    statement = sa.insert(messages).values(values).returning(messages, sa.false().label("is_dead"))
    return _message(connection.execute(statement).mappings().one())


def _touch(connection: sa.Connection, conversation_id: str, **values: Any) -> int:
    """Counts a change and returns the new version. Raises `ConversationNotFound`."""
    statement = (
        sa.update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(version=conversations.c.version + 1, updated_at=sa.func.clock_timestamp(), **values)
        .returning(conversations.c.version)
    )
    version = connection.scalar(statement)
    if version is None:
        raise _not_found(conversation_id)
    return int(version)


def _get(connection: sa.Connection, conversation_id: str) -> Conversation:
    row = connection.execute(_conversations.where(conversations.c.id == conversation_id)).mappings().one_or_none()
    if row is None:
        raise _not_found(conversation_id)
    return Conversation(**row)


def _set_question(question_id: str, state: Mapping[str, Any]) -> sa.Update:
    return sa.update(messages).where(messages.c.id == question_id).values(state)


def _pending() -> dict[str, Any]:
    return {"status": "pending", "failure_reason": "", "pending_since": sa.func.clock_timestamp()}


def _settled(status: Status) -> dict[str, Any]:
    return {"status": status, "failure_reason": "", "pending_since": None}


def _failed(reason: str) -> dict[str, Any]:
    return {"status": "failed", "failure_reason": reason, "pending_since": None}


def _message(row: sa.RowMapping) -> Message:
    usage = row["token_usage"]
    return Message(
        id=row["id"],
        turn=row["turn"],
        role=row["role"],
        content=row["content"],
        status="failed" if row["is_dead"] else row["status"],
        created_at=row["created_at"],
        failure_reason=AnswerCut.reason if row["is_dead"] else row["failure_reason"],
        tool_calls=from_json(row["tool_calls"]),
        usage=usage and TokenUsage(**usage),
        cost_usd=row["cost_usd"],
        cache_hit=row["cache_hit"],
        model=row["model"],
        duration_ms=row["duration_ms"],
    )


def _not_found(conversation_id: str) -> ConversationNotFound:
    return ConversationNotFound(f"No conversation {conversation_id}.", conversation_id=conversation_id)
