"""All SQL of turns. Every change is one transaction that locks the row of its conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert

from chat_service.answers import NumberCheck, TokenUsage, ToolCall
from chat_service.errors import LeaseLost
from chat_service.rows import (
    Conversation,
    Message,
    Role,
    Status,
    count_messages,
    get_conversation,
    is_dead,
    message_from,
    touch,
    was_begun_too_long_ago,
)
from chat_service.tables import conversations, messages, turn_leases
from chat_service.tool_call_json import to_json
from servicekit.database import connected, database_errors
from servicekit.errors import Refused
from servicekit.ids import new_id

# A turn whose process has not renewed its lease for that long has died with it.
LEASE_SECONDS = 5.0
_LEASE = sa.text(f"interval '{LEASE_SECONDS} seconds'")
_has_expired = turn_leases.c.leased_until < sa.func.clock_timestamp()
_RETRYABLE = ("failed", "stopped")


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to store. Without `is_new`, the conversation must exist."""

    content: str
    conversation_id: str
    is_new: bool
    dataset_id: str
    dataset_name: str
    client_id: str
    title: str
    expected_version: int = 0
    retry_of: str | None = None
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to store: complete, or the part before it was stopped or failed."""

    content: str
    tool_calls: Sequence[ToolCall] = ()
    usage: TokenUsage | None = None
    cost_usd: float | None = None
    cache_hit: bool = False
    model: str = ""
    duration_ms: float = 0.0
    turns_left_out: int = 0
    number_check: NumberCheck | None = None
    status: Literal["complete", "stopped", "failed"] = "complete"
    failure_reason: str = ""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A stored question. `version` is the new one of the conversation; `conflict`: it was not the expected one.

    `lease_id` names this attempt to answer it, and is what its end can be stored with; empty if there is no lease.
    """

    id: str
    conversation_id: str
    turn: int
    version: int
    conflict: bool
    lease_id: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """The conversation after an answer was stored."""

    conversation: Conversation
    answer: Message
    conflict: bool


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A stored question with its answer."""

    conversation: Conversation
    question: Message
    answer: Message | None
    lease_id: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether the question is being answered."""
        return self.question.status == "pending"

    @property
    def stored(self) -> StoredQuestion:
        """The question in the form that the store's methods take."""
        question, conversation = self.question, self.conversation
        return StoredQuestion(question.id, conversation.id, question.turn, conversation.version, False, self.lease_id)


