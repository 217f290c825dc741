"""Runs programs in dependency order, restarts those that crash or hang, stops all in reverse order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import TextIO

import psutil

from deploy.local import texts
from deploy.local.child import dies_with_parent
from deploy.local.log_file import LogFile
from servicekit.korean_text.particles import choose_particles
from servicekit.log_stream import LogStream

_PROBE_EVERY_SECONDS = 0.05
_REMIND_EVERY_SECONDS = 20.0
STOP_SECONDS = 45.0
"""How long a program may take to end before it is killed; longer than any of them drains."""
_READ_ON_SECONDS = 1.0
_LINE_BYTES = 64 * 1024
_COLOURS = (36, 35, 34, 33, 32, 96, 95, 94, 93)


class Rolls(Enum):
    """How a program is renewed: its process ends and another one starts, or it replaces its own children on SIGHUP."""

    PROCESS = auto()
    CHILDREN = auto()


@dataclass(frozen=True)
class Program:
    """One program: how to run it, what it waits for, and how to tell that it works.

    A step runs once, before the programs that wait for it, unless `is_done`; anything else keeps running. `prepare`
    creates what it needs, once. `rolls` says how a rolling restart renews it, if at all. `asked_after` names programs
    without which it cannot be ready, so that it is not probed before them. `answers` tells whether it reacts at all,
    even with an error. Lines that contain one of `unsaid` go to the log file only.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
    is_ready: Callable[[], Awaitable[bool]] | None = None
    asked_after: Sequence[str] = ()
    answers: Callable[[], Awaitable[bool]] | None = None
    unsaid: Sequence[str] = ()
    is_step: bool = False
    is_done: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    rolls: Rolls | None = None
    preexec: Callable[[], None] = field(default_factory=dies_with_parent)
    prepare: Callable[[], None] | None = None

    def says(self, line: str) -> bool:
        """Tells whether a line is for the screen."""
        return bool(line.strip()) and not any(part in line for part in self.unsaid)


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff before a crashed program is restarted; reset once it has run for `steady_seconds`."""

    first_seconds: float = 0.5
    longest_seconds: float = 3.0
    steady_seconds: float = 10.0


@dataclass(frozen=True)
class Patience:
    """How many consecutive questions a program may leave unanswered before it counts as hung.

    A program that uses the CPU meanwhile is busy, and gets longer; an idle one will not recover.
    """

    ask_every_seconds: float = 2.0
    questions_of_idle: int = 3
    questions_of_busy: int = 15
    idle_share: float = 0.01


@dataclass(frozen=True)
class RollPace:
    """How long a restarted program may take to be ready, and how long callers get to find it before the next one goes.

    Channels try to connect again within a second (servicekit/channel.py), and then ask for the health.
    """

    ready_seconds: float = 120.0
    settle_seconds: float = 2.0


class RollFailed(Exception):
    """A rolling restart went no further, because what was restarted did not come back. The text is for the user."""


class StepFailed(Exception):
    """The stack cannot start: a step failed, or a program cannot be run at all. The text is for the user."""


@dataclass(frozen=True)
class _Child:
    process: asyncio.subprocess.Process
    reading: asyncio.Task[None]


class Supervisor:
    """Keeps programs running. Logs go to `directory`/logs and, prefixed, to `out`; pids to `directory`/run."""

    def __init__(
        self,
        programs: Sequence[Program],
        directory: Path,
        *,
        backoff: Backoff | None = None,
        patience: Patience | None = None,
        stop_seconds: float = STOP_SECONDS,
        roll: RollPace | None = None,
        out: TextIO | LogStream | None = None,
    ) -> None:
        self._programs = programs
        self._logs, self._run = directory / "logs", directory / "run"
        self._backoff = backoff or Backoff()
        self._patience = patience or Patience()
        self._stop_seconds = stop_seconds
        self._roll = roll or RollPace()
        self._out = out or sys.stdout
        self._is_coloured = self._out is not None and self._out.isatty()  # None if closed at start
        self._ready = {program.name: asyncio.Event() for program in programs}
        self._children: dict[str, _Child] = {}
        self._renewed: set[str] = set()  # told to end, to be started again at once
        self._width = max(len(program.name) for program in programs)

    async def run(self, told_to_stop: asyncio.Event, when_ready: Callable[[], None]) -> None:
        """Runs everything until `told_to_stop`. Raises `StepFailed`, or what `prepare` raises, if it cannot start."""
        for folder in (self._logs, self._run):
            folder.mkdir(parents=True, exist_ok=True)
        keepers = [asyncio.create_task(self._keep(program)) for program in self._programs]
        everything = asyncio.gather(*keepers)
        others = [asyncio.create_task(work) for work in (self._announce(when_ready), self._remind())]
        stop = asyncio.create_task(told_to_stop.wait())
        try:
            await asyncio.wait((everything, stop), return_when=asyncio.FIRST_COMPLETED)
            if everything.done():
                everything.result()
        finally:
            for task in (*others, stop, *keepers):
                task.cancel()
            await asyncio.wait(keepers)
            with suppress(asyncio.CancelledError, Exception):
                await everything  # raised above already, or just the cancellation of the keepers
            for program in reversed(self._programs):
                await self._stop(program)

    async def roll(self, tell: Callable[[str], None]) -> None:
        """Restarts the programs one at a time, each once the one before is ready; tells each step in Korean.

        What a new version needs first is done first: steps that are not done. Raises `RollFailed` or `StepFailed`.
        """
        for ready in self._ready.values():
            await ready.wait()
        for program in self._programs:
            if program.is_step and program.is_done is not None and not await asyncio.to_thread(program.is_done):
                await self._run_step(program)
                tell(choose_particles(texts.STEP_DONE.format(name=program.name)))
        for program in self._programs:
            if program.rolls is None:
                continue
            started = time.monotonic()
            tell(choose_particles(texts.ROLLING.format(name=program.name)))
            try:
                await self._renew(program)
            except TimeoutError:
                log = self._logs / f"{program.name}.log"
                raise RollFailed(choose_particles(texts.ROLL_FAILED.format(name=program.name, log=log))) from None
            tell(texts.STARTED.format(name=program.name, seconds=time.monotonic() - started))
            await asyncio.sleep(self._roll.settle_seconds)

    async def _renew(self, program: Program) -> None:
        """Raises `TimeoutError` if it takes longer than a process may need to end and one to be ready."""
        ready, process = self._ready[program.name], self._children[program.name].process
        seconds = self._stop_seconds + self._roll.ready_seconds
        if process.returncode is None and program.rolls is Rolls.CHILDREN:
            old = psutil.Process(process.pid).children()
            process.send_signal(signal.SIGHUP)
            # It lets an old child go only once the new one is ready, so all is done when the old ones have gone.
            async with asyncio.timeout(seconds * len(old)):
                while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in old):  # noqa: ASYNC110
                    await asyncio.sleep(_PROBE_EVERY_SECONDS)
            return
        async with asyncio.timeout(seconds):
            ready.clear()
            if process.returncode is None:  # otherwise it is about to be started again
                self._renewed.add(program.name)
                await self._end(program, process)
            await ready.wait()

    def kill_all(self) -> None:
        """Kills everything at once."""
        for child in self._children.values():
            _kill_group(child.process)

    async def _announce(self, when_ready: Callable[[], None]) -> None:
        for ready in self._ready.values():
            await ready.wait()
        when_ready()

    async def _remind(self) -> None:
        while True:
            await asyncio.sleep(_REMIND_EVERY_SECONDS)
            waiting = [name for name, ready in self._ready.items() if not ready.is_set()]
            if not waiting:
                return
            self._print(texts.STILL_WAITING.format(names=", ".join(waiting), logs=self._logs))

    async def _keep(self, program: Program) -> None:
        for name in program.after:
            await self._ready[name].wait()
        if program.prepare is not None:
            await asyncio.to_thread(program.prepare)
        if program.is_done is not None and await asyncio.to_thread(program.is_done):
            self._ready[program.name].set()
            return
        if program.is_step:
            await self._run_step(program)
            self._ready[program.name].set()
            return
        pause = self._backoff.first_seconds
        has_run = False
        while True:
            started = time.monotonic()
            try:
                code = await self._run_once(program)
            except StepFailed as failure:  # it ran before, so this is temporary: memory or descriptors are short
                if not has_run:
                    raise
                self._say(program.name, str(failure))
                code = -1
            has_run = True
            if program.name in self._renewed:
                self._renewed.remove(program.name)
                continue
            if time.monotonic() - started > self._backoff.steady_seconds:
                pause = self._backoff.first_seconds
            self._say(program.name, choose_particles(texts.CRASHED.format(name=program.name, code=code, seconds=pause)))
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._backoff.longest_seconds)

    async def _run_step(self, program: Program) -> None:
        code = await self._run_once(program)
        if code != 0:
            log = self._logs / f"{program.name}.log"
            raise StepFailed(choose_particles(texts.STEP_FAILED.format(name=program.name, code=code, log=log)))
        self._forget_pid(program)

    async def _run_once(self, program: Program) -> int:
        started = time.monotonic()
        child = await self._start(program)
        self._children[program.name] = child
        self._note_pid(program, child.process.pid)
        probing = asyncio.create_task(self._probe(program, child.process, started))
        try:
            code = await child.process.wait()
            _kill_group(child.process)  # no child of a dead program may survive
            await asyncio.wait((child.reading,), timeout=_READ_ON_SECONDS)
            return code
        finally:
            probing.cancel()

    def _note_pid(self, program: Program, pid: int) -> None:
        noting = self._run / f".{program.name}.noting"
        with suppress(OSError):  # a full disk must not stop anything
            noting.write_text(str(pid))
            noting.replace(self._run / f"{program.name}.pid")  # atomic: others read it at any time

    def _forget_pid(self, program: Program) -> None:
        with suppress(OSError):
            (self._run / f"{program.name}.pid").unlink()

    async def _start(self, program: Program) -> _Child:
        # A separate pipe: with asyncio's, `wait` would wait for every process that holds the other end.
        ours, theirs = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                env={**os.environ, **program.environment},
                preexec_fn=program.preexec,
                start_new_session=True,
            )
        except (OSError, RuntimeError) as problem:
            os.close(ours)
            raise StepFailed(choose_particles(texts.CANNOT_RUN.format(name=program.name, problem=problem))) from problem
        finally:
            os.close(theirs)
        return _Child(process, asyncio.create_task(self._pass_on(program, ours)))

    async def _probe(self, program: Program, process: asyncio.subprocess.Process, started: float) -> None:
        if program.is_ready is None:
            return
        for name in program.asked_after:
            await self._ready[name].wait()
        while not await program.is_ready():  # noqa: ASYNC110 - another process cannot set our event
            await asyncio.sleep(_PROBE_EVERY_SECONDS)
        self._say(program.name, texts.STARTED.format(name=program.name, seconds=time.monotonic() - started))
        self._ready[program.name].set()
        if program.answers is not None:
            await self._wait_until_hung(program.answers, process.pid)
            self._say(program.name, choose_particles(texts.HUNG.format(name=program.name)))
            _kill_family(process)

    async def _wait_until_hung(self, answers: Callable[[], Awaitable[bool]], pid: int) -> None:
        unanswered, since, worked_seconds = 0, 0.0, 0.0
        while True:
            if unanswered == 0:
                since, worked_seconds = time.monotonic(), _processor_seconds(pid)
            await asyncio.sleep(self._patience.ask_every_seconds)
            unanswered = 0 if await answers() else unanswered + 1
            share = (_processor_seconds(pid) - worked_seconds) / (time.monotonic() - since)
            is_idle = share < self._patience.idle_share
            if unanswered >= (self._patience.questions_of_idle if is_idle else self._patience.questions_of_busy):
                return

    async def _pass_on(self, program: Program, pipe: int) -> None:
        stream = asyncio.StreamReader(limit=_LINE_BYTES)
        protocol = asyncio.StreamReaderProtocol(stream)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb", 0))
        try:
            with LogFile(self._logs / f"{program.name}.log") as log:
                async for lines in _read_lines(stream):
                    log.write(lines)
                    said = [line for line in lines.decode(errors="replace").split("\n") if program.says(line)]
                    self._say(program.name, *said)
        finally:
            transport.close()

    def _say(self, name: str, *lines: str) -> None:
        prefix = f"{name:<{self._width}} │ "
        if self._is_coloured:
            index = [program.name for program in self._programs].index(name)
            prefix = f"\x1b[{_COLOURS[index % len(_COLOURS)]}m{prefix}\x1b[0m"
        if lines:
            self._print("\n".join(prefix + line for line in lines))

    def _print(self, line: str) -> None:
        with suppress(ValueError, OSError):  # a closed terminal must not stop the rest
            print(line, file=self._out, flush=True)

    async def _stop(self, program: Program) -> None:
        child = self._children.get(program.name)
        if child is None:
            return
        await self._end(program, child.process)
        await asyncio.wait((child.reading,), timeout=_READ_ON_SECONDS)
        child.reading.cancel()
        self._forget_pid(program)

    async def _end(self, program: Program, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(program.stop_signal)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._stop_seconds)
        _kill_group(process)
        await process.wait()


async def _read_lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yields all lines that have arrived, together; an overlong one, and the last one without an end, in pieces."""
    rest = b""
    while read := await stream.read(_LINE_BYTES):
        lines, end, rest = (rest + read).rpartition(b"\n")
        if len(rest) >= _LINE_BYTES:
            end, rest = end + rest, b""
        if end:
            yield lines + end
    if rest:
        yield rest


def _processor_seconds(pid: int) -> float:
    with suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system
    return 0.0


def _kill_family(process: asyncio.subprocess.Process) -> None:
    """Kills a program and all its descendants, in other sessions as well, such as PostgreSQL's processes."""
    with suppress(psutil.Error):
        for descendant in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                descendant.kill()
    _kill_group(process)


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
