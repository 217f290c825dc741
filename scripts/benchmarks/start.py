"""Start-up of the local stack: first start, restart, and recovery after each program was killed."""

import os
import signal
import statistics
import time

from scripts.benchmarks.harness import Bench
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Result, Table, at_most
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

FIRST, AGAIN, KILLED = "first, an empty STATE_DIR", "again, with what it kept", "back, every program killed at once"
_AGAIN_SECONDS = 5.0
_BACK_SECONDS = 60.0


def measure(bench: Bench) -> Result:
    """Measures every start `bench.rounds` times; `bench.seconds` is not used."""
    taken: dict[str, list[float]] = {FIRST: [], AGAIN: [], KILLED: []}
    for number in range(bench.rounds):
        directory = bench.directory / str(number)
        directory.mkdir()
        for kind in (FIRST, AGAIN):
            started = time.monotonic()
            with running_whole_stack(directory) as stack:
                taken[kind].append(time.monotonic() - started)
                if kind == AGAIN:
                    taken[KILLED].append(_back_after_kill(stack))
    rows = [(kind, f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}") for kind, seconds in taken.items()]
    return Result(
        title="Starting",
        method=[
            f"{bench.rounds} rounds, every one with its own folder: until /health says healthy and the page answers.",
            "The environment is set up already: what a download takes is a matter of the network.",
            "Back: all eight programs get SIGKILL in the same moment; their supervisor starts them again after 0.5 s.",
        ],
        tables=[Table("Until everything is healthy, s", ("start", "median", "longest"), rows)],
        goals=[at_most("started again", _AGAIN_SECONDS, statistics.median(taken[AGAIN]), "s")],
        figures={"seconds": taken},
        packages=("grpcio", "fastapi", "celery", "streamlit"),
    )


def _back_after_kill(stack: WholeStack) -> float:
    killed = stack.process_ids()
    started = time.monotonic()
    for process_id in killed.values():
        os.kill(process_id, signal.SIGKILL)
    while set(killed.values()) & set(stack.process_ids().values()) or not stack.is_healthy():
        if time.monotonic() - started > _BACK_SECONDS:
            raise ProgramFailed("The programs that were killed did not come back.")
        time.sleep(0.05)
    return time.monotonic() - started
