"""What belongs to the call under way: its request id and the moment its caller stops waiting."""

import time
from contextvars import ContextVar

REQUEST_ID_HEADER = "x-request-id"

request_id: ContextVar[str] = ContextVar("request_id", default="")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def set_time_left(seconds: float | None) -> None:
    """Starts the clock of the call under way. None means that the caller waits for ever."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def time_left(cap_seconds: float) -> float:
    """Returns the seconds a further call may take: the cap, or what the caller has left if that is less."""
    deadline = _deadline.get()
    return cap_seconds if deadline is None else max(0.0, min(cap_seconds, deadline - time.monotonic()))
