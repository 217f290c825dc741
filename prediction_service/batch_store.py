"""All SQL about batches. Every change is one transaction: PostgreSQL has the state, not the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import orjson
import sqlalchemy as sa

from prediction_service.accident import Accident
from prediction_service.store import (
    PREDICTION_COLUMNS,
    ExpectedOf,
    PredictionRow,
    StoredPrediction,
    insert_predictions,
    read_prediction,
)
from prediction_service.tables import batch_items, batches, predictions
from servicekit.database import connected
from servicekit.errors import Refused

BatchStatus = Literal["pending", "processing", "completed", "cancelled", "failed"]
UNFINISHED = ("pending", "processing")

# Advisory lock that serialises creations, so that the limit on unfinished batches is exact. Any constant works.
_CREATION_LOCK = 20260102
_INSERT_ITEMS = sa.text(
    "INSERT INTO prediction.batch_items (batch_id, index, accident)"
    " SELECT :batch_id, item.ordinality - 1, item.value"
    "   FROM jsonb_array_elements(CAST(:accidents AS jsonb)) WITH ORDINALITY AS item"
)
# An item of a dataset's batch is stored only now. A JSON null among the accidents arrives as an SQL null.
_SET_ERRORS = sa.text(
    "INSERT INTO prediction.batch_items (batch_id, index, accident, error)"
    " SELECT :batch_id, failed.index, coalesce(failed.accident, 'null'), failed.error"
    "   FROM jsonb_to_recordset(CAST(:errors AS jsonb)) AS failed (index integer, accident jsonb, error jsonb)"
    " ON CONFLICT (batch_id, index) DO UPDATE SET error = excluded.error"
)


class InputColumn(NamedTuple):
    """A column of a dataset and the input in it."""

    input: str
    column: str
    is_date_only: bool


class DatasetRows(NamedTuple):
    """The rows of a dataset that a batch predicts, as long as the content of the dataset has this hash."""

    total: int
    columns: tuple[InputColumn, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A stored batch. `done` counts items with a result or an error, which are the first ones.

    `columns` are None if the batch has accidents of its own.
    """

    id: str
    status: BatchStatus
    total: int
    done: int
    failed: int
    tries: int
    dataset_id: str | None
    columns: tuple[InputColumn, ...] | None
    content_hash: str | None
    failure: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    touched_at: datetime

    @property
    def is_finished(self) -> bool:
        """Whether it has ended."""
        return self.status not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Item:
    """One item to predict."""

    index: int
    accident: Accident


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item, as JSON, with its prediction or its error (reason, message, problems), never both.

    Without an accident, the item was not shaped like one.
    """

    index: int
    accident: Mapping[str, Any] | None
    prediction: StoredPrediction | None
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ItemError:
    """The error of one item, as JSON, and the accident of an item that is not stored yet."""

    index: int
    error: Mapping[str, Any]
    accident: Mapping[str, Any] | None = None


class BatchStore:
    """Reads and changes batches. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine, expected_of: ExpectedOf) -> None:
        self._engine = engine
        # Reads need no transaction, which would add two round trips.
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._expected_of = expected_of

    def create(
        self,
        batch_id: str,
        accidents: Sequence[Accident | None],
        errors: Sequence[ItemError] = (),
        *,
        dataset_id: str | None,
        most_unfinished: int,
        rows: DatasetRows | None = None,
    ) -> Batch:
        """Stores a batch with its items, of which those without an accident already have an error, or of rows.

        A repeated id returns the existing batch.

        Raises `TOO_MANY_BATCHES` when as many as allowed are unfinished.
        """
        with connected(self._engine) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION_LOCK)))
            existing = self._find(connection, batch_id)
            if existing is not None:
                return existing
            unfinished = connection.scalar(
                sa.select(sa.func.count()).select_from(batches).where(batches.c.status.in_(UNFINISHED))
            )
            if unfinished is not None and unfinished >= most_unfinished:
                raise Refused("TOO_MANY_BATCHES", f"{unfinished} batches are unfinished.", limit=str(most_unfinished))
            values: dict[str, Any] = {"id": batch_id, "status": "pending", "total": len(accidents)}
            values["dataset_id"] = dataset_id
            if rows is not None:
                values |= {**rows._asdict(), "columns": [[*column] for column in rows.columns]}
            row = connection.execute(sa.insert(batches).values(values).returning(batches)).mappings().one()
            documents = orjson.dumps([accident and accident._asdict() for accident in accidents]).decode()
            connection.execute(_INSERT_ITEMS, {"batch_id": batch_id, "accidents": documents})
            _set_errors(connection, batch_id, errors)
            return _read_batch(row)

    def get(self, batch_id: str) -> Batch:
        """Returns the batch. Raises `BATCH_NOT_FOUND`."""
        with connected(self._reading) as connection:
            return self._get(connection, batch_id)

    def list_latest(self, limit: int, *, dataset_id: str | None = None, unfinished_only: bool = False) -> list[Batch]:
        """Returns the latest batches, newest first."""
        query = sa.select(batches).order_by(batches.c.created_at.desc(), batches.c.id.desc()).limit(limit)
        if dataset_id is not None:
            query = query.where(batches.c.dataset_id == dataset_id)
        if unfinished_only:
            query = query.where(batches.c.status.in_(UNFINISHED))
        with connected(self._engine) as connection:
            return [_read_batch(row) for row in connection.execute(query).mappings()]

    def items_ahead(self, batch: Batch) -> int:
        """Returns the number of items in other batches that will be predicted before this one is complete.

        Started batches take turns by slices; one that has not started waits for all older ones.
        """
        left = batches.c.total - batches.c.done
        if batch.status == "processing":
            query = sa.select(sa.func.sum(sa.func.least(left, batch.total - batch.done))).where(
                batches.c.status == "processing", batches.c.id != batch.id
            )
        else:
            query = sa.select(sa.func.sum(left)).where(
                batches.c.status.in_(UNFINISHED), batches.c.created_at < batch.created_at
            )
        with connected(self._engine) as connection:
            return int(connection.scalar(query) or 0)

    def is_worked_on(self, within_seconds: float) -> bool:
        """Tells whether any unfinished batch was recently sent to a worker or made progress."""
        since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, within_seconds)
        query = sa.select(sa.exists().where(batches.c.status.in_(UNFINISHED), batches.c.touched_at >= since))
        with connected(self._engine) as connection:
            return bool(connection.scalar(query))

    def list_results(
        self, batch_id: str, *, limit: int, offset: int, without_accidents: bool = False
    ) -> tuple[Batch, list[ItemResult]]:
        """Returns the batch, and its completed items from `offset` on, by index. Raises `BATCH_NOT_FOUND`.

        Items and predictions are read separately: with statistics older than the batch, PostgreSQL would use a nested
        loop.
        """
        with connected(self._reading) as connection:
            batch = self._get(connection, batch_id)
            end = min(offset + limit, batch.done)
            # The accident of a stored item is known. It is half of a row.
            is_needed: sa.ColumnElement[bool] = predictions.c.expected.is_(None)
            if batch.columns is not None and not without_accidents:
                is_needed = sa.true()
            items = connection.execute(
                sa.select(batch_items.c.index, batch_items.c.accident, batch_items.c.error)
                .where(batch_items.c.batch_id == batch_id)
                .where(batch_items.c.index >= offset, batch_items.c.index < end)
                .order_by(batch_items.c.index)
            ).all()
            predicted = connection.execute(
                sa.select(*PREDICTION_COLUMNS, sa.case((is_needed, predictions.c.accident)), predictions.c.batch_index)
                .where(predictions.c.batch_id == batch_id)
                .where(predictions.c.batch_index >= offset, predictions.c.batch_index < end)
            )
            results = {
                row.batch_index: ItemResult(row.batch_index, row[-2], read_prediction(row, self._expected_of), None)
                for row in predicted
            }
        for index, accident, error in items:
            prediction = results[index].prediction if index in results else None
            results[index] = ItemResult(index, None if without_accidents else accident, prediction, error)
        return batch, [results[index] for index in sorted(results)]

    def begin_try(self, batch_id: str) -> Batch:
        """Counts a try before it starts, so that a slice that crashes the process is not retried forever."""
        change = (
            sa.update(batches)
            .where(batches.c.id == batch_id, batches.c.status.in_(UNFINISHED))
            .values(
                status="processing",
                tries=batches.c.tries + 1,
                started_at=sa.func.coalesce(batches.c.started_at, sa.func.now()),
                touched_at=sa.func.now(),
            )
            .returning(batches)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
            return self._get(connection, batch_id) if row is None else _read_batch(row)

    def take_back_try(self, batch_id: str) -> None:
        """Uncounts the latest try, which failed without crashing the process."""
        change = sa.update(batches).where(batches.c.id == batch_id, batches.c.tries > 0)
        with connected(self._engine) as connection:
            connection.execute(change.values(tries=batches.c.tries - 1))

    def slice(self, batch_id: str, start: int, size: int) -> list[Item]:
        """Returns the items of a slice without an error, by index."""
        query = (
            sa.select(batch_items.c.index, batch_items.c.accident)
            .where(batch_items.c.batch_id == batch_id, batch_items.c.error.is_(None))
            .where(batch_items.c.index >= start, batch_items.c.index < start + size)
            .order_by(batch_items.c.index)
        )
        with connected(self._engine) as connection:
            return [Item(index, Accident(**document)) for index, document in connection.execute(query)]

    def finish_slice(
        self,
        batch: Batch,
        size: int,
        rows: Sequence[PredictionRow],
        errors: Sequence[ItemError],
        *,
        tries: int,
        model_version: str,
        created_at: datetime,
    ) -> Batch:
        """Stores the results of the slice that starts at `batch.done`, all or none; the next has `tries` already.

        Changes nothing if the slice is stored already or the batch was cancelled. Returns the current batch.
        """
        end = batch.done + size
        is_last = end >= batch.total
        change = (
            sa.update(batches)
            .where(batches.c.id == batch.id, batches.c.done == batch.done, batches.c.status.in_(UNFINISHED))
            .values(
                done=end,
                failed=batches.c.failed + size - len(rows),  # including items with an error from the start
                tries=tries,
                status="completed" if is_last else "processing",
                finished_at=sa.func.now() if is_last else None,
                touched_at=sa.func.now(),
            )
            .returning(batches)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
            if row is None:
                return self._get(connection, batch.id)
            if rows:
                insert_predictions(connection, rows, model_version=model_version, created_at=created_at)
            _set_errors(connection, batch.id, errors)
            return _read_batch(row)

    def cancel(self, batch_id: str) -> Batch:
        """Stops a batch. Raises `BATCH_NOT_FOUND`, or `BATCH_ENDED` if it has ended already."""
        change = (
            sa.update(batches)
            .where(batches.c.id == batch_id, batches.c.status.in_(UNFINISHED))
            .values(status="cancelled", finished_at=sa.func.now(), touched_at=sa.func.now())
            .returning(batches)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
            if row is None:
                status = self._get(connection, batch_id).status
                raise Refused("BATCH_ENDED", f"Batch {batch_id} is {status} already.", status=status)
            return _read_batch(row)

    def give_up(self, batch_id: str, failure: str) -> Batch:
        """Ends a batch that cannot be finished; returns the batch, also if it has ended already."""
        change = (
            sa.update(batches)
            .where(batches.c.id == batch_id, batches.c.status.in_(UNFINISHED))
            .values(status="failed", failure=failure, finished_at=sa.func.now(), touched_at=sa.func.now())
            .returning(batches)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
            return self._get(connection, batch_id) if row is None else _read_batch(row)

    def claim_overdue(self, idle_seconds: float, limit: int) -> list[str]:
        """Marks unfinished batches without recent progress as resent; returns their ids, oldest first."""
        overdue = (
            sa.select(batches.c.id)
            .where(batches.c.status.in_(UNFINISHED))
            .where(batches.c.touched_at < sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, idle_seconds))
            .order_by(batches.c.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        # A scalar subquery: with old statistics, a join would read all batches once for each of them.
        ids = sa.func.array(overdue.scalar_subquery())
        change = sa.update(batches).where(batches.c.id == sa.any_(ids)).values(touched_at=sa.func.now())
        with connected(self._engine) as connection:
            claimed = connection.execute(change.returning(batches.c.created_at, batches.c.id)).all()
        return [batch_id for _, batch_id in sorted(claimed)]

    @staticmethod
    def _find(connection: sa.Connection, batch_id: str) -> Batch | None:
        row = connection.execute(sa.select(batches).where(batches.c.id == batch_id)).mappings().one_or_none()
        return None if row is None else _read_batch(row)

    def _get(self, connection: sa.Connection, batch_id: str) -> Batch:
        batch = self._find(connection, batch_id)
        if batch is None:
            raise Refused("BATCH_NOT_FOUND", f"There is no batch {batch_id}.", batch_id=batch_id)
        return batch


def _read_batch(row: sa.RowMapping) -> Batch:
    columns = row["columns"] and tuple(InputColumn(*values) for values in row["columns"])
    return Batch(**{**row, "columns": columns})


def _set_errors(connection: sa.Connection, batch_id: str, errors: Sequence[ItemError]) -> None:
    if errors:
        connection.execute(_SET_ERRORS, {"batch_id": batch_id, "errors": orjson.dumps(list(errors)).decode()})
