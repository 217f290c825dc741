"""The state folder is for whoever runs the app: the queue and the logs tell of people, the files are theirs."""

import os
from pathlib import Path

_FOLDERS = {"datasets", "environments", "logs", "postgres", "restored", "run", "valkey"}
_OURS = _FOLDERS | {"lock", "postgres.password", "valkey.password"}
_OTHERS = 0o077


def make_private(state: Path) -> None:
    """Takes all of it from other accounts, what an earlier version left too; what is made from now on begins so.

    A folder that holds anything else keeps its own mode: it may be somebody's home.
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
