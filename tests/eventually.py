"""Waiting for something to become true, with a deadline; never for time to pass."""

import asyncio
import time
from collections.abc import Callable

_EVERY_SECONDS = 0.01


async def eventually(is_true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns once it is true, letting other tasks run meanwhile."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"still not true after {seconds} s"
        await asyncio.sleep(_EVERY_SECONDS)


def wait_until(is_true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns once it is true."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"still not true after {seconds} s"
        time.sleep(_EVERY_SECONDS)
