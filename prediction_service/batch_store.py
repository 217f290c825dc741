"""All SQL about batches. Every change is one transaction: PostgreSQL has the state, not the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

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
from servicekit.paging import Place

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


class RequestKey(NamedTuple):
    """The idempotency key of a request for a batch, and the SHA-256 of the request."""

    key: str
    request_hash: str


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


class Unfinished(NamedTuple):
    """What an estimate needs of an unfinished batch. `is_worked_on`: it was sent to a worker or progressed lately."""

    id: str
    status: BatchStatus
    left: int
    created_at: datetime
    is_worked_on: bool


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


_BATCH = [batches.c[field.name] for field in fields(Batch)]
_NEWEST = Place(datetime.max.replace(tzinfo=UTC), str(UUID(int=2**128 - 1)))
"""Behind it is every batch."""
_IS_UNFINISHED = batches.c.status.in_(UNFINISHED)


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
        request: RequestKey | None = None,
    ) -> Batch:
        """Stores a batch with its items, of which those without an accident already have an error, or of rows.

        A repeated id or key returns the existing batch.

        Raises `IDEMPOTENCY_KEY_REUSED` for the key of another request, and `TOO_MANY_BATCHES` when as many as allowed
        are unfinished.
        """
        with connected(self._engine) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION_LOCK)))
            existing = (request and self._find_repeated(connection, request)) or self._find(connection, batch_id)
            if existing is not None:
                return existing
            unfinished = connection.scalar(sa.select(sa.func.count()).select_from(batches).where(_IS_UNFINISHED))
            if unfinished is not None and unfinished >= most_unfinished:
                raise Refused("TOO_MANY_BATCHES", f"{unfinished} batches are unfinished.", limit=str(most_unfinished))
            values: dict[str, Any] = {"id": batch_id, "status": "pending", "total": len(accidents)}
            values["dataset_id"] = dataset_id
            if rows is not None:
                values |= {**rows._asdict(), "columns": [[*column] for column in rows.columns]}
            if request is not None:
                values |= {"idempotency_key": request.key, "request_hash": request.request_hash}
            row = connection.execute(sa.insert(batches).values(values).returning(*_BATCH)).mappings().one()
            documents = orjson.dumps([accident and accident._asdict() for accident in accidents]).decode()
            connection.execute(_INSERT_ITEMS, {"batch_id": batch_id, "accidents": documents})
            _set_errors(connection, batch_id, errors)
            return _read_batch(row)

    def get(self, batch_id: str) -> Batch:
        """Returns the batch. Raises `BATCH_NOT_FOUND`."""
        with connected(self._reading) as connection:
            return self._get(connection, batch_id)

    def list_latest(
        self, limit: int, *, after: Place | None = None, dataset_id: str | None = None, unfinished_only: bool = False
    ) -> list[Batch]:
        """Returns the latest batches, newest first, from behind the place on."""
        # Unfinished ones are few: found first, because in the order of time all batches might be read.
        unfinished = sa.select(*_BATCH).where(_IS_UNFINISHED).cte().prefix_with("MATERIALIZED")
        listed = unfinished if unfinished_only else batches
        query = sa.select(*(listed.c[column.name] for column in _BATCH)).limit(limit)
        key: list[Any] = [listed.c.created_at, listed.c.id]
        place = [*(after or _NEWEST)]
        if dataset_id is not None:
            # Not equality, which would leave the order by time to any index, and all batches might be read.
            query = query.where(listed.c.dataset_id >= dataset_id)
            key, place = [listed.c.dataset_id, *key], [dataset_id, *place]
        query = query.where(sa.tuple_(*key) < sa.tuple_(*place, types=[column.type for column in key]))
        with connected(self._reading) as connection:
            rows = connection.execute(query.order_by(*(column.desc() for column in key)))
            return [_read_batch(row) for row in rows.mappings()]

    def list_unfinished(self, lively_seconds: float) -> list[Unfinished]:
        """Returns all unfinished batches, which are few, in no order."""
        since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, lively_seconds)
        left, is_worked_on = batches.c.total - batches.c.done, batches.c.touched_at >= since
        query = sa.select(batches.c.id, batches.c.status, left, batches.c.created_at, is_worked_on)
        with connected(self._reading) as connection:
            return [Unfinished(*row) for row in connection.execute(query.where(_IS_UNFINISHED))]

    def results(self, batch: Batch, start: int, end: int, *, without_accidents: bool = False) -> list[ItemResult]:
        """Returns the results of the completed items of a batch from `start` to `end` excluded, by index.

        Items and predictions are read separately: with statistics older than the batch, PostgreSQL would use a nested
        loop. Raises `BATCH_NOT_FOUND` if the batch became too old to be kept meanwhile.
        """
        end = min(end, batch.done)
        # The accident of a stored item is known. It is half of a row.
        is_needed: sa.ColumnElement[bool] = predictions.c.expected.is_(None)
        if batch.columns is not None and not without_accidents:
            is_needed = sa.true()
        stored = (
            sa.select(batch_items.c.index, batch_items.c.accident, batch_items.c.error)
            .where(batch_items.c.batch_id == batch.id)
            .where(batch_items.c.index >= start, batch_items.c.index < end)
            .order_by(batch_items.c.index)
        )
        if without_accidents:
            stored = stored.where(batch_items.c.error.is_not(None))
        with connected(self._reading) as connection:
            items = connection.execute(stored).all()
            predicted = connection.execute(
                sa.select(*PREDICTION_COLUMNS, sa.case((is_needed, predictions.c.accident)), predictions.c.batch_index)
                .where(predictions.c.batch_id == batch.id)
                .where(predictions.c.batch_index >= start, predictions.c.batch_index < end)
            ).all()
            if len(predicted) + sum(item.error is not None for item in items) < end - start:
                self._get(connection, batch.id)  # its row goes first
        results = {
            row.batch_index: ItemResult(row.batch_index, row[-2], read_prediction(row, self._expected_of), None)
            for row in predicted
        }
        for index, accident, error in items:
            prediction = results[index].prediction if index in results else None
            results[index] = ItemResult(index, None if without_accidents else accident, prediction, error)
        return [results[index] for index in sorted(results)]

    def begin_try(self, batch_id: str) -> Batch:
        """Counts a try before it starts, so that a slice that crashes the process is not retried forever."""
        change = (
            sa.update(batches)
            .where(batches.c.id == batch_id, _IS_UNFINISHED)
            .values(
                status="processing",
                tries=batches.c.tries + 1,
                started_at=sa.func.coalesce(batches.c.started_at, sa.func.now()),
                touched_at=sa.func.now(),
            )
            .returning(*_BATCH)
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
            .where(batches.c.id == batch.id, batches.c.done == batch.done, _IS_UNFINISHED)
            .values(
                done=end,
                failed=batches.c.failed + size - len(rows),  # including items with an error from the start
                tries=tries,
                status="completed" if is_last else "processing",
                finished_at=sa.func.now() if is_last else None,
                touched_at=sa.func.now(),
            )
            .returning(*_BATCH)
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
            .where(batches.c.id == batch_id, _IS_UNFINISHED)
            .values(status="cancelled", finished_at=sa.func.now(), touched_at=sa.func.now())
            .returning(*_BATCH)
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
            .where(batches.c.id == batch_id, _IS_UNFINISHED)
            .values(status="failed", failure=failure, finished_at=sa.func.now(), touched_at=sa.func.now())
            .returning(*_BATCH)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
            return self._get(connection, batch_id) if row is None else _read_batch(row)

    def claim_overdue(self, idle_seconds: float) -> list[str]:
        """Marks unfinished batches without recent progress as resent; returns their ids, oldest first."""
        overdue = (
            sa.select(batches.c.id)
            .where(_IS_UNFINISHED)
            .where(batches.c.touched_at < sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, idle_seconds))
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
        row = connection.execute(sa.select(*_BATCH).where(batches.c.id == batch_id)).mappings().one_or_none()
        return None if row is None else _read_batch(row)

    @staticmethod
    def _find_repeated(connection: sa.Connection, request: RequestKey) -> Batch | None:
        query = sa.select(*_BATCH, batches.c.request_hash).where(batches.c.idempotency_key == request.key)
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        fields = {**row}
        if fields.pop("request_hash") != request.request_hash:
            raise Refused("IDEMPOTENCY_KEY_REUSED", "The key was used before, with another request.")
        return _read_batch(fields)

    def _get(self, connection: sa.Connection, batch_id: str) -> Batch:
        batch = self._find(connection, batch_id)
        if batch is None:
            raise Refused("BATCH_NOT_FOUND", f"There is no batch {batch_id}.", batch_id=batch_id)
        return batch


def _read_batch(row: Mapping[Any, Any]) -> Batch:
    columns = row["columns"] and tuple(InputColumn(*values) for values in row["columns"])
    return Batch(**{**row, "columns": columns})


def _set_errors(connection: sa.Connection, batch_id: str, errors: Sequence[ItemError]) -> None:
    if errors:
        connection.execute(_SET_ERRORS, {"batch_id": batch_id, "errors": orjson.dumps(list(errors)).decode()})
