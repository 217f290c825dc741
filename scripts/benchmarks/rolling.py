"""A rolling restart of the whole stack, two of each, beside all journeys: what failed, was lost, or is there twice."""

import asyncio
import os
import sys
import time
from collections import Counter

from scripts.benchmarks.harness import Bench
from scripts.benchmarks.processes import REPOSITORY, ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table
from scripts.benchmarks.rolling_journeys import Journeys, Pace, Seen
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack
from tests.scripted_messages_api import ScriptedMessagesApi, says

_PACE = Pace(predictions_per_second=100, upload_bytes=50_000_000)
_WORDS = "사고는 18시에 가장 많았습니다. " * 34
_PAUSE_SECONDS = 0.2  # between pieces of six letters, so that an answer takes some 20 s
_MOST_KINDS = 20


def measure(bench: Bench) -> Result:
    """Restarts everything once, `bench.seconds` after the journeys began; rounds are not used."""
    with (
        ScriptedMessagesApi(brain=lambda _: says(_WORDS, seconds_between=_PAUSE_SECONDS)).running_in_thread() as api,
        running_whole_stack(bench.directory, {"ANTHROPIC_BASE_URL": api.url, "REPLICAS": "2"}) as stack,
    ):
        seen, lost, doubled, seconds = asyncio.run(_restart(stack, bench.seconds))
    failures = Counter((journey, kind) for journey, kind, _ in seen.failures)
    for (journey, kind, text), count in Counter(seen.failures).most_common(_MOST_KINDS):
        print(f"{count} x {journey}: {kind} {text[:300]}")
    return Result(
        title="Rolling restart",
        method=(
            "Two of each service and of the worker, and two processes each of gateway and page, are restarted one at a"
            " time by ./scripts/rolling-restart.",
            f"Meanwhile up to {_PACE.predictions_per_second:.0f} predictions a second, explanations, batches of 200"
            f" rows, uploads of {_PACE.upload_bytes / 1e6:.0f} MB, shares, lists, {_PACE.chats} chats with answers of"
            f" 20 s, and {_PACE.tabs} tabs of the page that press its button every second. No request is sent again.",
            "A stream of an answer that breaks is taken up again where it was, and a tab whose connection is cut"
            " connects again, as the page and browsers do; both are counted, and are no failures.",
            "Everything that was acknowledged is looked for afterwards.",
        ),
        tables=[
            Table(
                f"Journeys during the restart of {seconds:.0f} s",
                ("journey", "completed", "failed"),
                [
                    (name, f"{count:,}", str(sum(n for (journey, _), n in failures.items() if journey == name)))
                    for name, count in sorted(seen.done.items())
                ],
            ),
            Table(
                "Connections",
                ("what", "count"),
                [
                    ("streams taken up again", str(seen.resumed)),
                    ("tabs that connected again", str(seen.sessions_lost)),
                ],
            ),
        ],
        goals=[
            Goal("failed requests", "none", str(len(seen.failures)), not seen.failures),
            Goal("acknowledged and not stored", "none", str(len(lost)), not lost),
            Goal("stored twice", "none", str(len(doubled)), not doubled),
        ],
        figures={"completed": dict(seen.done), "failures": seen.failures, "seconds": seconds},
        packages=("grpcio", "uvicorn", "streamlit", "celery"),
    )


async def _restart(stack: WholeStack, seconds: float) -> tuple[Seen, set[str], set[str], float]:
    async with Journeys(stack.api, stack.page, _PACE).running() as journeys:
        await asyncio.sleep(seconds)
        started = time.monotonic()
        environment = {**os.environ, "STATE_DIR": str(stack.state)}
        rolling = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.rolling", cwd=REPOSITORY, env=environment
        )
        if await rolling.wait() != 0:
            raise ProgramFailed("The rolling restart failed.")
        taken = time.monotonic() - started
        await asyncio.sleep(seconds)
    lost, doubled = await journeys.lost_and_doubled()
    return journeys.seen, lost, doubled, taken
