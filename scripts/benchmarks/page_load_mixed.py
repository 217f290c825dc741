"""A working day on the page: people look at charts, upload, chat and predict at the same time, then leave."""

import asyncio
import shutil
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from scripts.benchmarks.conditions import each_of_family
from scripts.benchmarks.csv_files import largest_csv
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.journeys import CHARTS, CHATS, PREDICTIONS, UPLOADS, Journey, journeys, slow_model
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table, at_most, percentile
from scripts.benchmarks.visitor import visiting
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack
from tests.scripted_messages_api import ScriptedMessagesApi

PEOPLE: Mapping[str, int] = {CHARTS: 10, UPLOADS: 10, CHATS: 10, PREDICTIONS: 20}
_ROWS, _UPLOAD_BYTES, _STREAM_SECONDS, _ALONE = 15_000, 5 << 20, 20.0, 6
_GONE_SECONDS, _LOOK_SECONDS, _BROWSER_PAUSE_SECONDS = 120.0, 5.0, 15.0
_BROWSER_SECONDS = 120.0  # it gets few of the cores
# Pools of threads and of connections grow to their size once.
_FIRST_DAY_SECONDS = 60.0
_MOST_SLOWER, _MOST_MIB_A_SESSION, _MOST_GROWTH = 2.0, 12.0, 1.1
_MOST_TOLD = 10
_PROGRAMS = ("page", "gateway", "prediction", "dataset", "chat")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Held:
    """What the programs hold at a moment: memory of the page in MiB, and of all, threads, connections, files."""

    page_mib: float
    threads: int
    connections: int
    files: int

    @classmethod
    def read(cls, stack: WholeStack) -> "Held":
        """Returns what they hold now."""
        pids = stack.pids(*_PROGRAMS)
        return cls(
            sum(info.rss for info in each_of_family(stack.pids("page"), psutil.Process.memory_info)) / MIB,
            sum(each_of_family(pids, psutil.Process.num_threads)),
            sum(len(found) for found in each_of_family(pids, psutil.Process.net_connections)),
            sum(1 for path in stack.state.rglob("*") if path.is_file() and "postgres" not in path.parts),
        )


