"""Keeps the state folder private: the queue, the logs and the files contain personal data."""

import os
from pathlib import Path

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
