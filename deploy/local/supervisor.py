"""Runs programs in the order they depend on each other, restarts what crashes, stops all in reverse."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from deploy.local import texts
from deploy.local.child import dies_with_parent

_PROBE_EVERY_SECONDS = 0.05
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _STEADY_SECONDS = 0.5, 10.0, 30.0
_COLOURS = (36, 35, 34, 33, 32, 96, 95, 94, 93)


@dataclass(frozen=True)
class Program:
    """One program: how to run it, what it waits for, and how to tell that it works.

    A `step` runs once to its end before those that wait for it; anything else keeps running.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
    is_ready: Callable[[], Awaitable[bool]] | None = None
    is_step: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    preexec: Callable[[], None] = field(default_factory=dies_with_parent)


class StepFailed(Exception):
    """A step ended with an error, so that nothing that waits for it can start."""


class Supervisor:
    """Keeps programs running. Logs go to `directory`/logs and, prefixed, to `out`; pids to `directory`/run."""

    def __init__(
        self, programs: Sequence[Program], directory: Path, *, stop_seconds: float = 15.0, out: TextIO = sys.stdout
    ) -> None:
        self._programs = programs
        self._logs, self._run = directory / "logs", directory / "run"
        self._stop_seconds = stop_seconds
        self._out = out
        self._ready = {program.name: asyncio.Event() for program in programs}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._is_stopping = False
        self._width = max(len(program.name) for program in programs)

    async def run(self, told_to_stop: asyncio.Event, when_ready: Callable[[], None]) -> None:
        """Runs everything until told to stop. Raises `StepFailed` when it cannot even begin."""
        for folder in (self._logs, self._run):
            folder.mkdir(parents=True, exist_ok=True)
        keepers = [asyncio.create_task(self._keep(program)) for program in self._programs]
        everything = asyncio.gather(*keepers)
        ready = asyncio.create_task(self._announce(when_ready))
        stop = asyncio.create_task(told_to_stop.wait())
        try:
            await asyncio.wait((everything, stop), return_when=asyncio.FIRST_COMPLETED)
            if everything.done():
                everything.result()
        finally:
            self._is_stopping = True
            for task in (ready, stop, *keepers):
                task.cancel()
            with suppress(asyncio.CancelledError, StepFailed):
                await everything
            await self._stop_all()

    def kill_all(self) -> None:
        """Ends everything at once."""
        for process in self._processes.values():
            _signal_group(process, signal.SIGKILL)

    async def _announce(self, when_ready: Callable[[], None]) -> None:
        for ready in self._ready.values():
            await ready.wait()
        when_ready()

    async def _keep(self, program: Program) -> None:
        for name in program.after:
            await self._ready[name].wait()
        pause = _FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            code = await self._run_once(program)
            if program.is_step:
                if code != 0:
                    log = self._logs / f"{program.name}.log"
                    raise StepFailed(texts.STEP_FAILED.format(name=program.name, code=code, log=log))
                self._ready[program.name].set()
                return
            if time.monotonic() - started > _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._say(program.name, texts.CRASHED.format(name=program.name, code=code, seconds=pause))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _run_once(self, program: Program) -> int:
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **program.environment},
            preexec_fn=program.preexec,
            start_new_session=True,
        )
        self._processes[program.name] = process
        (self._run / f"{program.name}.pid").write_text(str(process.pid))
        reading = asyncio.create_task(self._pass_on(program.name, process))
        probing = asyncio.create_task(self._probe(program, started))
        try:
            await reading  # ends when the program has closed its output, which is when it ends
            return await process.wait()
        finally:
            probing.cancel()
            if not self._is_stopping:
                _signal_group(process, signal.SIGKILL)  # nothing of a dead program may linger

    async def _probe(self, program: Program, started: float) -> None:
        if program.is_ready is None:
            return
        while not await program.is_ready():  # noqa: ASYNC110 - another process cannot set an event of ours
            await asyncio.sleep(_PROBE_EVERY_SECONDS)
        self._say(program.name, texts.STARTED.format(name=program.name, seconds=time.monotonic() - started))
        self._ready[program.name].set()

    async def _pass_on(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        with (self._logs / f"{name}.log").open("ab", buffering=0) as log:
            while line := await _read_line(process.stdout):
                log.write(line)
                self._say(name, line.decode(errors="replace").rstrip("\n"))

    def _say(self, name: str, line: str) -> None:
        prefix = f"{name:<{self._width}} │ "
        if self._out.isatty():
            index = [program.name for program in self._programs].index(name)
            prefix = f"\x1b[{_COLOURS[index % len(_COLOURS)]}m{prefix}\x1b[0m"
        with suppress(ValueError, OSError):  # a terminal that has gone must not stop the rest
            print(f"{prefix}{line}", file=self._out, flush=True)

    async def _stop_all(self) -> None:
        for program in reversed(self._programs):
            process = self._processes.get(program.name)
            if process is None:
                continue
            await self._stop(program, process)
            (self._run / f"{program.name}.pid").unlink(missing_ok=True)

    async def _stop(self, program: Program, process: asyncio.subprocess.Process) -> None:
        draining = asyncio.create_task(self._pass_on(program.name, process))
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(program.stop_signal)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._stop_seconds)
        _signal_group(process, signal.SIGKILL)
        await process.wait()
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as rest:
        return rest.partial
    except asyncio.LimitOverrunError as overrun:  # a line longer than anyone reads: in pieces
        return await stream.readexactly(overrun.consumed)


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
