"""Deleting what is older than it is to be kept: the gRPC door of each service, and its short transactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from daegu.retention.v1 import retention_pb2 as pb
from daegu.retention.v1 import retention_pb2_grpc

from servicekit.database import database_errors
from servicekit.errors import field_refused
from servicekit.server import Context, Server
from servicekit.settings import MOST_DAYS

_SERVICE = pb.DESCRIPTOR.services_by_name["RetentionService"].full_name
# A transaction that takes longer is halved, down to the rows that cost less than its own beginning and end; one that
# takes less than half of it is doubled. Short, because some take a multiple of it while the processors are busy.
_LOCKED_SECONDS = 0.002
_LEAST_ROWS, _MOST_ROWS = 20, 2_000


class Step(NamedTuple):
    """What one call deleted, and the place where the next one goes on."""

    forgotten: int
    next: str
    is_done: bool


class Deleted(NamedTuple):
    """The step of one transaction, and how many rows of all tables it touched."""

    step: Step
    rows: int


Forget = Callable[[int, str], Awaitable[Step]]
"""Deletes some of what is older than so many days, from a place on."""


class RetentionServicer(retention_pb2_grpc.RetentionServiceServicer):
    """Serves `daegu.retention.v1.RetentionService` for the kinds that a service stores."""

    def __init__(self, kinds: Mapping[int, Forget]) -> None:
        self._kinds = kinds

    async def Forget(self, request: pb.ForgetRequest, context: Context) -> pb.ForgetResponse:  # noqa: ARG002, N802
        """Deletes some of the oldest of a kind. Raises `REQUEST_INVALID`."""
        forget = self._kinds.get(request.kind)
        if forget is None:
            raise field_refused("kind", "CATEGORY_UNKNOWN", "not stored by this service")
        if not 1 <= request.days <= MOST_DAYS:
            raise field_refused("days", "NUMBER_OUT_OF_RANGE", f"from 1 to {MOST_DAYS}")
        step = await forget(request.days, request.after)
        return pb.ForgetResponse(forgotten=step.forgotten, next=step.next, is_done=step.is_done)


def off_loop(forget: Callable[[int, str], Step]) -> Forget:
    """Returns a method of a store as the server calls it."""

    async def forget_in_thread(days: int, after: str) -> Step:
        return await asyncio.to_thread(forget, days, after)

    return forget_in_thread


def add_retention(server: Server, kinds: Mapping[int, Forget]) -> None:
    """Lets a server serve the kinds that its service stores."""
    server.add(retention_pb2_grpc.add_RetentionServiceServicer_to_server, RetentionServicer(kinds), _SERVICE)


class ShortTransactions:
    """Transactions that delete as many rows as they can in a few milliseconds, one at a time over all replicas.

    `lock` is the number of an advisory lock. Blocking: call it off the event loop.
    """

    def __init__(self, engine: sa.Engine, lock: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._engine = engine
        self._clock = clock
        # It is safe to lose a deletion in a crash, so that none waits for the disk while it holds its locks.
        self._begin = sa.select(
            sa.func.pg_try_advisory_xact_lock(lock), sa.func.set_config("synchronous_commit", "off", True)
        )
        self._most_rows = _LEAST_ROWS

    def run(self, delete: Callable[[sa.Connection, int], Deleted], after: str) -> Step:
        """Runs `delete` with a connection and the number of rows to delete; nothing if another replica does so."""
        with database_errors(), self._engine.connect() as connection:
            is_alone, _ = connection.execute(self._begin).one()
            if not is_alone:
                connection.rollback()
                return Step(0, after, is_done=True)
            began = self._clock()
            deleted = delete(connection, self._most_rows)
            connection.commit()
            seconds = self._clock() - began
        if seconds > _LOCKED_SECONDS:
            self._most_rows = max(self._most_rows // 2, _LEAST_ROWS)
        elif seconds < _LOCKED_SECONDS / 2 and deleted.rows >= self._most_rows // 2:  # a small one says nothing
            self._most_rows = min(self._most_rows * 2, _MOST_ROWS)
        return deleted.step