@dataclass(slots=True)
class Day:
    """What was measured while people were there: waits by journey, failures, and what was held every few seconds."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """One mixture: the journeys alone, the day, and what was held when new, before the day and after all had left."""

    processes: int
    people: int
    alone: Mapping[str, list[float]]
    day: Day
    fresh: Held
    before: Held
    after: Held


def measure(bench: Bench) -> Result:
    """Measures fifty people with one process of the page, and a hundred with two, `bench.seconds` each."""
    measured = [
        asyncio.run(_measure(bench, processes, {kind: processes * count for kind, count in PEOPLE.items()}))
        for processes in (1, 2)
    ]
    return Result(
        title="A working day on the page",
        method=(
            f"{PEOPLE[CHARTS]} people open 시각화 of {_ROWS:,} rows with its map, {PEOPLE[UPLOADS]} upload"
            f" {_UPLOAD_BYTES // MIB} MB, {PEOPLE[CHATS]} chat with answers that stream for {_STREAM_SECONDS:.0f} s,"
            f" {PEOPLE[PREDICTIONS]} predict, for {bench.seconds:.0f} s; a second time twice as many with two processes"
            " of the page. Between two times they read or fill in a form: 15 s, those with charts 20, with files 60.",
            "They speak the page's own WebSocket protocol; three more use a real browser, which gets what the stack"
            " leaves of the cores, because people's browsers run on machines of their own.",
            f"Alone: each journey {_ALONE} times with no one else there. Chats: what it took longer than the stream.",
            f"Left behind: {_GONE_SECONDS:.0f} s after all have left, against the same after {_FIRST_DAY_SECONDS:.0f} s"
            " of the same people, when pools have their size.",
        ),
        tables=[_waits_table(one) for one in measured] + [_held_table(one) for one in measured],
        goals=[goal for one in measured for goal in _goals(one)],
        figures={"measured": measured},
        packages=("streamlit", "plotly", "folium", "uvicorn"),
    )


async def _measure(bench: Bench, processes: int, people: Mapping[str, int]) -> Measured:
    async with mixture_stack(bench, processes) as (stack, kinds):
        alone: dict[str, list[float]] = {}
        for kind, journey in kinds.items():
            async with visiting(stack.page) as tab:
                await journey.step(tab)  # the first time loads what is kept
                alone[kind] = [await journey.step(tab) for _ in range(_ALONE)]
        fresh = Held.read(stack)
        await spend_day(stack, kinds, people, _FIRST_DAY_SECONDS, browsers=3)
        await asyncio.sleep(_GONE_SECONDS)
        before = Held.read(stack)
        day = await spend_day(stack, kinds, people, bench.seconds, browsers=3)
        for failure, count in Counter(day.failures).most_common(_MOST_TOLD):
            print(f"{count} x {failure}", flush=True)
        await asyncio.sleep(_GONE_SECONDS)
        return Measured(processes, sum(people.values()), alone, day, fresh, before, Held.read(stack))


@asynccontextmanager
async def mixture_stack(
    bench: Bench, processes: int, *, upload_bytes: int = _UPLOAD_BYTES, stream_seconds: float = _STREAM_SECONDS
) -> AsyncIterator[tuple[WholeStack, Mapping[str, Journey]]]:
    """Yields a stack with a dataset and a scripted model, and the journeys on it."""
    async with ScriptedMessagesApi(slow_model(stream_seconds)).running() as api:
        environment = {
            "DATASET_DEMO": "true",
            "PAGE_PROCESSES": str(processes),
            "ANTHROPIC_BASE_URL": api.url,
            "ANTHROPIC_API_KEY": "sk-ant-a-working-day",
        }
        running = running_whole_stack(bench.directory, environment)
        stack = await asyncio.to_thread(running.__enter__)
        try:
            file = largest_csv(0)[:upload_bytes].rpartition(b"\n")[0]
            yield stack, journeys(stack.api, await asyncio.to_thread(stack.example_dataset), file, stream_seconds)
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


async def spend_day(
    stack: WholeStack, kinds: Mapping[str, Journey], people: Mapping[str, int], seconds: float, *, browsers: int = 0
) -> Day:
    """Lets people come, do what they do for that long, and leave."""
    day, end = Day(), time.monotonic() + seconds

    async def live(kind: str, number: int) -> None:
        journey = kinds[kind]
        await asyncio.sleep(min(seconds, journey.pause_seconds) * number / people[kind])  # people do not act in step
        while time.monotonic() < end:
            try:
                async with visiting(stack.page) as tab:
                    while time.monotonic() < end:
                        day.waits.setdefault(kind, []).append(await journey.step(tab))
                        await asyncio.sleep(min(journey.pause_seconds, max(0.0, end - time.monotonic())))
            except (ProgramFailed, httpx.HTTPError, OSError) as error:
                day.failures.append(f"{kind}: {error!r}"[:300])

    async def look() -> None:
        while time.monotonic() < end:
            day.held.append(Held.read(stack))
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.0, end - time.monotonic())))

    async with AsyncExitStack() as exits:
        if browsers:
            playwright = await exits.enter_async_context(async_playwright())
            chromium = shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            exits.push_async_callback(browser.close)
            _let_others_first()
            looking = [_use_browser(browser, stack.page, day, end) for _ in range(browsers)]
        else:
            looking = []
        everyone = [live(kind, number) for kind, count in people.items() for number in range(count)]
        await asyncio.gather(look(), *everyone, *looking)
    return day


def _let_others_first() -> None:
    """Gives the browser only what the stack leaves of the cores: people's browsers run on machines of their own.

    Chromium sets the niceness of its processes itself, but not that of its session.
    """
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error, OSError):  # gone, or the system does not share cores by session
            if "chrom" in process.name():
                Path(f"/proc/{process.pid}/autogroup").write_text("19")


async def _use_browser(browser: Browser, url: str, day: Day, end: float) -> None:
    """Predicts again and again in a real browser."""
    page = await browser.new_page()
    page.set_default_timeout(_BROWSER_SECONDS * 1000)
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            await page.goto(url)
            await page.get_by_role("button", name="ECLO 예측").click()
            await page.locator("[data-testid=stMetric]").first.wait_for()
        except PlaywrightError as error:
            day.failures.append(f"in a browser: {error!r}"[:300])
            continue
        day.waits.setdefault("in a browser", []).append(time.monotonic() - started)
        await asyncio.sleep(min(_BROWSER_PAUSE_SECONDS, max(0.0, end - time.monotonic())))


def _waits_table(one: Measured) -> Table:
    rows = []
    for kind, waits in one.day.waits.items():
        alone = percentile(one.alone.get(kind, ()), 0.95)
        p50, p95 = statistics.median(waits), percentile(waits, 0.95)
        rows.append((kind, str(len(waits)), f"{alone:.2f}", f"{p50:.2f}", f"{p95:.2f}", f"{p95 / alone:.1f}"))
    title = f"{one.people} people, {one.processes} processes of the page; {len(one.day.failures)} failures"
    return Table(title, ("journey", "times", "alone p95 s", "p50 s", "p95 s", "p95 / alone"), rows)


def _held_table(one: Measured) -> Table:
    middle = one.day.held[len(one.day.held) // 2]
    moments = (
        ("new", one.fresh),
        ("before", one.before),
        ("half-way", middle),
        ("at the end", one.day.held[-1]),
        ("gone", one.after),
    )
    rows = [
        (name, f"{held.page_mib:.0f}", str(held.threads), str(held.connections), str(held.files))
        for name, held in moments
    ]
    columns = ("when", "page MiB", "threads", "connections", "files")
    return Table(f"What is held, {one.people} people", columns, rows)


def _goals(one: Measured) -> list[Goal]:
    who = f"{one.people} people"
    goals = [
        at_most(
            f"{who}, {kind}: p95 against alone", _MOST_SLOWER,
            percentile(waits, 0.95) / percentile(one.alone[kind], 0.95), "x",
        )
        for kind, waits in one.day.waits.items() if kind in one.alone
    ]  # fmt: skip
    after_five_minutes = one.day.held[min(int(300 / _LOOK_SECONDS), len(one.day.held) // 2)].page_mib
    most = max(held.page_mib for held in one.day.held)
    return [
        *goals,
        at_most(f"{who}, failures", 0, len(one.day.failures), ""),
        at_most(f"{who}, memory at the end against after five minutes", _MOST_GROWTH,
                one.day.held[-1].page_mib / after_five_minutes, "x", 2),
        at_most(f"{who}, memory a session", _MOST_MIB_A_SESSION, (most - one.before.page_mib) / one.people, "MiB"),
        at_most(f"{who}, page's memory when gone", _MOST_GROWTH, one.after.page_mib / one.before.page_mib, "x", 2),
        at_most(f"{who}, threads left", 0, max(0, one.after.threads - one.before.threads), ""),
        at_most(f"{who}, connections left", 0, max(0, one.after.connections - one.before.connections), ""),
        at_most(f"{who}, files left", 0, max(0, one.after.files - one.before.files), ""),
    ]  # fmt: skip
