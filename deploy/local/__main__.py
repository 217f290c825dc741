"""Runs the whole stack without Docker: `./scripts/up`, which is `python -m deploy.local`."""

import asyncio
import ctypes
import fcntl
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from deploy.local import texts
from deploy.local.programs import page_backend, programs
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import StepFailed, Supervisor


def main() -> int:
    """Checks what would make it fail later, then runs until told to stop. Returns the exit code."""
    settings = LocalSettings()
    settings.state.mkdir(parents=True, exist_ok=True)
    lock = _lock(settings.state)
    obstacle = texts.ALREADY_RUNNING.format(state=settings.state) if lock is None else _obstacle(settings)
    if obstacle:
        print(obstacle, file=sys.stderr)  # noqa: T201
        return 1
    print(texts.STARTING, flush=True)  # noqa: T201
    try:
        asyncio.run(_run(settings))
    except StepFailed as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1
    print(texts.STOPPED.format(state=settings.state))  # noqa: T201
    return 0


async def _run(settings: LocalSettings) -> None:
    supervisor = Supervisor(programs(settings), settings.state)
    told_to_stop = asyncio.Event()

    def stop() -> None:
        if told_to_stop.is_set():  # asked twice: at once
            supervisor.kill_all()
            return
        with suppress(OSError):
            print(texts.STOPPING, flush=True)  # noqa: T201
        told_to_stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)

    def announce() -> None:
        page = f"http://localhost:{settings.streamlit_port}"
        print(texts.READY.format(page=page, api=page_backend(settings), logs=settings.state / "logs"), flush=True)  # noqa: T201

    await supervisor.run(told_to_stop, announce)


def _lock(state: Path) -> TextIO | None:
    """Returns the file that marks this state folder as in use, or None when another run holds it."""
    file = (state / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _obstacle(settings: LocalSettings) -> str | None:
    """Returns what would make the start fail, with its remedy, or None."""
    for variable, port in settings.ports().items():
        if _is_taken(port):
            return texts.PORT_TAKEN.format(port=port, variable=variable, free=_free_port())
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libgomp.so.1")
        except OSError:
            return texts.OPENMP_MISSING
    return None


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
