"""Several processes of one program behind one port, under a parent that keeps them running.

The parent binds the port once, and its members inherit the listening socket. With a socket for each of them
(SO_REUSEPORT), a member that stops would lose the connections that wait on its own.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import structlog

_VARIABLE = "PROCESS_GROUP"
_BACKLOG = 2048
_READY, _PING, _PONG = b"R", b"?", b"!"
_PING_SECONDS, _SILENT_SECONDS = 2.0, 30.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _STEADY_SECONDS = 0.5, 3.0, 10.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member of a group inherits: its number, the listening socket, a line to the parent, a common folder."""

    slot: int
    count: int
    listening: socket.socket
    line: socket.socket
    folder: Path

    def report(self, stop: Callable[[], object]) -> None:
        """Tells the parent that this process serves, and answers its pings; calls `stop` when the parent has died."""
        loop = asyncio.get_running_loop()
        self.line.setblocking(False)

        def answer() -> None:
            try:
                is_asked = self.line.recv(1024)
                self.line.send(_PONG)
            except OSError:
                is_asked = b""
            if not is_asked:
                loop.remove_reader(self.line)
                stop()

        loop.add_reader(self.line, answer)
        with suppress(OSError):  # the parent has died; `answer` sees it
            self.line.send(_READY)


def join_group() -> Membership | None:
    """Returns the membership of this process; None if it runs alone."""
    given = os.environ.pop(_VARIABLE, "")
    if not given:
        return None
    slot, count, listening, line, folder = given.split(",", 4)
    return Membership(
        int(slot), int(count), socket.socket(fileno=int(listening)), socket.socket(fileno=int(line)), Path(folder)
    )


def run_group(
    argv: Sequence[str],
    count: int,
    address: tuple[str, int],
    *,
    stop_seconds: float,
    beside: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> NoReturn:
    """Runs `argv` `count` times behind an address until a stop signal, and exits.

    A member that ends, or is silent for half a minute, is restarted. On SIGHUP all are replaced one by one, each by one
    that serves already. Exits with the code of a member that ends before any has served: then nothing would help.
    `beside` is what the parent does meanwhile with the folder of the group.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.create_server(address, family=family, backlog=_BACKLOG) as listening:
        folder = Path(tempfile.mkdtemp(prefix="daegu-"))
        try:
            with beside(folder):
                code = asyncio.run(_Group(argv, count, listening, folder, stop_seconds).run())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


class _Member:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process, line: socket.socket) -> None:
        self.process = process
        self.started_at = time.monotonic()
        self.serves = asyncio.Event()
        self._line = line
        self._watching = asyncio.create_task(self._watch())

    async def stop(self, seconds: float) -> None:
        """Tells it to stop, and kills it after some seconds."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        """Ends it at once."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def served_or_ended(self) -> bool:
        """Waits until it serves or has ended; tells whether it serves."""
        tasks = [asyncio.create_task(work) for work in (self.serves.wait(), self.process.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        return self.serves.is_set() and self.process.returncode is None

    async def _watch(self) -> None:
        """Pings it; kills it when it has served and is silent for too long."""
        loop = asyncio.get_running_loop()
        with self._line:
            silent_since = None
            while True:
                try:
                    heard = await asyncio.wait_for(loop.sock_recv(self._line, 1024), _PING_SECONDS)
                except TimeoutError:
                    if silent_since is not None and time.monotonic() - silent_since > _SILENT_SECONDS:
                        log.warning("process_silent", pid=self.process.pid)
                        self.kill()
                        return
                    if self.serves.is_set():
                        silent_since = silent_since or time.monotonic()
                        with suppress(OSError):
                            self._line.send(_PING)
                    continue
                except OSError:
                    return
                if not heard:
                    return
                silent_since = None
                self.serves.set()


class _Group:
    def __init__(
        self, argv: Sequence[str], count: int, listening: socket.socket, folder: Path, stop_seconds: float
    ) -> None:
        self._argv = argv
        self._count = count
        self._listening = listening
        self._folder = folder
        self._stop_seconds = stop_seconds
        self._members: dict[int, _Member] = {}
        self._has_served = False
        self._code = 0
        self._stopping = asyncio.Event()
        self._rolling = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Runs the members until a stop signal; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._spawn(self._replace_all()))
        for slot in range(self._count):
            self._spawn(self._keep(slot))
        await self._stopping.wait()
        self._listening.close()  # otherwise new connections would wait for members that take none
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(member.stop(self._stop_seconds) for member in self._members.values()))
        return self._code

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self, slot: int) -> _Member:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        inherited = (self._listening.fileno(), theirs.fileno())
        joining = ",".join(map(str, (slot, self._count, *inherited, self._folder)))
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *self._argv, env=os.environ | {_VARIABLE: joining}, pass_fds=inherited
            )
        return _Member(process, ours)

    async def _keep(self, slot: int) -> None:
        """Keeps a member running. The one of a slot may be replaced at any time."""
        pause = _PAUSE_SECONDS
        member = self._members[slot] = await self._start(slot)
        while True:
            self._has_served = await member.served_or_ended() or self._has_served
            code = await member.process.wait()
            if self._members[slot] is not member:
                member = self._members[slot]
                continue
            if not self._has_served:
                self._code = code or 1
                self._stopping.set()
                return
            if time.monotonic() - member.started_at > _STEADY_SECONDS:
                pause = _PAUSE_SECONDS
            log.warning("process_ended", slot=slot, code=code)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            member = self._members[slot] = await self._start(slot)

    async def _replace_all(self) -> None:
        async with self._rolling:
            for slot in range(self._count):
                new = await self._start(slot)
                try:
                    if not await new.served_or_ended():
                        log.error("roll_failed", slot=slot, code=new.process.returncode)
                        return
                    old, self._members[slot] = self._members[slot], new
                except asyncio.CancelledError:
                    await new.stop(self._stop_seconds)
                    raise
                log.info("process_replaced", slot=slot, pid=new.process.pid)
                await old.stop(self._stop_seconds)
            log.info("processes_rolled", count=self._count)
