"""The page with many users: fifty clicks at once compared with as many REST calls, and a thousand visitors leaving."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise

import httpx
import psutil

from scripts.benchmarks import conditions
from scripts.benchmarks.accidents import rest_bodies, varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.result import Goal, Result, Table, at_most, percentile
from scripts.benchmarks.visitor import visiting
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

PEOPLE = 50
SESSIONS = (50, 300, 1000)
PAGE, REST = "press on the page, until all is drawn", "the same by REST"
_MOST_SECONDS, _MOST_PROCESSOR_MS, _MOST_GROWTH = 1.5, 25.0, 1.25
_BUTTON = "predict"
_REST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One round in which all ask at once: seconds that each waited, and CPU time of the servers per request."""

    who: str
    seconds: list[float]
    processor_ms: float


def measure(bench: Bench) -> Result:
    """Measures waits and memory; `bench.seconds` is not used."""
    with running_whole_stack(bench.directory) as stack:
        turns = asyncio.run(_take_turns(stack, bench.rounds))
        memory = asyncio.run(_measure_memory(stack))
    return Result(
        title="The page with many people",
        method=(
            f"{PEOPLE} tabs are open, and all press ECLO 예측 in the same moment: {bench.rounds} rounds, in turns with"
            " as many calls of POST /api/predict/eclo at once. Tabs speak the page's own WebSocket protocol, without a"
            " browser; a press is over when the last element of its answer has come.",
            "Processor time is that of the page's process, and by REST that of gateway and prediction service.",
            f"Memory: tabs come in groups of {PEOPLE}, load the page, press once and leave.",
        ),
        tables=[_wait_table(turns), _memory_table(memory)],
        goals=_goals(turns, memory),
        figures={"turns": turns, "memory_mib": memory},
        packages=("streamlit", "plotly", "uvicorn"),
    )


async def _take_turns(stack: WholeStack, rounds: int) -> list[Turn]:
    page, services = stack.pids("page"), stack.pids("gateway", "prediction")
    bodies = [body.encode() for body in rest_bodies(varied_accidents(PEOPLE))]
    limits = httpx.Limits(max_connections=PEOPLE)
    async with AsyncExitStack() as tabs:
        visitors = [await tabs.enter_async_context(visiting(stack.page)) for _ in range(PEOPLE)]
        client = await tabs.enter_async_context(
            httpx.AsyncClient(base_url=stack.api, trust_env=False, timeout=_REST_SECONDS, limits=limits)
        )

        async def ask(body: bytes) -> None:
            headers = {"Content-Type": "application/json"}
            (await client.post("/api/predict/eclo", content=body, headers=headers)).raise_for_status()

        presses = [lambda visitor=visitor: visitor.press(_BUTTON) for visitor in visitors]
        calls = [lambda body=body: ask(body) for body in bodies]
        for visitor in visitors:
            await visitor.load()
        await _ask_at_once(PAGE, presses, page)  # warm-up
        await _ask_at_once(REST, calls, services)
        turns = []
        for _ in range(rounds):
            turns.append(await _ask_at_once(PAGE, presses, page))
            turns.append(await _ask_at_once(REST, calls, services))
        return turns


async def _ask_at_once(
    who: str, questions: Sequence[Callable[[], Awaitable[object]]], answering: Sequence[int]
) -> Turn:
    started, used = time.perf_counter(), conditions.processor_seconds(answering)

    async def wait(question: Callable[[], Awaitable[object]]) -> float:
        await question()
        return time.perf_counter() - started

    waited = await asyncio.gather(*map(wait, questions))
    used = conditions.processor_seconds(answering) - used
    return Turn(who, sorted(waited), 1000 * used / len(questions))


async def _measure_memory(stack: WholeStack) -> dict[int, int]:
    """Returns the memory of the page's process in MiB, by number of sessions."""
    page = psutil.Process(*stack.pids("page"))

    async def visit() -> None:
        async with visiting(stack.page) as visitor:
            await visitor.load()
            await visitor.press(_BUTTON)

    taken = {0: page.memory_info().rss >> 20}
    for before, after in pairwise((0, *SESSIONS)):
        for _ in range(before, after, PEOPLE):
            await asyncio.gather(*(visit() for _ in range(PEOPLE)))
        taken[after] = page.memory_info().rss >> 20
    return taken


def _of(turns: Sequence[Turn], who: str) -> tuple[float, float, float, float]:
    """Returns mean, 95th percentile and maximum of the waits, and the CPU time: medians over rounds."""
    ours = [turn for turn in turns if turn.who == who]
    return (
        statistics.median(statistics.mean(turn.seconds) for turn in ours),
        statistics.median(percentile(turn.seconds, 0.95) for turn in ours),
        statistics.median(turn.seconds[-1] for turn in ours),
        statistics.median(turn.processor_ms for turn in ours),
    )


def _wait_table(turns: Sequence[Turn]) -> Table:
    page, rest = _of(turns, PAGE), _of(turns, REST)
    return Table(
        f"{PEOPLE} at once",
        ("who", "mean s", "p95 s", "longest s", "processor ms each"),
        [
            (PAGE, *(f"{value:.2f}" for value in page[:3]), f"{page[3]:.1f}"),
            (REST, *(f"{value:.2f}" for value in rest[:3]), f"{rest[3]:.1f}"),
            ("page / REST", *(f"{ours / theirs:.1f}" for ours, theirs in zip(page, rest, strict=True))),
        ],
    )


def _memory_table(memory: dict[int, int]) -> Table:
    rows = [(f"{sessions:,}", str(mib)) for sessions, mib in memory.items()]
    return Table("Memory of the page's process", ("sessions so far", "MiB"), rows)


def _goals(turns: Sequence[Turn], memory: dict[int, int]) -> list[Goal]:
    _, _, longest, processor = _of(turns, PAGE)
    growth = memory[SESSIONS[-1]] / memory[SESSIONS[-2]]
    name = f"memory after {SESSIONS[-1]:,} sessions, of that after {SESSIONS[-2]}"
    return [
        at_most(f"{PEOPLE} presses at once, longest", _MOST_SECONDS, longest, "s", 2),
        at_most("processor time of the page, a press", _MOST_PROCESSOR_MS, processor, "ms"),
        at_most(name, _MOST_GROWTH, growth, "x", 2),
    ]
