"""Retries in the background to store the ends of turns that the store did not accept."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from servicekit.errors import DatabaseUnavailable, Refused

# The longest is shorter than the patience with expired leases, so that a late end is stored and not failed.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 1.0
_LONGEST_SECONDS = 3600.0
_LAST_SECONDS = 2.0

Result = TypeVar("Result")

log = structlog.get_logger()


class LateWrites:
    """Holds the writes until the store accepts them. They are few: while it is down no turn can begin."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def add(self, question_id: str, write: Callable[[], object], when_over: Callable[[], None]) -> None:
        """Writes as soon as the store is back, then calls `when_over`, also if it was not accepted."""
        task = asyncio.create_task(self._write(question_id, write))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(lambda _: when_over())

    async def close(self) -> None:
        """Waits briefly for the pending writes, then cancels them."""
        if self._under_way:
            _, lost = await asyncio.wait(self._under_way, timeout=_LAST_SECONDS)
            for task in lost:
                task.cancel()
            if lost:
                log.error("turn_ends_lost", turns=len(lost))  # their leases expire, and so their questions fail

    async def _write(self, question_id: str, write: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await insist(write)
        except TimeoutError:
            log.error("turn_end_lost", question_id=question_id)
        except Refused as error:  # for example, the conversation was deleted meanwhile
            log.info("turn_end_not_wanted", question_id=question_id, error=error.message)
        else:
            log.info("turn_end_stored_late", question_id=question_id)


async def insist(write: Callable[[], Result]) -> Result:
    """Writes off the event loop, with retries while the database is down."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await finish(asyncio.to_thread(write))
        except DatabaseUnavailable:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


async def finish(work: Awaitable[Result]) -> Result:
    """Awaits a transaction. If cancelled, waits for it to finish, so that the caller knows what was stored."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise
