"""All SQL about conversations that are older than they are to be kept."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from servicekit.paging import Place
from servicekit.retention import Deleted, ShortTransactions, Step

_LOCK = 20261103  # any constant works
# A conversation that is asked something now is locked, or has changed once it can be locked: both are left out. The
# numbers of its first and last turn bound its messages without counting them.
_OLDEST = sa.text("""
SELECT CAST(id AS text) AS id, updated_at, first.turn,
       2 * coalesce(last.turn - first.turn + 1, 0) + 1 AS rows
  FROM (SELECT id, updated_at
          FROM chat.conversations
         WHERE updated_at < clock_timestamp() - make_interval(days => :days)
           AND (updated_at, id) > (CAST(:at AS timestamptz), CAST(:after AS uuid))
         ORDER BY updated_at, id
         LIMIT :most
           FOR UPDATE SKIP LOCKED) AS oldest
  LEFT JOIN LATERAL (SELECT turn FROM chat.messages WHERE conversation_id = oldest.id ORDER BY turn LIMIT 1)
            AS first ON true
  LEFT JOIN LATERAL (SELECT turn FROM chat.messages WHERE conversation_id = oldest.id ORDER BY turn DESC LIMIT 1)
            AS last ON true
 ORDER BY updated_at, id
""")
_DELETE_TURNS = sa.text("DELETE FROM chat.messages WHERE conversation_id = :id AND turn < :end")
_DELETE_WHOLLY = (
    sa.text("DELETE FROM chat.messages WHERE conversation_id = ANY(CAST(:ids AS uuid[]))"),
    sa.text("DELETE FROM chat.conversations WHERE id = ANY(CAST(:ids AS uuid[]))"),
)
_BEFORE_ALL = {"at": "-infinity", "after": "00000000-0000-0000-0000-000000000000"}
_LEAST_ROWS = 3  # of a conversation: itself, a question and its answer


class ChatRetentionStore:
    """Deletes old conversations. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._conversations = ShortTransactions(engine, _LOCK)

    def forget_conversations(self, days: int, after: str = "") -> Step:
        """Deletes some of the conversations that were changed last longest ago, from the place `after` on.

        One with more messages than a transaction deletes loses its first turns before the rest. Raises
        `REQUEST_INVALID`.
        """
        place = Place.read(after)
        behind = _BEFORE_ALL if place is None else {"at": place.at, "after": place.id}

        def delete(connection: sa.Connection, most: int) -> Deleted:
            at_once = max(1, most // _LEAST_ROWS)
            oldest = connection.execute(_OLDEST, {"days": days, "most": at_once, **behind}).all()
            if not oldest:
                return Deleted(Step(0, after, is_done=True), 0)
            sums = accumulate(row.rows for row in oldest)
            fitting = [row for row, rows in zip(oldest, sums, strict=True) if rows <= most]
            if not fitting:
                return Deleted(Step(0, after, is_done=False), _shorten(connection, oldest[0], most))
            rows = _delete_wholly(connection, [row.id for row in fitting])
            is_done = len(fitting) == len(oldest) < at_once
            place = Place(fitting[-1].updated_at, fitting[-1].id)
            return Deleted(Step(len(fitting), place.cursor(), is_done), rows)

        return self._conversations.run(delete, after)


def _shorten(connection: sa.Connection, conversation: sa.Row[Any], most: int) -> int:
    end = conversation.turn + max(1, most // 2)
    return connection.execute(_DELETE_TURNS, {"id": conversation.id, "end": end}).rowcount


def _delete_wholly(connection: sa.Connection, ids: Sequence[str]) -> int:
    return sum(connection.execute(statement, {"ids": ids}).rowcount for statement in _DELETE_WHOLLY)
