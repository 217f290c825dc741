"""No tool and no question falls far behind. `./scripts/bench data` has the figures; limits are ten times the goal."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from dataset_service.analysis import catalogue, run
from dataset_service.analysis.frame.frames import Frame
from scripts.benchmarks import questions
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
    assert _processor_ms(lambda: run(name, frame(), arguments)) <= TIMES_THE_GOAL * LIMITS_MS[ROWS]


@pytest.mark.parametrize("name", questions.QUESTIONS)
def test_question_takes_little_processor_time(name: str) -> None:
    taken = _processor_ms(lambda: questions.QUESTIONS[name](frame()))
    assert taken <= TIMES_THE_GOAL * questions.LIMITS_MS[ROWS]


def _processor_ms(call: Callable[[], object]) -> float:
    call()
    taken = []
    for _ in range(3):
        started = time.thread_time()
        call()
        taken.append(time.thread_time() - started)
    return min(taken) * 1000
