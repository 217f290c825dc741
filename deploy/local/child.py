"""What a child process does between fork and exec: ask to die with its parent, and drop root for PostgreSQL."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65534


def dies_with_parent(number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Returns a preexec function: the child gets the signal when this process ends, in whatever way (Linux only)."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, number)

    return prepare


def not_root(then: Callable[[], None]) -> Callable[[], None]:
    """Returns a preexec function that turns root into the account `nobody`, because PostgreSQL refuses to run as root.

    Uses a user namespace where the system allows one, which also works where that account cannot reach the files.
    Elsewhere (a container without that right) the child switches to the account itself.
    """
    if os.geteuid() != 0:
        return then
    become = _enter_namespace if _may_have_namespace() else _become_nobody

    def prepare() -> None:
        become()
        then()

    return prepare


def give_to_child(folder: Path) -> None:
    """Gives everything in a folder to the user that a `not_root` child runs as. Does nothing unless root."""
    if os.geteuid() != 0:
        return
    owner = 0 if _may_have_namespace() else _NOBODY
    if folder.stat().st_uid == owner:
        return
    for place in (folder, *folder.rglob("*")):
        os.chown(place, owner, owner, follow_symlinks=False)


@cache
def _may_have_namespace() -> bool:
    """Tells whether a user namespace can be created; tried in a child process, because it cannot be undone."""
    pid = os.fork()
    if pid == 0:
        try:
            _enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _enter_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY} 0 1")


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)