def _is_one_of(lease_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    return turn_leases.c.id == sa.any_(sa.cast(lease_ids, ARRAY(UUID(as_uuid=False))))


class TurnStore:
    """Stores and reads turns. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin_turn(self, question: NewQuestion) -> StoredQuestion:
        """Stores a question whose answer is in progress, with a lease for `LEASE_SECONDS`.

        Raises `CONVERSATION_NOT_FOUND`, `CONVERSATION_OF_OTHER_DATASET`, `QUESTION_NOT_RETRYABLE`.
        """
        with connected(self._engine) as connection:
            conversation, turn = _open(connection, question)
            lease_id = _lease(connection, question.retry_of or question.id)
            if question.retry_of is None:
                connection.execute(sa.insert(messages).values(_question_row(question, turn, _state("pending"))))
            else:
                turn = _ask_again(connection, question, _state("pending"))
            return replace(_stored(question, conversation, turn), lease_id=lease_id)

    def end_turn(self, question: StoredQuestion, answer: NewAnswer) -> Ending:
        """Stores the complete answer of a question. Raises `LeaseLost`."""
        with connected(self._engine) as connection:
            conversation = touch(connection, question.conversation_id)
            if not _end(connection, question, _state("complete")):
                raise LeaseLost("ANSWER_CUT", f"The turn of question {question.id} has ended already.")
            message = _insert_answer(connection, question, answer)
            is_foreign = conversation.version != question.version + 1  # changed by another turn meanwhile
            conversation = replace(conversation, message_count=count_messages(connection, question.conversation_id))
            return Ending(conversation, message, question.conflict or is_foreign)

    def fail_turn(
        self, question: StoredQuestion, reason: str, answer: NewAnswer | None
    ) -> tuple[Conversation, Message | None]:
        """Stores the answer up to the failure; without one, marks the question as failed.

        A turn that has ended, or is another attempt now, stays as it is.
        """
        with connected(self._engine) as connection:
            conversation = touch(connection, question.conversation_id)
            message = _break_off(connection, question, _state("failed", reason), answer)
            return replace(conversation, message_count=count_messages(connection, question.conversation_id)), message

    def stop_turn(self, question: StoredQuestion, answer: NewAnswer | None) -> None:
        """Stores the answer up to the stop; without one, marks the question as stopped.

        A turn that has ended, or is another attempt now, stays as it is.
        """
        with connected(self._engine) as connection:
            touch(connection, question.conversation_id)
            _break_off(connection, question, _state("stopped"), answer)

    def store_turn(self, question: NewQuestion, answer: NewAnswer) -> tuple[StoredQuestion, Ending]:
        """Stores a question and its answer together, in few statements, because a cached answer waits for it."""
        with connected(self._engine) as connection:
            conversation, turn = _open(connection, question)
            rows, added = [], 1
            if question.retry_of is None:
                rows, added = [_question_row(question, turn, _state("complete"))], 2
            else:
                turn = _ask_again(connection, question, _state("complete"))
                added -= _drop_answer(connection, question.conversation_id, turn)
            stored = _stored(question, conversation, turn)
            rows.append(_row(answer, stored.conversation_id, stored.turn, "assistant"))
            inserted = connection.execute(sa.insert(messages).returning(messages), rows).mappings()
            message = next(message_from({**row, "is_dead": False}) for row in inserted if row["role"] == "assistant")
            conversation = replace(conversation, message_count=conversation.message_count + added)
            return stored, Ending(conversation, message, stored.conflict)

    def renew(self, lease_ids: Sequence[str]) -> dict[str, bool]:
        """Renews leases. Returns those whose questions are still pending, each with whether a stop is requested."""
        statement = (
            sa.update(turn_leases)
            .where(
                _is_one_of(lease_ids),
                sa.exists().where(messages.c.id == turn_leases.c.question_id, messages.c.status == "pending"),
            )
            .values(leased_until=sa.func.clock_timestamp() + _LEASE)
            .returning(turn_leases.c.id, turn_leases.c.is_stop_requested)
        )
        with connected(self._engine) as connection:
            return {row.id: row.is_stop_requested for row in connection.execute(statement)}

    def request_stop(self, question_id: str) -> None:
        """Asks the process that answers a question to stop; it learns of it when it renews the lease."""
        statement = sa.update(turn_leases).where(turn_leases.c.question_id == question_id)
        with connected(self._engine) as connection:
            connection.execute(statement.values(is_stop_requested=True))

    def find_expired(self) -> Sequence[str]:
        """Returns the ids of the leases that have expired."""
        with connected(self._engine) as connection:
            return connection.scalars(sa.select(turn_leases.c.id).where(_has_expired)).all()

    def fail_dead(self, lease_ids: Sequence[str]) -> int:
        """Fails the pending turns with these leases, if they are expired still. Returns the number of failed turns.

        Those of an earlier version have no lease, and are dead after `LONGEST_PENDING_SECONDS`.
        """
        expired = (
            sa.delete(turn_leases)
            .where(_is_one_of(lease_ids), _has_expired)
            .returning(turn_leases.c.question_id)
            .cte("expired")
        )
        has_lease = sa.exists().where(turn_leases.c.question_id == messages.c.id)
        is_abandoned = sa.or_(
            messages.c.id.in_(sa.select(expired.c.question_id)),
            sa.and_(was_begun_too_long_ago, sa.not_(has_lease)),
        )
        statement = sa.update(messages).where(messages.c.status == "pending", is_abandoned)
        with connected(self._engine) as connection:
            return connection.execute(statement.values(_state("failed", "ANSWER_CUT"))).rowcount

    def find_turn(self, question_id: str) -> KeptTurn:
        """Returns a question with its answer. Raises `QUESTION_NOT_FOUND`."""
        question = messages.alias()
        query = (
            sa.select(messages, is_dead)
            .join(
                question,
                sa.and_(question.c.conversation_id == messages.c.conversation_id, question.c.turn == messages.c.turn),
            )
            .where(question.c.id == question_id, question.c.role == "user")
            .order_by(messages.c.role.desc())
        )
        with database_errors(), self._engine.connect() as connection:
            rows = [{**row} for row in connection.execute(query).mappings()]
            if not rows:
                raise Refused("QUESTION_NOT_FOUND", f"No question {question_id}.", question_id=question_id)
            conversation = get_conversation(connection, rows[0]["conversation_id"])
            lease = sa.select(turn_leases.c.id).where(turn_leases.c.question_id == question_id)
            lease_id = connection.scalar(lease) or ""
        asked, *answers = map(message_from, rows)
        return KeptTurn(conversation, asked, answers[0] if answers else None, lease_id)


def _open(connection: sa.Connection, question: NewQuestion) -> tuple[Conversation, int]:
    """Begins a conversation, or increments the version of one and so locks its row. Returns it and its next turn."""
    if question.is_new:
        values = {
            "id": question.conversation_id,
            "dataset_id": question.dataset_id,
            "dataset_name": question.dataset_name,
            "client_id": question.client_id,
            "title": question.title,
            "version": 1,
        }
        row = connection.execute(sa.insert(conversations).values(values).returning(conversations)).mappings().one()
        return Conversation(**row), 1
    conversation = touch(connection, question.conversation_id)
    if conversation.dataset_id != question.dataset_id:
        raise Refused("CONVERSATION_OF_OTHER_DATASET", "The conversation is about another dataset.")
    # A separate statement, to see what others stored before the row was locked.
    latest = (
        sa.select(messages.c.turn)
        .where(messages.c.conversation_id == question.conversation_id)
        .order_by(messages.c.turn.desc())
        .limit(1)
    )
    return conversation, (connection.scalar(latest) or 0) + 1


def _stored(question: NewQuestion, conversation: Conversation, turn: int) -> StoredQuestion:
    return StoredQuestion(
        id=question.retry_of or question.id,
        conversation_id=question.conversation_id,
        turn=turn,
        version=conversation.version,
        conflict=not question.is_new and question.expected_version not in (0, conversation.version - 1),
    )


def _ask_again(connection: sa.Connection, question: NewQuestion, state: Mapping[str, Any]) -> int:
    answer = messages.alias()
    has_broken_off = sa.exists().where(
        answer.c.conversation_id == messages.c.conversation_id,
        answer.c.turn == messages.c.turn,
        answer.c.role == "assistant",
        answer.c.status.in_(_RETRYABLE),
    )
    statement = (
        sa.update(messages)
        .where(
            messages.c.id == question.retry_of,
            messages.c.conversation_id == question.conversation_id,
            messages.c.role == "user",
            sa.or_(
                messages.c.status.in_(_RETRYABLE), is_dead, sa.and_(messages.c.status == "complete", has_broken_off)
            ),
        )
        .values(content=question.content, **state)
        .returning(messages.c.turn)
    )
    turn = connection.scalar(statement)
    if turn is None:
        raise Refused(
            "QUESTION_NOT_RETRYABLE", "No question of the conversation that failed or was stopped has this id."
        )
    return int(turn)


def _break_off(
    connection: sa.Connection, question: StoredQuestion, state: Mapping[str, Any], answer: NewAnswer | None
) -> Message | None:
    """Ends a pending turn: stores the partial answer with its status, or sets the status of the question."""
    if not _end(connection, question, state if answer is None else _state("complete")) or answer is None:
        return None
    return _insert_answer(connection, question, answer)


def _drop_answer(connection: sa.Connection, conversation_id: str, turn: int) -> int:
    """Deletes the interrupted answer of a question that was asked again. Returns how many there were."""
    statement = sa.delete(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.turn == turn, messages.c.role == "assistant"
    )
    return connection.execute(statement).rowcount


def _insert_answer(connection: sa.Connection, question: StoredQuestion, answer: NewAnswer) -> Message:
    _drop_answer(connection, question.conversation_id, question.turn)
    statement = (
        sa.insert(messages)
        .values(_row(answer, question.conversation_id, question.turn, "assistant"))
        .returning(messages)
    )
    return message_from({**connection.execute(statement).mappings().one(), "is_dead": False})


def _question_row(question: NewQuestion, turn: int, state: Mapping[str, Any]) -> dict[str, Any]:
    asked = NewAnswer(question.content, id=question.id)
    return {**_row(asked, question.conversation_id, turn, "user"), **state}


def _row(message: NewAnswer, conversation_id: str, turn: int, role: Role) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation_id": conversation_id,
        "turn": turn,
        "role": role,
        "content": message.content,
        "tool_calls": to_json(message.tool_calls),
        "token_usage": None if message.usage is None else asdict(message.usage),
        "cost_usd": message.cost_usd,
        "cache_hit": message.cache_hit,
        "model": message.model,
        "duration_ms": message.duration_ms,
        "turns_left_out": message.turns_left_out,
        "number_check": None if message.number_check is None else asdict(message.number_check),
        **_state(message.status, message.failure_reason),
    }


def _lease(connection: sa.Connection, question_id: str) -> str:
    """Leases a question to a new attempt. An earlier version may have ended the attempt before and left its lease."""
    fresh = {
        "id": new_id(),
        "leased_until": sa.func.clock_timestamp() + _LEASE,
        "is_stop_requested": False,
    }
    statement = insert(turn_leases).values(question_id=question_id, **fresh)
    statement = statement.on_conflict_do_update(index_elements=[turn_leases.c.question_id], set_=fresh)
    connection.execute(statement)
    return str(fresh["id"])


def _end(connection: sa.Connection, question: StoredQuestion, state: Mapping[str, Any]) -> bool:
    """Sets the state of a pending question, if its lease is still that of this attempt. Tells whether it was."""
    lease = turn_leases.c.question_id == question.id
    may_end: sa.ColumnElement[bool] = sa.not_(sa.exists().where(lease))
    if question.lease_id:
        release = sa.delete(turn_leases).where(lease, turn_leases.c.id == question.lease_id)
        may_end = sa.exists().select_from(release.returning(turn_leases.c.id).cte("released"))
    statement = sa.update(messages).where(messages.c.id == question.id, messages.c.status == "pending", may_end)
    return bool(connection.execute(statement.values(state)).rowcount)


def _state(status: Status, reason: str = "") -> dict[str, Any]:
    since = sa.func.clock_timestamp() if status == "pending" else None
    return {"status": status, "failure_reason": reason, "pending_since": since}
