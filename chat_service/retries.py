"""When to retry a failed reply. No other layer retries calls to the provider."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from servicekit.errors import Refused

# With less time left, no reply can be expected.
_SHORTEST_REPLY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Retries:
    """At most `attempts` per reply. `pause_seconds` bounds the first pause; the bound doubles with each attempt."""

    attempts: int
    pause_seconds: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def pause_after(self, attempt: int, failure: Refused, seconds_left: float) -> float | None:
        """Returns the seconds until the next attempt: the provider's wait plus full jitter. None means to give up."""
        if attempt >= self.attempts:
            return None
        asked_for = float(failure.facts.get("retry_after_seconds", 0))
        pause = asked_for + self.jitter(0.0, self.pause_seconds * 2 ** (attempt - 1))
        return pause if pause + _SHORTEST_REPLY_SECONDS <= seconds_left else None
