"""All SQL that reads, renames and deletes conversations."""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from chat_service.answers import Exchange
from chat_service.rows import (
    Conversation,
    Turn,
    conversation_rows,
    get_conversation,
    is_dead,
    message_from,
    not_found,
    touch,
)
from chat_service.tables import conversations, messages
from chat_service.tool_call_json import from_json
from servicekit.database import connected, count_some, database_errors, is_behind
from servicekit.errors import Refused
from servicekit.paging import Place

# How many turns are read at once: few at first, because someone waits for them. Large ones count for several.
_FIRST_TURNS, _MOST_TURNS, _BYTES_OF_TURN = 4, 64, 8_000


class ConversationStore:
    """Reads, renames and deletes conversations. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # What a conversation holds is read without transactions, which would add two round trips each.
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def get(self, conversation_id: str) -> tuple[Conversation, range]:
        """Returns a conversation and the numbers of its turns. Raises `CONVERSATION_NOT_FOUND`."""
        turn = sa.select(messages.c.turn).where(messages.c.conversation_id == conversation_id).limit(1)
        ends = [turn.order_by(way(messages.c.turn)).scalar_subquery() for way in (sa.asc, sa.desc)]
        with database_errors(), self._reading.connect() as connection:
            conversation = get_conversation(connection, conversation_id)
            first, last = connection.execute(sa.select(*ends)).one()
        return conversation, range(0) if last is None else range(first, last + 1)

    def read(self, conversation_id: str, turns: range) -> Iterator[list[Turn]]:
        """Yields turns in the order of their numbers, step by step, so that memory does not grow with their number.

        While a question is retried, its interrupted answer is left out. Raises `CONVERSATION_NOT_FOUND` if the
        conversation, or a part of it, is deleted meanwhile.
        """
        most = _FIRST_TURNS
        while turns:
            step = self._read_step(conversation_id, turns, most)
            if not step or step[0][0].turn != turns[0]:
                raise not_found(conversation_id)
            yield step
            turns = turns[turns.index(step[-1][0].turn) + 1 :]
            most = min(2 * most, _MOST_TURNS)

    def _read_step(self, conversation_id: str, turns: range, most: int) -> list[Turn]:
        """Returns the first of these turns: fewer than `most` where they are large, but at least one if any is left."""
        values = {
            "conversation_id": conversation_id,
            "first": min(turns[0], turns[-1]),
            "last": max(turns[0], turns[-1]),
            "most_turns": most,
            "most_messages": 2 * most,
            "most_bytes": most * _BYTES_OF_TURN,
        }
        query = _FORWARDS if turns.step > 0 else _BACKWARDS
        with database_errors(), self._reading.connect() as connection:
            found = [message_from({**row}) for row in connection.execute(query, values).mappings()]
        step = [list(turn) for _, turn in groupby(found, key=attrgetter("turn"))]
        return [turn[:1] if turn[0].status == "pending" else turn for turn in step]

    def exchanges(self, conversation_id: str, *, before: str | None, most: int) -> tuple[list[Exchange], int]:
        """Returns the latest answered questions, oldest first, and how many questions there are up to the last of them.

        `before` names the question they precede.
        """
        question, answer, limit = messages.alias(), messages.alias(), messages.alias()
        is_whole = answer.c.status == "complete"
        # Not a join: PostgreSQL might then read all questions of the conversation.
        asked = sa.select(question.c.content).where(
            question.c.conversation_id == answer.c.conversation_id,
            question.c.turn == answer.c.turn,
            question.c.role == "user",
        )
        query = (
            sa.select(
                asked.scalar_subquery(),
                answer.c.content,
                answer.c.id,
                sa.case((is_whole, ""), else_=answer.c.status),
                sa.case((is_whole, _shortened_calls(answer.c.tool_calls)), else_=answer.c.tool_calls),
                answer.c.number_check,
                answer.c.turn,
            )
            .where(answer.c.conversation_id == conversation_id, answer.c.role == "assistant")
            .order_by(answer.c.turn.desc())
            .limit(most)
        )
        if before is not None:
            query = query.where(answer.c.turn < sa.select(limit.c.turn).where(limit.c.id == before).scalar_subquery())
        with database_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        exchanges = [
            Exchange(asked, answered, answer_id, broken_off, from_json(calls), check["unconfirmed"] if check else ())
            for asked, answered, answer_id, broken_off, calls, check, _ in reversed(rows)
        ]
        earlier = rows[-1].turn - 1 if len(rows) == most else 0
        return exchanges, earlier + len(exchanges)

    def list_latest(
        self, *, dataset_id: str | None, client_id: str | None, limit: int, offset: int = 0, after: Place | None = None
    ) -> tuple[list[Conversation], Place | None, int]:
        """Returns a page of conversations, latest first, the place where the next begins, and their number.

        The place is None at the end of the list; the number is that of all pages, at most `MOST_COUNTED`.
        """
        query = _listed(conversation_rows, dataset_id, client_id).limit(limit + 1).offset(offset)
        if after is not None:
            query = query.where(is_behind(after, conversations.c.updated_at, conversations.c.id))
        with database_errors(), self._engine.connect() as connection:
            found = [Conversation(**row) for row in connection.execute(query).mappings()]
            total = connection.scalar(count_some(_listed(sa.select(conversations.c.id), dataset_id, client_id))) or 0
        page = found[:limit]
        return page, Place(page[-1].updated_at, page[-1].id) if len(found) > limit else None, total

    def rename(self, conversation_id: str, title: str, *, client_id: str | None) -> Conversation:
        """Changes the title. Without `client_id`, the browser is not checked.

        Raises `CONVERSATION_NOT_FOUND`, or `CONVERSATION_OF_OTHER_BROWSER`.
        """
        with connected(self._engine) as connection:
            _refuse_others(connection, conversation_id, client_id)
            return touch(connection, conversation_id, title=title)

    def delete(self, conversation_id: str, *, client_id: str | None) -> None:
        """Deletes a conversation with its messages. Raises as `rename` does."""
        statement = sa.delete(conversations).where(conversations.c.id == conversation_id)
        with connected(self._engine) as connection:
            _refuse_others(connection, conversation_id, client_id)
            if not connection.execute(statement).rowcount:
                raise not_found(conversation_id)


def _step(way: Callable[[Any], sa.UnaryExpression[Any]]) -> sa.Select[Any]:
    """Returns what reads the next turns between a first and a last one, made once because that takes long."""
    rows = (
        sa.select(messages, is_dead)
        .where(
            messages.c.conversation_id == sa.bindparam("conversation_id"),
            messages.c.turn.between(sa.bindparam("first"), sa.bindparam("last")),
        )
        .order_by(way(messages.c.turn), way(messages.c.role))
        .limit(sa.bindparam("most_messages"))
        .subquery()
    )
    stored = sa.func.pg_column_size(rows.c.content) + sa.func.pg_column_size(rows.c.tool_calls)  # reads neither
    sized = sa.select(
        rows,
        sa.func.dense_rank().over(order_by=way(rows.c.turn)).label("place"),
        sa.func.sum(stored).over(order_by=way(rows.c.turn)).label("bytes"),  # up to the end of the turn
    ).subquery()
    return (
        sa.select(sized)
        .where(
            sized.c.place <= sa.bindparam("most_turns"),
            sa.or_(sized.c.bytes <= sa.bindparam("most_bytes"), sized.c.place == 1),
        )
        .order_by(sized.c.place, sized.c.role.desc())
    )


_FORWARDS, _BACKWARDS = _step(sa.asc), _step(sa.desc)


def _listed(rows: sa.Select[Any], dataset_id: str | None, client_id: str | None) -> sa.Select[Any]:
    """Chooses and orders conversations, latest first.

    The order begins with a column that a range fixes: PostgreSQL drops from an order what equals a constant, and might
    then read all conversations in the order of time until it has found some of the chosen ones.
    """
    dataset, client = conversations.c.dataset_id, conversations.c.client_id
    latest = conversations.c.updated_at.desc(), conversations.c.id.desc()
    if dataset_id is None and client_id is None:
        return rows.order_by(*latest)
    if dataset_id is None:
        return rows.where(client.between(client_id, client_id)).order_by(client, *latest)
    rows = rows.where(dataset.between(dataset_id, dataset_id))
    if client_id is None:
        return rows.order_by(dataset, *latest)
    return rows.where(client == client_id).order_by(dataset.desc(), *latest)


def _shortened_calls(calls: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Returns tool calls without tables, charts and code, and only the first line of each result."""
    call = (
        sa.func.jsonb_array_elements(calls)
        .table_valued(sa.column("value", JSONB), with_ordinality="place")
        .render_derived()
    )
    first_line = sa.func.jsonb_build_object("result", sa.func.split_part(call.c.value["result"].astext, "\n", 1))
    nothing = sa.literal({"table": None, "chart": None, "code": "", "question_json": None}, JSONB)
    short = sa.func.jsonb_agg(aggregate_order_by(call.c.value.concat(nothing).concat(first_line), call.c.place))
    return sa.func.coalesce(sa.select(short).select_from(call).scalar_subquery(), sa.literal([], JSONB))


def _refuse_others(connection: sa.Connection, conversation_id: str, client_id: str | None) -> None:
    begun_by = connection.scalar(sa.select(conversations.c.client_id).where(conversations.c.id == conversation_id))
    if begun_by is not None and client_id not in (None, begun_by):  # the browser that began it never changes
        raise Refused("CONVERSATION_OF_OTHER_BROWSER", f"Another browser began conversation {conversation_id}.")
