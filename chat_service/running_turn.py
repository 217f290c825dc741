"""A turn in progress in this process."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from chat_service.event_log import EventLog


class RunningTurn(EventLog):
    """A turn with its task; listeners get its events."""

    def __init__(self) -> None:
        super().__init__()
        self._task: asyncio.Task[None]
        self._is_stopping = False

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs the turn in its own task."""
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(lambda _: self.end())  # it may be stopped before it has begun
        return self._task

    def cancel(self) -> None:
        """Stops the run unless it has ended."""
        if not self._is_stopping:
            self._is_stopping = True
            self._task.cancel()

    async def stop(self) -> None:
        """Stops the run unless it has ended, and waits until its answer so far is stored."""
        self.cancel()
        await self.ended()

    async def ended(self, within_seconds: float | None = None) -> None:
        """Returns once the run has ended, or the time is over."""
        await asyncio.wait((self._task,), timeout=within_seconds)
