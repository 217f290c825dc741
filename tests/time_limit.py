"""A limit for every test, so that one that hangs fails instead of holding up all the others."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# A test that swallows the first word is told again.
_AGAIN_SECONDS = 5.0


class TimeLimitPassed(BaseException):
    """No `except Exception` on the way may take it for a fault of its own."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TimeLimitPassed` inside the block once it has taken too long, and prints where its tasks wait.

    Works wherever the block hangs: in a fixture, in a task or between them. For the main thread only.
    """

    def tell(_number: int, _frame: FrameType | None) -> None:
        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:  # no loop is running
            tasks = set()
        for task in tasks:
            with suppress(TypeError):  # of one that waits in compiled code nothing can be shown
                task.print_stack(file=sys.stderr)
        raise TimeLimitPassed(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
