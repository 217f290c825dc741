"""Batches: stored at once, predicted in slices, each item exactly once even if processes are killed.

A slice is predicted and then stored in one transaction, which only succeeds if the slice is not stored yet. A retry,
after a crash or because of a duplicate message, continues after the last stored slice. The accidents of a batch are
stored with it, but the rows of a dataset stay where they are: the worker brings them slice by slice.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

import orjson
import structlog

from prediction_service.accident import MOST_TEXT, Accident, InvalidAccident, Problem
from prediction_service.batch_progress import Progress, estimate
from prediction_service.batch_queue import BatchQueue
from prediction_service.batch_store import Batch, BatchStore, DatasetRows, Item, ItemError, ItemResult, RequestKey
from prediction_service.model import EcloModel
from prediction_service.store import PredictionRow
from servicekit.errors import DatabaseUnavailable, FieldViolation, Refused
from servicekit.ids import new_id
from servicekit.paging import Place
from servicekit.prediction_inputs import INPUTS, OCCURRED_AT, missing_inputs

MOST_ACCIDENTS, MOST_ROWS = 20_000, 500_000
MOST_UNFINISHED = 100
SLICE = 500
# A gRPC message is limited to 4 MB: this many results fit, even with long texts and many errors.
RESULTS_IN_PART = 200
_RESULTS_IN_PAGE = 1000  # more would delay the first part, fewer would be more statements
# After this many tries that crashed the process, the rest of a slice is tried item by item. An item that still crashes
# it alone is given up after the second number of tries.
TRIES_TOGETHER, TRIES_ALONE = 3, 6
_FIRST_ROWS_PER_SECOND = 5_000.0
_MOST_PROBLEMS = 20
# Without progress for this many times the wait after which batches are resent, no worker seems to be running.
_LIVELY = 2.0

log = structlog.get_logger()


class Batches:
    """Creates, follows and processes batches."""

    def __init__(
        self,
        model: EcloModel,
        store: BatchStore,
        queue: BatchQueue,
        stopping: asyncio.Event,
        *,
        overdue_seconds: float,
    ) -> None:
        self._model = model
        self._store = store
        self._queue = queue
        self._stopping = stopping
        self._overdue_seconds = overdue_seconds
        self._being_processed: set[str] = set()
        # They would also wait in the database, but each with a connection and a short timeout.
        self._one_creation_at_a_time = asyncio.Lock()
        self._one_slice_at_a_time = asyncio.Lock()  # batches share the CPU with single predictions
        self._rows_per_second = _FIRST_ROWS_PER_SECOND

    async def create(
        self,
        items: Sequence[Accident | InvalidAccident],
        *,
        batch_id: str,
        dataset_id: str | None,
        idempotency_key: str = "",
    ) -> Progress:
        """Stores a batch and wakes a worker. Unusable items are accepted; they become item errors.

        A repeated id or key returns the existing batch. Raises `IDEMPOTENCY_KEY_REUSED`.
        """
        if not 1 <= len(items) <= MOST_ACCIDENTS:
            raise Refused("BATCH_SIZE_INVALID", f"{len(items)} items; 1 to {MOST_ACCIDENTS} are allowed.")
        accidents = [None if isinstance(item, InvalidAccident) else _storable(item) for item in items]
        request = await _request_key(idempotency_key, dataset_id, items)
        return await self._create(
            batch_id, accidents, self._malformed(items, 0), dataset_id=dataset_id, request=request
        )

    async def create_from_rows(
        self, rows: DatasetRows, *, batch_id: str, dataset_id: str, idempotency_key: str = ""
    ) -> Progress:
        """Stores a batch of the rows of a dataset and wakes a worker.

        A repeated id or key returns the existing batch. Raises `IDEMPOTENCY_KEY_REUSED`, and `REQUEST_INVALID`, which
        names each input that has no column or does not exist.
        """
        if not 1 <= rows.total <= MOST_ROWS:
            raise Refused("ROWS_TOO_MANY", f"{rows.total} rows; 1 to {MOST_ROWS} are allowed.")
        named = {column.input for column in rows.columns}
        is_date_only = any(column.is_date_only for column in rows.columns if column.input == OCCURRED_AT)
        problems = [(name, "MISSING") for name in missing_inputs(named, is_date_only=is_date_only)]
        problems += [(name, "FIELD_UNKNOWN") for name in sorted(named.difference(INPUTS))]
        if problems:
            violations = tuple(FieldViolation(f"columns.{name}", reason, reason) for name, reason in problems)
            raise Refused("REQUEST_INVALID", "The columns do not have the inputs.", violations=violations)
        # Not what the dataset holds by now: the same request may follow a change of it.
        request = await _request_key(idempotency_key, dataset_id, rows.columns)
        return await self._create(batch_id, [], [], dataset_id=dataset_id, rows=rows, request=request)

    async def _create(self, batch_id: str, *content: Any, **options: Any) -> Progress:
        async with self._one_creation_at_a_time:
            batch = await asyncio.to_thread(
                self._store.create, batch_id, *content, most_unfinished=MOST_UNFINISHED, **options
            )
        self._queue.send_soon(batch.id)
        return await self._progress(batch)

    async def get(self, batch_id: str) -> Progress:
        """Returns the batch. Raises `BATCH_NOT_FOUND`."""
        return await self._progress(await asyncio.to_thread(self._store.get, batch_id))

    async def list_latest(
        self, limit: int, *, after: Place | None = None, dataset_id: str | None = None, unfinished_only: bool = False
    ) -> list[Progress]:
        """Returns the latest batches, newest first, from behind the place on."""
        options: dict[str, Any] = {"after": after, "dataset_id": dataset_id, "unfinished_only": unfinished_only}
        return await self._estimate(await asyncio.to_thread(self._store.list_latest, limit, **options))

    async def list_results(
        self, batch_id: str, start: int, limit: int, **options: bool
    ) -> tuple[Progress, list[ItemResult]]:
        """Returns the batch, and a page of its results as the store gives them."""
        batch = await asyncio.to_thread(self._store.get, batch_id)
        results = await asyncio.to_thread(self._store.results, batch, start, start + limit, **options)
        return await self._progress(batch), results

    async def read_results(
        self, batch_id: str, start: int, most: int, **options: bool
    ) -> AsyncIterator[tuple[Progress, list[ItemResult]]]:
        """Yields the results that there are now in parts, each with the batch; the first one even if it is empty.

        The next page of them is read while one is sent; the first page is one part, because someone waits for it.
        """
        batch = await asyncio.to_thread(self._store.get, batch_id)
        progress, end = await self._progress(batch), min(batch.done, start + most)

        def read(page: tuple[int, int]) -> asyncio.Task[list[ItemResult]]:
            return asyncio.create_task(asyncio.to_thread(self._store.results, batch, *page, **options))

        first_page, *others = pairwise([start, *range(start + RESULTS_IN_PART, end, _RESULTS_IN_PAGE), end])
        reading = read(first_page)
        try:
            for following in (*others, None):
                results = await reading
                if following is not None:
                    reading = read(following)
                for first in range(0, max(len(results), 1), RESULTS_IN_PART):
                    yield progress, results[first : first + RESULTS_IN_PART]
        finally:
            reading.cancel()  # if the caller left

    async def cancel(self, batch_id: str) -> Progress:
        """Stops a batch. Raises `BATCH_NOT_FOUND` or `BATCH_ENDED`."""
        return await self._progress(await asyncio.to_thread(self._store.cancel, batch_id))

    async def give_up(self, batch_id: str, failure: str) -> Progress:
        """Ends a batch that cannot be finished. Raises `BATCH_NOT_FOUND`."""
        log.warning("batch_given_up", batch_id=batch_id, failure=failure)
        return await self._progress(await asyncio.to_thread(self._store.give_up, batch_id, failure))

    async def claim_overdue(self) -> list[str]:
        """Returns unfinished batches that no worker seems to process, and marks them as resent."""
        return await asyncio.to_thread(self._store.claim_overdue, self._overdue_seconds)

    async def process(self, batch_id: str) -> AsyncIterator[Progress]:
        """Predicts the rest in slices; yields the progress after each. Ends early when the process stops."""
        batch = await asyncio.to_thread(self._store.get, batch_id)
        if batch.columns is not None:
            raise Refused("REQUEST_INVALID", "The rows of a dataset are predicted by PredictRows.")
        if batch_id in self._being_processed:  # a duplicate message; the first one is still running
            yield await self._progress(batch)
            return
        self._being_processed.add(batch_id)
        try:
            while not batch.is_finished and not self._stopping.is_set():
                async with self._one_slice_at_a_time:
                    batch = await self._follow_slice(batch)
                yield await self._progress(batch)
        finally:
            self._being_processed.discard(batch_id)

    async def predict_rows(self, batch_id: str, offset: int, rows: Sequence[Accident | InvalidAccident]) -> Progress:
        """Predicts the rows of a dataset from row `offset` on, if they are the next ones; fewer may be done than given.

        Unusable rows become item errors.
        """
        async with self._one_slice_at_a_time:
            batch = await asyncio.to_thread(self._store.get, batch_id)
            if batch.columns is None:
                raise Refused("REQUEST_INVALID", "The batch has accidents of its own.")
            if rows and batch.done == offset and not batch.is_finished:
                batch = await self._follow_slice(batch, rows)
        return Progress(batch, None)  # the worker needs no estimate

    async def _follow_slice(self, batch: Batch, rows: Sequence[Accident | InvalidAccident] | None = None) -> Batch:
        started, before = time.perf_counter(), batch.done
        # Completed even if the caller leaves: an interrupted slice would count as a failed try.
        batch = await asyncio.shield(self._process_slice(batch.id, rows))
        self._learn_pace(batch.done - before, time.perf_counter() - started)
        if batch.is_finished:
            log.info("batch_ended", batch_id=batch.id, status=batch.status, total=batch.total, failed=batch.failed)
        return batch

    async def _process_slice(self, batch_id: str, rows: Sequence[Accident | InvalidAccident] | None) -> Batch:
        batch = await asyncio.to_thread(self._store.begin_try, batch_id)
        if batch.is_finished:
            return batch
        try:
            return await self._try_slice(batch, rows)
        except Exception:  # the process did not crash, so no item is to blame
            with suppress(DatabaseUnavailable):
                await asyncio.to_thread(self._store.take_back_try, batch_id)
            raise

    async def _try_slice(self, batch: Batch, given: Sequence[Accident | InvalidAccident] | None) -> Batch:
        is_together = batch.tries <= TRIES_TOGETHER
        size = min(SLICE - batch.done % SLICE if is_together else 1, batch.total - batch.done)
        malformed: list[ItemError] = []
        if given is None:
            items = await asyncio.to_thread(self._store.slice, batch.id, batch.done, size)
        else:
            given = given[:size]
            size, malformed = len(given), self._malformed(given, batch.done)
            items = [
                Item(index, _storable(row)) for index, row in enumerate(given, batch.done) if isinstance(row, Accident)
            ]
        rows: list[PredictionRow] = []
        errors = [_failed(item) for item in items]
        if batch.tries > TRIES_ALONE:
            log.error("batch_item_given_up", batch_id=batch.id, index=batch.done)
        else:
            rows, errors = await asyncio.to_thread(self._predict, batch, items)
        is_slice_done = (batch.done + size) % SLICE == 0
        return await asyncio.to_thread(
            self._store.finish_slice,
            batch,
            size,
            rows,
            [*malformed, *errors],
            tries=0 if is_together or is_slice_done else TRIES_TOGETHER,
            model_version=self._model.version,
            created_at=datetime.now(UTC),
        )

    def _predict(self, batch: Batch, items: Sequence[Item]) -> tuple[list[PredictionRow], list[ItemError]]:
        try:
            return self._predict_together(batch, items)
        except Exception:
            if len(items) == 1:
                log.exception("batch_item_failed", batch_id=batch.id, index=items[0].index)
                return [], [_failed(items[0])]
            log.exception("batch_slice_failed", batch_id=batch.id, start=batch.done)
        rows, errors = [], []
        for item in items:  # one of them failed: predict the others without it
            row, error = self._predict(batch, [item])
            rows += row
            errors += error
        return rows, errors

    def _predict_together(self, batch: Batch, items: Sequence[Item]) -> tuple[list[PredictionRow], list[ItemError]]:
        readings, errors = [], []
        for item in items:
            try:
                readings.append((item.index, self._model.vocabulary.read(item.accident)))
            except InvalidAccident as refusal:
                errors.append(ItemError(item.index, _error_document(refusal), item.accident._asdict()))
        if not readings:
            return [], errors
        estimates = self._model.predict_many([reading.accident for _, reading in readings])
        rows = [
            PredictionRow(new_id(), reading, estimate, batch.dataset_id, batch.id, index)
            for (index, reading), estimate in zip(readings, estimates, strict=True)
        ]
        return rows, errors

    def _malformed(self, items: Sequence[Accident | InvalidAccident], start: int) -> list[ItemError]:
        return [
            ItemError(index, _error_document(self._advised(item)))
            for index, item in enumerate(items, start)
            if isinstance(item, InvalidAccident)
        ]

    def _advised(self, malformed: InvalidAccident) -> InvalidAccident:
        """Returns the refusal with allowed values, within the limits of PostgreSQL and of a page of results."""
        return InvalidAccident([self._advised_problem(problem) for problem in malformed.problems[:_MOST_PROBLEMS]])

    def _advised_problem(self, problem: Problem) -> Problem:
        is_length = problem.reason == "TEXT_TOO_LONG"
        return Problem(
            _storable_text(problem.field),
            _storable_text(problem.reason),
            _storable_text(problem.message),
            (str(MOST_TEXT),) if is_length else self._model.vocabulary.choices(problem.field),
        )

    async def _progress(self, batch: Batch) -> Progress:
        (progress,) = await self._estimate([batch])
        return progress

    async def _estimate(self, batches: Sequence[Batch]) -> list[Progress]:
        if all(batch.is_finished for batch in batches):
            return [Progress(batch, None) for batch in batches]
        unfinished = await asyncio.to_thread(self._store.list_unfinished, _LIVELY * self._overdue_seconds)
        return [estimate(batch, unfinished, self._rows_per_second) for batch in batches]

    def _learn_pace(self, rows: int, seconds: float) -> None:
        if rows > 0:  # a moving average adapts to the load
            self._rows_per_second += 0.3 * (rows / seconds - self._rows_per_second)


async def _request_key(key: str, *request: Any) -> RequestKey | None:
    """Returns what a repeated request is known by. In a thread: it may hold 20,000 accidents."""

    def hash_request() -> str:
        return sha256(orjson.dumps(request, default=_plain)).hexdigest()

    return RequestKey(key, await asyncio.to_thread(hash_request)) if key else None


def _plain(value: Any) -> Any:
    return value.problems if isinstance(value, InvalidAccident) else [*value]  # a named tuple


def _storable(accident: Accident) -> Accident:
    """Returns the accident with texts that PostgreSQL can store; changed values remain unusable."""
    return Accident._make(_storable_text(value) if isinstance(value, str) else value for value in accident)


def _storable_text(text: str) -> str:
    return text.replace("\0", "\ufffd")[: MOST_TEXT + 1]


def _failed(item: Item) -> ItemError:
    message = "The model failed on this accident."
    error = {"reason": "PREDICTION_FAILED", "message": message, "problems": []}
    return ItemError(item.index, error, item.accident._asdict())


def _error_document(refusal: InvalidAccident) -> dict[str, Any]:
    return {"reason": "ACCIDENT_INVALID", "message": str(refusal), "problems": refusal.problems}
