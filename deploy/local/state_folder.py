"""The state folder: used by one stack at a time, and private, as the queue, logs and files contain personal data."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_FOLDERS = {"datasets", "environments", "logs", "postgres", "restored", "run", "valkey"}
_OURS = _FOLDERS | {"lock", "postgres.password", "valkey.password"}
_OTHERS = 0o077


def make_private(state: Path) -> None:
    """Removes access for other accounts, from files of earlier versions as well, and sets the umask for new ones.

    A folder that contains anything else keeps its own mode: it may be a home directory.
    """
    os.umask(_OTHERS)
    entries = list(state.iterdir())
    ours = [entry for entry in entries if entry.name in _OURS]
    places = [*ours, *(below for entry in ours for below in entry.rglob("*"))]
    if entries == ours:
        places.append(state)
    for place in places:
        if not place.is_symlink() and (mode := place.stat().st_mode) & _OTHERS:
            place.chmod(mode & ~_OTHERS & 0o7777)


def lock(state: Path) -> TextIO | None:
    """Marks the folder as in use until the returned file is closed; returns None if it is in use already.

    The file holds the id of this process.

    Raises `OSError` if the folder cannot be created or written.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (state / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.truncate(0)
    print(os.getpid(), file=file, flush=True)
    return file


def locker(state: Path) -> int | None:
    """Returns the id of the process that runs a stack in the folder; None if none does."""
    with suppress(OSError, ValueError):
        return int((state / "lock").read_text()) if is_locked(state) else None
    return None


def is_locked(state: Path) -> bool:
    """Tells whether a stack uses the folder, without changing anything."""
    try:
        with (state / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
