"""Limits concurrent requests to as many as can be answered in time."""

import math
import time
from collections.abc import Callable

_LEAST = 400  # with fewer, frames of predictions would not be full
_INTERVAL_SECONDS = 0.1
_SHRINK, _GROW = 0.8, 1.1


class Admission:
    """A limit on concurrent requests that adapts to their latency.

    If even the fastest answer of an interval took longer than the target, there is a standing queue and the limit
    shrinks; while the limit is reached and answers are fast, it grows (CoDel's signal, AIMD's steps).
    """

    def __init__(self, most: int, target_seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._most = most
        self._clock = clock
        self._target_seconds = target_seconds
        self._quickest_seconds = math.inf
        self._interval_ends = 0.0
        self._was_full = False
        self.limit = float(most)
        self.under_way = 0

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        if self.under_way < self.limit:
            return False
        self._was_full = True
        self._adapt_at(self._clock())  # if only streams are running, no fast answer ends to be observed
        return True

    def begin(self) -> bool:
        """Counts a new request. Returns whether it is admitted."""
        is_admitted = not self.is_full
        self.under_way += 1
        return is_admitted

    def end(self) -> None:
        """Uncounts a request, admitted or not."""
        self.under_way -= 1

    def observe(self, seconds: float, now: float) -> None:
        """Records the time of a fast answer."""
        self._adapt_at(now)
        self._quickest_seconds = min(self._quickest_seconds, seconds)

    def _adapt_at(self, now: float) -> None:
        if now < self._interval_ends:
            return
        self._interval_ends = now + _INTERVAL_SECONDS
        if self._target_seconds < self._quickest_seconds < math.inf:
            self.limit = max(min(_LEAST, self._most), min(self.limit, self.under_way) * _SHRINK)
        elif self._was_full:
            self.limit = min(self._most, self.limit * _GROW)
        self._quickest_seconds, self._was_full = math.inf, False
