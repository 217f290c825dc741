"""Rolling restarts of what the supervisor runs, started by SIGHUP and told in `logs/rolling-restart.log`.

The first line of that file is when it started, the last but one how it ended, and the last one `ENDED`.
"""

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import texts
from deploy.local.supervisor import RollFailed, StepFailed, Supervisor

ENDED = "."


def report_file(state: Path) -> Path:
    """Returns the file that tells about the latest rolling restart."""
    return state / "logs" / "rolling-restart.log"


class RollingRestarts:
    """Restarts everything, once at a time."""

    def __init__(self, supervisor: Supervisor, state: Path) -> None:
        self._supervisor = supervisor
        self._file = report_file(state)
        self._rolling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts one, unless one is under way."""
        if self._rolling is None or self._rolling.done():
            self._rolling = asyncio.create_task(self._roll())

    async def stop(self) -> None:
        """Gives up the one that is under way."""
        if self._rolling is not None:
            self._rolling.cancel()
            with suppress(asyncio.CancelledError):
                await self._rolling

    async def _roll(self) -> None:
        with self._file.open("w", encoding="utf-8", buffering=1) as report:

            def tell(line: str) -> None:
                print(line, file=report)

            tell(datetime.now(UTC).isoformat())
            try:
                await self._supervisor.roll(tell)
                tell(texts.ROLLED)
            except (RollFailed, StepFailed) as failure:
                tell(str(failure))
            tell(ENDED)


class Terminal:
    """The terminal that this process was started in, if any. When it closes, the signal is that for a restart."""

    def __init__(self) -> None:
        self._descriptors = [number for number in range(3) if _is_terminal(number)]

    def is_lost(self) -> bool:
        """Tells whether there was a terminal and it has been closed."""
        return bool(self._descriptors) and not any(map(_is_terminal, self._descriptors))


def _is_terminal(descriptor: int) -> bool:
    with suppress(OSError):
        return os.isatty(descriptor)
    return False
