"""Runs the programs of a benchmark: starts them, waits for them, and ends them with it."""

import itertools
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import dies_with_parent

REPOSITORY = Path(__file__).resolve().parents[2]
_READY_SECONDS = 120.0
_STOP_SECONDS = 30.0
# Below the ephemeral range, in which a free port is soon taken by a connection. Each process starts at a different
# port, so that parallel processes do not collide.
_LOWEST_PORT, _COUNT = 10_000, 22_000
_PORTS = (_LOWEST_PORT + number % _COUNT for number in itertools.count(os.getpid() * 997))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its URL and its processes."""

    url: str
    process_ids: tuple[int, ...]


class ProgramFailed(Exception):
    """A program ended, or never became ready; the message has the end of its log."""


def free_port() -> int:
    """Returns a free loopback port, a different one each time."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port := next(_PORTS)))
            return port


def answers(url: str) -> bool:
    """Tells whether a GET of the URL succeeds."""
    import httpx  # slow to import

    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def running(
    command: Sequence[str],
    is_ready: Callable[[], bool],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path = REPOSITORY,
    preexec: Callable[[], None] | None = None,
    stop_signal: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program until the block ends; yields once it is ready. Raises `ProgramFailed`."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=preexec or dies_with_parent(),
        )
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                end = log.read_text("utf-8", "replace")[-2000:]
                raise ProgramFailed(f"{' '.join(command[:4])} did not become ready.\n{end}")
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.terminate() if stop_signal is None else process.send_signal(stop_signal)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
