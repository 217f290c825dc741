"""Waits for a condition with a deadline, never for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.patience import PATIENCE_SECONDS

_EVERY_SECONDS = 0.01


async def eventually(is_true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns once the condition is true, while other tasks run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer if isinstance(answer := is_true(), bool) else await answer):
        assert time.monotonic() < deadline, f"still not true after {PATIENCE_SECONDS} s"
        await asyncio.sleep(_EVERY_SECONDS)


def wait_until(is_true: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    """Returns once the condition is true; on a timeout, fails with `explain`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"still not true after {PATIENCE_SECONDS} s\n{explain()}"
        time.sleep(_EVERY_SECONDS)
