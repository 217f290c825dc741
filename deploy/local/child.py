"""What a child process does between fork and exec: die with its parent, and for PostgreSQL, not be root."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65534


def dies_with_parent(number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Returns a preexec function that sends the child a signal when we are gone, however we went (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, number)

    return prepare


def not_root(then: Callable[[], None]) -> Callable[[], None]:
    """Returns a preexec function that maps root to nobody for the child, because PostgreSQL refuses to run as root.

    A user namespace needs no second account, and works where that account could not even reach the files.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if os.geteuid() == 0:
            if libc.unshare(_CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{_NOBODY} 0 1")
            Path("/proc/self/gid_map").write_text(f"{_NOBODY} 0 1")
        then()

    return prepare
