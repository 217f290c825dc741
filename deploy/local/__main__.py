"""Runs the whole stack without Docker: `./scripts/up`, which is `python -m deploy.local`."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from deploy.local import texts
from deploy.local.embedded_postgres import ServerNotMade
from deploy.local.obstacles import obstacles
from deploy.local.programs import programs
from deploy.local.rolling import RollingRestarts, Terminal
from deploy.local.settings import REPOSITORY, LocalSettings, load_settings
from deploy.local.state_folder import lock, make_private
from deploy.local.supervisor import StepFailed, Supervisor
from servicekit.descriptors import raise_descriptor_limit
from servicekit.log_stream import LogStream


class _CannotStart(Exception):
    """Something that the user can fix; the text says what and how."""


def main() -> int:
    """Checks for problems first, then runs until a stop signal. Returns the exit code."""
    try:
        settings = _settings(_arguments().env_file)
        raise_descriptor_limit()
        held = _lock(settings.state)  # noqa: F841 - until this ends
        make_private(settings.state)
        for obstacle in obstacles(settings):
            raise _CannotStart(obstacle)
        print(texts.STARTING, flush=True)  # noqa: T201
        asyncio.run(_run(settings))
    except (_CannotStart, StepFailed, ServerNotMade) as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except PermissionError as error:  # files of another user, for example root
        print(texts.STATE_UNUSABLE.format(state=error.filename, problem=error.strerror), file=sys.stderr)  # noqa: T201
        return 1
    with suppress(OSError):
        print(texts.STOPPED.format(state=settings.state))  # noqa: T201
    return 0


async def _run(settings: LocalSettings) -> None:
    out = LogStream(sys.stdout.fileno()) if sys.stdout else None  # a blocked terminal must not block the stack
    try:
        await _supervise(settings, out)
    finally:
        if out:
            out.close()


async def _supervise(settings: LocalSettings, out: LogStream | None) -> None:
    supervisor = Supervisor(programs(settings), settings.state, out=out)
    told_to_stop = asyncio.Event()

    def stop() -> None:
        if told_to_stop.is_set():  # second signal: immediately
            supervisor.kill_all()
            return
        print(texts.STOPPING, file=out)
        told_to_stop.set()

    terminal = Terminal()
    rolls = RollingRestarts(supervisor, settings.state)

    def hang_up() -> None:
        if terminal.is_lost():
            stop()
        else:
            rolls.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, hang_up)

    def announce() -> None:
        logs = settings.state / "logs"
        print(texts.READY.format(page=settings.page_url, api=settings.api_url, logs=logs), file=out)

    try:
        await supervisor.run(told_to_stop, announce)
    finally:
        await rolls.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/up", description="Runs the whole stack without Docker.")
    parser.add_argument(
        "--env-file", type=Path, default=REPOSITORY / ".env", help="file with variables; .env of the project by default"
    )
    return parser.parse_args()


def _settings(env_file: Path) -> LocalSettings:
    try:
        return load_settings(env_file)
    except (OSError, UnicodeDecodeError) as error:
        raise _CannotStart(texts.ENV_FILE_UNREADABLE.format(path=env_file, problem=error)) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        variable = str(first["loc"][0]).upper()
        known = texts.SETTING_PROBLEMS.get(first["type"])
        problem = known.format_map(first.get("ctx", {})) if known else first["msg"].removeprefix("Value error, ")
        raise _CannotStart(texts.SETTING_INVALID.format(variable=variable, problem=problem)) from error


def _lock(state: Path) -> TextIO:
    try:
        held = lock(state)
    except OSError as error:
        raise _CannotStart(texts.STATE_UNUSABLE.format(state=state, problem=error.strerror)) from error
    if held is None:
        raise _CannotStart(texts.ALREADY_RUNNING.format(state=state))
    return held


if __name__ == "__main__":
    sys.exit(main())
