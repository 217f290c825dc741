"""Batches: stored at once, predicted in slices, each item exactly once even if processes are killed.

A slice is predicted and then stored in one transaction, which only succeeds if the slice is not stored yet. A retry,
after a crash or because of a duplicate message, continues after the last stored slice.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog

from prediction_service.accident import MOST_TEXT, Accident, InvalidAccident, Problem
from prediction_service.batch_queue import BatchQueue
from prediction_service.batch_store import Batch, BatchStore, Item, ItemError, ItemResult
from prediction_service.model import EcloModel
from prediction_service.store import PredictionRow
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.ids import new_id

MOST_ACCIDENTS = 20_000
MOST_UNFINISHED = 100
SLICE = 500
# After this many tries that crashed the process, the rest of a slice is tried item by item. An item that still crashes
# it alone is given up after the second number of tries.
TRIES_TOGETHER, TRIES_ALONE = 3, 6
_FIRST_ROWS_PER_SECOND = 5_000.0
_MOST_PROBLEMS = 20
# Without progress for this many times the wait after which batches are resent, no worker seems to be running.
_LIVELY = 2.0

log = structlog.get_logger()


class Progress(NamedTuple):
    """A batch and its estimated completion; None once it has ended or while no worker is running."""

    batch: Batch
    estimated_completion: datetime | None


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
        self, items: Sequence[Accident | InvalidAccident], *, batch_id: str, dataset_id: str | None
    ) -> Progress:
        """Stores a batch and wakes a worker. Unusable items are accepted; they become item errors."""
        if not 1 <= len(items) <= MOST_ACCIDENTS:
            raise Refused("BATCH_SIZE_INVALID", f"{len(items)} items; 1 to {MOST_ACCIDENTS} are allowed.")
        accidents = [None if isinstance(item, InvalidAccident) else _storable(item) for item in items]
        errors = [
            ItemError(index, _error_document(self._advised(item)))
            for index, item in enumerate(items)
            if isinstance(item, InvalidAccident)
        ]
        async with self._one_creation_at_a_time:
            batch = await asyncio.to_thread(
                self._store.create,
                batch_id,
                accidents,
                errors,
                dataset_id=dataset_id,
                most_unfinished=MOST_UNFINISHED,
            )
        self._queue.send_soon(batch.id)
        return await self._progress(batch)

    async def get(self, batch_id: str) -> Progress:
        """Returns the batch. Raises `BATCH_NOT_FOUND`."""
        return await self._progress(await asyncio.to_thread(self._store.get, batch_id))

    async def list_latest(
        self, limit: int, *, dataset_id: str | None = None, unfinished_only: bool = False
    ) -> list[Progress]:
        """Returns the latest batches, newest first."""
        listed = await asyncio.to_thread(
            self._store.list_latest, limit, dataset_id=dataset_id, unfinished_only=unfinished_only
        )
        return [await self._progress(batch) for batch in listed]

    async def list_results(self, batch_id: str, *, limit: int, offset: int) -> tuple[Progress, list[ItemResult]]:
        """Returns the batch, and its results from `offset` on."""
        batch, results = await asyncio.to_thread(self._store.list_results, batch_id, limit=limit, offset=offset)
        return await self._progress(batch), results

    async def cancel(self, batch_id: str) -> Progress:
        """Stops a batch. Raises `BATCH_NOT_FOUND` or `BATCH_ENDED`."""
        return await self._progress(await asyncio.to_thread(self._store.cancel, batch_id))

    async def claim_overdue(self) -> list[str]:
        """Returns unfinished batches that no worker seems to process, and marks them as resent."""
        return await asyncio.to_thread(self._store.claim_overdue, self._overdue_seconds, MOST_UNFINISHED)

    async def process(self, batch_id: str) -> AsyncIterator[Progress]:
        """Predicts the rest in slices; yields the progress after each. Ends early when the process stops."""
        batch = await asyncio.to_thread(self._store.get, batch_id)
        if batch_id in self._being_processed:  # a duplicate message; the first one is still running
            yield await self._progress(batch)
            return
        self._being_processed.add(batch_id)
        try:
            while not batch.is_finished and not self._stopping.is_set():
                async with self._one_slice_at_a_time:
                    started, before = time.perf_counter(), batch.done
                    # Completed even if the caller leaves: an interrupted slice would count as a failed try.
                    batch = await asyncio.shield(self._process_slice(batch_id))
                    self._learn_pace(batch.done - before, time.perf_counter() - started)
                yield await self._progress(batch)
            if batch.is_finished:
                log.info("batch_ended", batch_id=batch_id, status=batch.status, total=batch.total, failed=batch.failed)
        finally:
            self._being_processed.discard(batch_id)

    async def _process_slice(self, batch_id: str) -> Batch:
        batch = await asyncio.to_thread(self._store.begin_try, batch_id)
        if batch.is_finished:
            return batch
        try:
            return await self._try_slice(batch)
        except Exception:  # the process did not crash, so no item is to blame
            with suppress(DatabaseUnavailable):
                await asyncio.to_thread(self._store.take_back_try, batch_id)
            raise

    async def _try_slice(self, batch: Batch) -> Batch:
        is_together = batch.tries <= TRIES_TOGETHER
        size = min(SLICE - batch.done % SLICE if is_together else 1, batch.total - batch.done)
        items = await asyncio.to_thread(self._store.slice, batch.id, batch.done, size)
        rows: list[PredictionRow] = []
        errors = [_failed(item.index) for item in items]
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
            errors,
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
                return [], [_failed(items[0].index)]
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
                errors.append(ItemError(item.index, _error_document(refusal)))
        if not readings:
            return [], errors
        estimates = self._model.predict_many([reading.accident for _, reading in readings])
        rows = [
            PredictionRow(new_id(), reading, estimate, batch.dataset_id, batch.id, index)
            for (index, reading), estimate in zip(readings, estimates, strict=True)
        ]
        return rows, errors

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
        if batch.is_finished:
            return Progress(batch, None)
        if not await asyncio.to_thread(self._store.is_worked_on, _LIVELY * self._overdue_seconds):
            return Progress(batch, None)  # no worker is running, so there is no estimate
        ahead = await asyncio.to_thread(self._store.items_ahead, batch)
        seconds = (ahead + batch.total - batch.done) / self._rows_per_second
        return Progress(batch, datetime.now(UTC) + timedelta(seconds=seconds))

    def _learn_pace(self, rows: int, seconds: float) -> None:
        if rows > 0:  # a moving average adapts to the load
            self._rows_per_second += 0.3 * (rows / seconds - self._rows_per_second)


def _storable(accident: Accident) -> Accident:
    """Returns the accident with texts that PostgreSQL can store; changed values remain unusable."""
    return Accident._make(_storable_text(value) if isinstance(value, str) else value for value in accident)


def _storable_text(text: str) -> str:
    return text.replace("\0", "\ufffd")[: MOST_TEXT + 1]


def _failed(index: int) -> ItemError:
    message = "The model failed on this accident."
    return ItemError(index, {"reason": "PREDICTION_FAILED", "message": message, "problems": []})


def _error_document(refusal: InvalidAccident) -> dict[str, Any]:
    return {"reason": "ACCIDENT_INVALID", "message": str(refusal), "problems": refusal.problems}
