"""All SQL about predictions and batches that are older than they are to be kept."""

import sqlalchemy as sa

from servicekit.ids import parse_id
from servicekit.retention import Deleted, ShortTransactions, Step

# Any constants work.
_PREDICTIONS_LOCK, _BATCHES_LOCK = 20261101, 20261102
# Ids are UUIDv7, which sort by the time of the request; the row is stored a little later. The order is that of one
# index alone, as in the list.
_FORGET_PREDICTIONS = sa.text("""
WITH oldest AS MATERIALIZED (
    SELECT id, created_at
      FROM prediction.predictions
     WHERE batch_id IS NULL AND id > CAST(:after AS uuid)
     ORDER BY batch_id, id
     LIMIT :most
), gone AS (
    DELETE FROM prediction.predictions
     WHERE id = ANY(ARRAY(
        SELECT id FROM oldest WHERE created_at < clock_timestamp() - make_interval(days => :days)
     ))
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM oldest),
       (SELECT CAST(id AS text) FROM oldest ORDER BY id DESC LIMIT 1)
""")
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
# Readers find no batch from here on, and so never a part of one. Its rows go step by step.
_FORGET_BATCH = sa.text("""
WITH oldest AS (
    DELETE FROM prediction.batches
     WHERE id = ANY(ARRAY(
        SELECT id FROM prediction.batches
         WHERE finished_at < clock_timestamp() - make_interval(days => :days)
         ORDER BY finished_at LIMIT 1
     ))
    RETURNING id, total
)
INSERT INTO prediction.forgotten_batches (id, total) SELECT id, total FROM oldest RETURNING id, total, done
""")
_OLDEST_FORGOTTEN = sa.text("SELECT id, total, done FROM prediction.forgotten_batches ORDER BY id LIMIT 1")
_DELETE_RESULTS = (
    sa.text("DELETE FROM prediction.predictions WHERE batch_id = :id AND batch_index >= :done AND batch_index < :end"),
    sa.text("DELETE FROM prediction.batch_items WHERE batch_id = :id AND index >= :done AND index < :end"),
)
_DELETED_UP_TO = sa.text("UPDATE prediction.forgotten_batches SET done = :end WHERE id = :id")
_FORGOTTEN_WHOLLY = sa.text("DELETE FROM prediction.forgotten_batches WHERE id = :id")


class PredictionRetentionStore:
    """Deletes old predictions and batches. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._predictions = ShortTransactions(engine, _PREDICTIONS_LOCK)
        self._batches = ShortTransactions(engine, _BATCHES_LOCK)

    def forget_predictions(self, days: int, after: str = "") -> Step:
        """Deletes some of the oldest single predictions, from `after` on, the id of one. Raises `REQUEST_INVALID`."""
        behind = str(parse_id(after, "after")) if after else _BEFORE_ALL

        def delete(connection: sa.Connection, most: int) -> Deleted:
            values = {"days": days, "after": behind, "most": most}
            gone, seen, last = connection.execute(_FORGET_PREDICTIONS, values).one()
            return Deleted(Step(gone, last or after, is_done=gone == 0 or seen < most), gone)

        return self._predictions.run(delete, after)

    def forget_batches(self, days: int, _after: str = "") -> Step:
        """Deletes the batch that ended first, or the next rows of one that is gone already."""

        def delete(connection: sa.Connection, most: int) -> Deleted:
            forgotten = connection.execute(_OLDEST_FORGOTTEN).one_or_none()
            count = 0 if forgotten else 1
            forgotten = forgotten or connection.execute(_FORGET_BATCH, {"days": days}).one_or_none()
            if forgotten is None:
                return Deleted(Step(0, "", is_done=True), 0)
            batch = {"id": forgotten.id, "done": forgotten.done, "end": forgotten.done + max(1, most // 2)}
            rows = sum(connection.execute(statement, batch).rowcount for statement in _DELETE_RESULTS)
            connection.execute(_FORGOTTEN_WHOLLY if batch["end"] >= forgotten.total else _DELETED_UP_TO, batch)
            return Deleted(Step(count, "", is_done=False), rows)

        return self._batches.run(delete, "")
