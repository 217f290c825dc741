"""Metrics of a process: plain numbers while calls run, formatted only when they are scraped."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from servicekit.settings import VERSION

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that is read when it is scraped. `read` may block: it is called on a separate thread."""

    name: str
    description: str
    kind: Literal["counter", "gauge"]
    read: Callable[[], float]


class _Series:
    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_SECONDS) + 1)
        self.seconds = 0.0


class Timings:
    """A histogram by labels: how often something happened and how long it took.

    `name` ends in `_seconds`. Labels must come from a fixed set, never from a caller's input. `observe` is thread-safe
    and takes less than a microsecond.
    """

    def __init__(self, name: str, description: str, label_names: tuple[str, ...] = ()) -> None:
        self.name = name
        self.description = description
        self.label_names = label_names
        self._series: dict[tuple[str, ...], _Series] = {}
        self._lock = threading.Lock()

    def observe(self, seconds: float, labels: tuple[str, ...] = ()) -> None:
        """Counts one event."""
        bucket = bisect_left(BUCKETS_SECONDS, seconds)
        with self._lock:
            series = self._series.get(labels)
            if series is None:
                series = self._series[labels] = _Series()
            series.counts[bucket] += 1
            series.seconds += seconds

    def read(self) -> Iterator[tuple[tuple[str, ...], Sequence[int], float]]:
        """Yields, for each combination of labels, the cumulative count of each bucket, and the sum in seconds."""
        with self._lock:
            series_read = [(labels, tuple(series.counts), series.seconds) for labels, series in self._series.items()]
        for labels, counts, seconds in series_read:
            yield labels, tuple(accumulate(counts)), seconds


class Metrics:
    """All metrics of a process; metrics_page.py serves them."""

    def __init__(self) -> None:
        self.timings: list[Timings] = []
        self.readings: list[Reading] = []
        self.facts: dict[str, dict[str, str]] = {"daegu_build": {"version": VERSION}}

    def add(self, timings: Timings) -> None:
        """Adds a histogram."""
        self.timings.append(timings)

    def add_counter(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Adds a number that only increases; `name` ends in `_total`."""
        self.readings.append(Reading(name, description, "counter", read))

    def add_gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Adds a number that can go up and down."""
        self.readings.append(Reading(name, description, "gauge", read))

    def add_fact(self, name: str, **labels: str) -> None:
        """Adds texts that are constant while the process runs, as labels of `<name>_info`."""
        self.facts[name] = labels
