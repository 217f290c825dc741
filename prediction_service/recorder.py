"""Stores predictions in groups: one committed INSERT for all that are waiting.

Predictions that arrive while one group is being written form the next group; there is no timer. A single statement in
autocommit is one round trip, and needs no thread: libpq is driven from the event loop.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

import psycopg2
import structlog

from prediction_service.settings import PredictionSettings
from prediction_service.store import INSERT_PREDICTIONS, PredictionRow, rows_to_json
from servicekit.database import connection_arguments, is_unavailable, unavailable
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.metrics import Timings
from servicekit.notifications import finish

PREPARE = "PREPARE record (timestamptz, text, jsonb) AS " + INSERT_PREDICTIONS.format(
    created_at="$1", model_version="$2", rows="$3"
)
EXECUTE = "EXECUTE record (%s, %s, %s)"

log = structlog.get_logger()


class Recorded(NamedTuple):
    """When the rows were created, and whether an id of the group was stored before, so that its old row was kept."""

    created_at: datetime
    has_repeats: bool


class _Group(NamedTuple):
    rows: Sequence[PredictionRow]
    recorded: asyncio.Future[Recorded]


class Recorder:
    """Stores groups of predictions; a context manager that writes while it is open.

    `record` returns once the rows are committed. It raises `DatabaseUnavailable` when the database does not store them
    in time, and `PREDICTIONS_BUSY` when too many are waiting. `stored_rows` and `waiting_rows` count rows; `timings`
    has each group.
    """

    def __init__(self, settings: PredictionSettings, model_version: str) -> None:
        self._settings = settings
        self._model_version = model_version
        self._waiting: list[_Group] = []
        self.waiting_rows = self.stored_rows = 0
        self.timings = Timings("prediction_record_seconds", "Groups of predictions stored, or not.", ("outcome",))
        self._wake = asyncio.Event()
        self._connection: Any = None
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        self._disconnect()

    async def record(self, rows: Sequence[PredictionRow]) -> Recorded:
        """Stores the rows."""
        if self.waiting_rows + len(rows) > self._settings.waiting_rows:
            raise Refused("PREDICTIONS_BUSY", f"{self.waiting_rows} predictions wait to be stored already.")
        group = _Group(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(group)
        self.waiting_rows += len(rows)
        self._wake.set()
        return await group.recorded

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            groups = self._take_waiting()
            rows = [row for group in groups for row in group.rows]
            started, outcome = time.perf_counter(), "failed"
            try:
                recorded = await self._insert(rows)
            except DatabaseUnavailable as error:
                self._disconnect()
                # Rows that arrived meanwhile fail as well, so that no caller waits longer than one group may take.
                _settle([*groups, *self._take_waiting()], error=error)
            except Exception as error:  # noqa: BLE001 - passed to the waiting callers; the next group may work
                self._disconnect()
                _settle(groups, error=error)
            else:
                outcome = "stored"
                self.stored_rows += len(rows)
                _settle(groups, recorded=recorded)
            self.timings.observe(time.perf_counter() - started, (outcome,))

    def _take_waiting(self) -> Sequence[_Group]:
        groups, self._waiting, self.waiting_rows = self._waiting, [], 0
        return groups

    async def _insert(self, rows: Sequence[PredictionRow]) -> Recorded:
        created_at = datetime.now(UTC)
        parameters = (created_at, self._model_version, rows_to_json(rows))
        try:
            async with asyncio.timeout(self._settings.record_seconds):
                inserted = await self._execute_twice(EXECUTE, parameters)
        except TimeoutError:
            raise DatabaseUnavailable(
                "DATABASE_UNAVAILABLE", "The database did not store the predictions in time."
            ) from None
        except psycopg2.Error as error:
            if is_unavailable(error):
                raise unavailable(error) from error
            raise
        return Recorded(created_at, has_repeats=inserted < len(rows))

    async def _execute_twice(self, statement: str, parameters: tuple[Any, ...]) -> int:
        """Executes a statement, and retries once if the connection was lost while idle; ids make that safe."""
        try:
            return await self._execute(statement, parameters)
        except psycopg2.Error as error:
            self._disconnect()
            if not is_unavailable(error):
                raise
            return await self._execute(statement, parameters)

    async def _execute(self, statement: str, parameters: tuple[Any, ...]) -> int:
        if self._connection is None:
            await self._connect()
            await self._run(PREPARE)
        return await self._run(statement, parameters)

    async def _run(self, statement: str, parameters: tuple[Any, ...] | None = None) -> int:
        """Executes a statement. Returns the number of changed rows."""
        cursor = self._connection.cursor()
        cursor.execute(statement, parameters)
        await finish(self._connection)
        return int(cursor.rowcount)

    async def _connect(self) -> None:
        url = self._settings.database_url.get_secret_value()
        arguments: dict[str, Any] = connection_arguments(self._settings)
        self._connection = psycopg2.connect(url, async_=True, **arguments)
        await finish(self._connection)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _settle(groups: Sequence[_Group], *, recorded: Recorded | None = None, error: Exception | None = None) -> None:
    for group in groups:
        if group.recorded.done():  # the caller has left
            continue
        if error is not None:
            group.recorded.set_exception(error)
        elif recorded is not None:
            group.recorded.set_result(recorded)
