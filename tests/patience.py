"""The product's time limits, raised for slow machines; a test of a limit sets that limit itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_LIMITS = {
    "GATEWAY": "quick call handler header stall body keep_alive",
    "PREDICTION": "record database_connect database_statement database_lock",
    "DATASET": "stall read turn draft s3 database_connect database_statement database_lock",
    "CHAT": "stall connect tool describe cache_wait database_connect database_statement database_lock",
    "PAGE": "connect request health header",
}

PATIENCE_SECONDS = 300
"""Longest wait of a test for an event: a guard against hanging, not an expectation."""
PATIENT = {
    f"{program}_{limit}_SECONDS".upper(): str(PATIENCE_SECONDS)
    for program, limits in _LIMITS.items()
    for limit in limits.split()
} | {
    "CHAT_RUN_SECONDS": "150",  # the maximum
    "GATEWAY_ANSWER_SECONDS": str(5 * PATIENCE_SECONDS),  # longer than any other limit
}


@contextmanager
def no_limit_passed() -> Iterator[None]:
    """Fails if the block took so long that one of those limits may have ended it."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < PATIENCE_SECONDS
