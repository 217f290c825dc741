"""Start-up of the local stack: first start, restart, and recovery after each program was killed."""

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks import conditions
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

FIRST, AGAIN, KILLED = "first, an empty STATE_DIR", "again, with what it kept", "back, every program killed at once"
_AGAIN_SECONDS = 5.0
_BACK_SECONDS = 60.0


def run(*, rounds: int, seconds: float, state: Path) -> Result:  # noqa: ARG001 - common signature
    """Measures and returns the result; `seconds` is not used."""
    state.mkdir(parents=True, exist_ok=True)
    before = conditions.read()
    taken: dict[str, list[float]] = {FIRST: [], AGAIN: [], KILLED: []}
    with tempfile.TemporaryDirectory(dir=state, prefix="benchmark-") as made:
        facts = conditions.machine() | conditions.speed(Path(made))
        for number in range(rounds):
            directory = Path(made) / str(number)
            directory.mkdir()
            for kind in (FIRST, AGAIN):
                started = time.monotonic()
                with running_whole_stack(directory) as stack:
                    taken[kind].append(time.monotonic() - started)
                    if kind == AGAIN:
                        taken[KILLED].append(_back_after_kill(stack))
    shares = conditions.shares_since(before)
    facts |= {
        "versions": conditions.versions("grpcio", "fastapi", "celery", "streamlit"),
        "processor used by others meanwhile": f"{shares['others']:.0%}",
        "processor taken by the host meanwhile": f"{shares['stolen']:.0%}",
    }
    again = statistics.median(taken[AGAIN])
    return Result(
        benchmark="start",
        title="Starting",
        conditions=facts,
        method=[
            f"{rounds} rounds, every one with a folder of its own: until /health says healthy and the page answers.",
            "The environment is set up already: what a download takes is a matter of the network.",
            "Back: all eight programs get SIGKILL in the same moment; their supervisor starts them again after 0.5 s.",
        ],
        tables=[Table("Until everything is healthy, s", ("start", "median", "longest"), _rows(taken))],
        goals=[Goal("started again", f"at most {_AGAIN_SECONDS:.0f} s", f"{again:.1f} s", again <= _AGAIN_SECONDS)],
        figures={"seconds": taken},
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


def _rows(taken: dict[str, list[float]]) -> Sequence[Sequence[str]]:
    return [(kind, f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}") for kind, seconds in taken.items()]
