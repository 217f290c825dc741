"""Records the conditions of a measurement: figures from a busy machine mean little by themselves."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import psutil

_Figure = TypeVar("_Figure")
_IDLE = ("idle", "iowait", "steal", "guest", "guest_nice")


def machine() -> dict[str, Any]:
    """Describes the machine and the interpreter."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def versions(*packages: str) -> str:
    """Returns the installed versions of the packages, on one line."""
    return ", ".join(f"{package} {metadata.version(package)}" for package in packages)


def speed(directory: Path) -> dict[str, str]:
    """Measures what absolute figures depend on most: the speed of one core, and of a disk commit."""
    return {
        "a million additions in Python": f"{_additions_seconds() * 1000:.0f} ms of processor time",
        "fdatasync of 8 KiB": f"{_sync_seconds(directory) * 1000:.2f} ms (median)",
    }


def _additions_seconds() -> float:
    def add() -> float:
        started, total = time.thread_time(), 0
        for number in range(1_000_000):
            total += number
        return time.thread_time() - started

    return min(add() for _ in range(5))


def _sync_seconds(directory: Path) -> float:
    taken = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(100):
            file.write(bytes(8192))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU seconds so far: of the whole machine, of this process and its descendants, and stolen by the host."""

    at: float
    busy: float
    own: float
    stolen: float


def read() -> Reading:
    """Returns the current readings."""
    whole = psutil.cpu_times()
    busy = sum(value for name, value in whole._asdict().items() if name not in _IDLE)
    ended = os.times()
    own = processor_seconds([os.getpid()]) + ended.children_user + ended.children_system
    return Reading(time.monotonic(), busy, own, getattr(whole, "steal", 0.0))


def processor_seconds(process_ids: Sequence[int]) -> float:
    """Returns the CPU seconds used so far by the processes and their descendants."""
    return sum(times.user + times.system for times in each_of_family(process_ids, psutil.Process.cpu_times))


def each_of_family(process_ids: Sequence[int], figure: Callable[[psutil.Process], _Figure]) -> Iterator[_Figure]:
    """Yields a figure of each of the processes and their descendants that still run."""
    for process_id in process_ids:
        top = psutil.Process(process_id)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                yield figure(process)


def shares_since(before: Reading) -> dict[str, float]:
    """Returns the shares of CPU used by other processes and stolen by the host since `before`; 1.0 is all cores."""
    now = read()
    available = (now.at - before.at) * (os.cpu_count() or 1)
    others = (now.busy - before.busy) - (now.own - before.own)
    return {
        "others": round(max(0.0, others / available), 3),
        "stolen": round((now.stolen - before.stolen) / available, 3),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
