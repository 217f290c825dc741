"""A time limit for every test, so that a hanging test fails instead of blocking the others."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# Raised again if a test swallows the first exception.
_AGAIN_SECONDS = 5.0


class TimeLimitPassed(BaseException):
    """A BaseException, so that no `except Exception` catches it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TimeLimitPassed` inside the block if it takes too long, and prints where its tasks are waiting.

    Works wherever the block hangs: in a fixture, in a task or between them. Only for the main thread.
    """

    def tell(_number: int, _frame: FrameType | None) -> None:
        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:  # no running loop
            tasks = set()
        for task in tasks:
            with suppress(TypeError):  # a task that waits in compiled code has no stack to show
                task.print_stack(file=sys.stderr)
        raise TimeLimitPassed(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
