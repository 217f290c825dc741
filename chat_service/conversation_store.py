"""All SQL that reads, renames and deletes conversations."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from chat_service.answers import Exchange
from chat_service.rows import (
    Conversation,
    Message,
    conversation_rows,
    count_messages,
    get_conversation,
    is_dead,
    message_from,
    not_found,
    touch,
)
from chat_service.tables import conversations, messages
from chat_service.tool_call_json import from_json
from servicekit.database import connected, database_errors
from servicekit.errors import Refused


class ConversationStore:
    """Reads, renames and deletes conversations. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, conversation_id: str) -> tuple[Conversation, list[Message]]:
        """Returns a conversation with its messages, each answer after its question. Raises `CONVERSATION_NOT_FOUND`.

        While a question is retried, its interrupted answer is left out.
        """
        query = (
            sa.select(messages, is_dead)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.turn, messages.c.role.desc())
        )
        with database_errors(), self._engine.connect() as connection:
            conversation = get_conversation(connection, conversation_id)
            stored = [message_from({**row}) for row in connection.execute(query).mappings()]
        pending = {message.turn for message in stored if message.status == "pending"}
        return conversation, [message for message in stored if message.role == "user" or message.turn not in pending]

    def exchanges(self, conversation_id: str, *, before: str | None, most: int) -> tuple[list[Exchange], int]:
        """Returns the latest answered questions, oldest first, and their total number.

        `before` names the question they precede.
        """
        question, answer, limit = messages.alias(), messages.alias(), messages.alias()
        is_whole = answer.c.status == "complete"
        query = (
            sa.select(
                question.c.content,
                answer.c.content,
                answer.c.id,
                sa.case((is_whole, ""), else_=answer.c.status),
                sa.case((is_whole, _shortened_calls(answer.c.tool_calls)), else_=answer.c.tool_calls),
                answer.c.number_check,
                sa.func.count().over(),
            )
            .join(
                answer,
                sa.and_(
                    answer.c.conversation_id == question.c.conversation_id,
                    answer.c.turn == question.c.turn,
                    answer.c.role == "assistant",
                ),
            )
            .where(
                question.c.conversation_id == conversation_id,
                question.c.role == "user",
            )
            .order_by(question.c.turn.desc())
            .limit(most)
        )
        if before is not None:
            query = query.where(question.c.turn < sa.select(limit.c.turn).where(limit.c.id == before).scalar_subquery())
        with database_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        in_all = rows[0][-1] if rows else 0
        exchanges = [
            Exchange(asked, answered, answer_id, broken_off, from_json(calls), check["unconfirmed"] if check else ())
            for asked, answered, answer_id, broken_off, calls, check, _ in reversed(rows)
        ]
        return exchanges, in_all

    def list_latest(
        self, *, dataset_id: str | None, client_id: str | None, limit: int, offset: int
    ) -> tuple[list[Conversation], int]:
        """Returns conversations, latest first, and their total number."""
        conditions = [
            column == value
            for column, value in ((conversations.c.dataset_id, dataset_id), (conversations.c.client_id, client_id))
            if value is not None
        ]
        query = conversation_rows.where(*conditions).order_by(
            conversations.c.updated_at.desc(), conversations.c.id.desc()
        )
        count = sa.select(sa.func.count()).select_from(conversations).where(*conditions)
        with database_errors(), self._engine.connect() as connection:
            page = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [Conversation(**row) for row in page], connection.scalar(count) or 0

    def rename(self, conversation_id: str, title: str, *, client_id: str | None) -> Conversation:
        """Changes the title. Without `client_id`, the browser is not checked.

        Raises `CONVERSATION_NOT_FOUND`, or `CONVERSATION_OF_OTHER_BROWSER`.
        """
        with connected(self._engine) as connection:
            _refuse_others(connection, conversation_id, client_id)
            renamed = touch(connection, conversation_id, title=title)
            return replace(renamed, message_count=count_messages(connection, conversation_id))

    def delete(self, conversation_id: str, *, client_id: str | None) -> None:
        """Deletes a conversation with its messages. Raises as `rename` does."""
        statement = sa.delete(conversations).where(conversations.c.id == conversation_id)
        with connected(self._engine) as connection:
            _refuse_others(connection, conversation_id, client_id)
            if not connection.execute(statement).rowcount:
                raise not_found(conversation_id)


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
