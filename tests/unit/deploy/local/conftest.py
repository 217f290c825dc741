"""Tiny real programs for the supervisor to run, and a way to wait for what it says."""

import asyncio
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.supervisor import Backoff, Patience, Program, RollPace, Supervisor
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

# Starts a line of the diary with its name; when it is told to stop, adds one more and goes.
_DIARY = """
import signal, sys, time
def note(what):
    with open(sys.argv[1], "a") as diary:
        print(what, sys.argv[2], file=diary, flush=True)
def leave(*_):
    note("stopped")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
note("started")
print("here is", sys.argv[2], flush=True)
while True:
    signal.pause()
"""


class Running:
    """A supervisor under test: its programs' diary, what it prints, and how to stop it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.diary_file = directory / "diary"
        self.out = io.StringIO()
        self.told_to_stop = asyncio.Event()
        self.readied = 0
        self._running: asyncio.Task[None] | None = None
        self.supervisor: Supervisor | None = None

    def keeper(self, name: str, *after: str, **changes: object) -> Program:
        """A program that writes into the diary when it starts and when it is told to stop."""
        argv = (sys.executable, "-S", "-c", _DIARY, str(self.diary_file), name)
        return Program(name, argv, after=after, **{"is_ready": self.has(f"started {name}"), **changes})  # type: ignore[arg-type]

    def script(self, name: str, code: str, **changes: object) -> Program:
        """A program of the test's own, which may `note` a line in the diary."""
        note = (
            f"def note(line):\n    with open({str(self.diary_file)!r}, 'a') as file:\n        print(line, file=file)\n"
        )
        return Program(name, (sys.executable, "-S", "-c", note + code), **changes)  # type: ignore[arg-type]

    def has(self, line: str) -> Callable[[], object]:
        """A question whether the diary has the line."""

        async def is_there() -> bool:
            return line in self.diary

        return is_there

    @property
    def diary(self) -> list[str]:
        return self.diary_file.read_text().splitlines() if self.diary_file.exists() else []

    @property
    def screen(self) -> str:
        return self.out.getvalue()

    def log(self, name: str) -> bytes:
        return (self.directory / "logs" / f"{name}.log").read_bytes()

    def pid(self, name: str) -> int:
        return int((self.directory / "run" / f"{name}.pid").read_text())

    def start(
        self, *programs: Program, stop_seconds: float = PATIENCE_SECONDS, roll_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.supervisor = Supervisor(
            programs,
            self.directory,
            backoff=Backoff(first_seconds=0.05, longest_seconds=0.2),
            patience=Patience(ask_every_seconds=0.01, questions_of_idle=3, questions_of_busy=10**9),
            stop_seconds=stop_seconds,
            roll=RollPace(ready_seconds=roll_seconds, settle_seconds=0),
            out=self.out,
        )
        self._running = asyncio.create_task(self.supervisor.run(self.told_to_stop, self._count))

    async def until(self, condition: Callable[[], bool]) -> None:
        def is_so() -> bool:
            assert self._running
            if self._running.done():
                self._running.result()
            return condition()

        await eventually(is_so)

    async def ready(self, *programs: Program) -> None:
        """Starts the programs and waits until all are ready."""
        self.start(*programs)
        await self.until(lambda: self.readied == 1)

    async def ended(self) -> None:
        """Waits for the end; raises what it ended with."""
        assert self._running
        await self._running

    async def roll(self) -> list[str]:
        """Restarts everything and returns what was told."""
        told: list[str] = []
        assert self.supervisor
        await self.supervisor.roll(told.append)
        return told

    async def stop(self) -> None:
        self.told_to_stop.set()
        await self.ended()

    def _count(self) -> None:
        self.readied += 1


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """A supervisor that is yet to be started."""
    return Running(tmp_path)
