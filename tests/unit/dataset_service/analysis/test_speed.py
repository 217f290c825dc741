"""No tool falls far behind. `./scripts/bench analyses` has the figures; these limits are ten times the goal."""

import time
from functools import cache
from typing import Any

import pytest

from dataset_service.analysis import catalogue, run
from dataset_service.analysis.frame.frames import Frame
from scripts.benchmarks.analyses import CALLS, LIMITS_MS
from scripts.benchmarks.frames import large_frame

ROWS = 15_000
TIMES_THE_GOAL = 10


@cache
def frame() -> Frame:
    return large_frame(ROWS)


def test_benchmark_calls_every_tool() -> None:
    assert {name for name, _ in CALLS} == {tool.name for tool in catalogue()}


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_tool_takes_little_processor_time(name: str, arguments: dict[str, Any]) -> None:
    run(name, frame(), arguments)
    taken = []
    for _ in range(3):
        started = time.thread_time()
        run(name, frame(), arguments)
        taken.append(time.thread_time() - started)
    assert min(taken) * 1000 <= TIMES_THE_GOAL * LIMITS_MS[ROWS]
