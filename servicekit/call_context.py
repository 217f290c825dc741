"""Context of the current call: its request id and its deadline."""

import time
from contextvars import ContextVar

REQUEST_ID_HEADER = "x-request-id"

request_id: ContextVar[str] = ContextVar("request_id", default="")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def set_time_left(seconds: float | None) -> None:
    """Sets the deadline of the current call; None for no deadline."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def time_left(cap_seconds: float) -> float:
    """Returns the timeout of an outgoing call in seconds: the cap, or the time that the caller has left if less."""
    deadline = _deadline.get()
    return cap_seconds if deadline is None else max(0.0, min(cap_seconds, deadline - time.monotonic()))
