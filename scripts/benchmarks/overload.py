"""Ten times as many predictions as the capacity, sent regardless of the answers (open loop)."""

import asyncio
import statistics
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

from scripts.benchmarks.accidents import rest_bodies, varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.result import Result, Table, at_least, at_most, percentile
from scripts.benchmarks.whole_stack import running_whole_stack
from servicekit.descriptors import raise_descriptor_limit

_FULL, _TOO_MANY = 1_900, 5_000
_TIMES = 10
_SETTLE_SECONDS = 3.0


@dataclass(slots=True)
class Seen:
    """Results seen by clients: seconds of answers with 200, of refusals with 503, and the number of other results."""

    answers: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    others: int = 0
    unsent: int = 0


class _Client(asyncio.Protocol):
    def __init__(self, free: "deque[_Client]", seen: Seen) -> None:
        self._free, self._seen = free, seen
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._free.append(self)

    def send(self, request: bytes) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 "):
            return  # the rest of a split answer
        seconds, status = time.perf_counter() - self._sent_at, data[9:12]
        if status == b"200":
            self._seen.answers.append(seconds)
        elif status == b"503":
            self._seen.refusals.append(seconds)
        else:
            self._seen.others += 1
        self._free.append(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._seen.others += 1


async def _load(url: str, bodies: list[bytes], *, clients: int, rate: float, seconds: float) -> Seen:
    parts = urlsplit(url)
    head = f"POST /api/predict/eclo HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    free, seen, loop = deque[_Client](), Seen(), asyncio.get_running_loop()
    for _ in range(clients):
        await loop.create_connection(lambda: _Client(free, seen), parts.hostname or "", parts.port or 80)
    started, begun = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - started) < seconds:
        due = int(elapsed * rate)
        for turn in range(begun, due):
            if free:
                free.popleft().send(requests[turn % len(requests)])
            else:
                seen.unsent += 1  # all connections are busy
        begun = due
        await asyncio.sleep(0.001)
    await asyncio.sleep(_SETTLE_SECONDS)
    return seen


def measure(bench: Bench) -> Result:
    """Each round measures the capacity, then sends ten times as much."""
    raise_descriptor_limit()
    bodies = [body.encode() for body in rest_bodies(varied_accidents(1_000))]
    pairs: list[tuple[Seen, Seen]] = []
    with running_whole_stack(bench.directory) as stack:
        for _ in range(bench.rounds):
            full = uvloop.run(_load(stack.api, bodies, clients=_FULL, rate=1e5, seconds=bench.seconds))
            rate = _TIMES * len(full.answers) / bench.seconds
            over = uvloop.run(_load(stack.api, bodies, clients=_TOO_MANY, rate=rate, seconds=bench.seconds))
            pairs.append((full, over))
    rounds = [
        (
            len(full.answers) / bench.seconds,
            len(over.answers) / bench.seconds,
            percentile(over.answers, 0.99),
            percentile(over.refusals, 0.5) * 1000,
        )
        for full, over in pairs
    ]
    columns = ("answers a second at most", "under ten times as much", "p99 of answers, s", "p50 of refusals, ms")
    rows = [(f"{most:.0f}", f"{under:.0f}", f"{p99:.2f}", f"{p50_ms:.0f}") for most, under, p99, p50_ms in rounds]
    shares = [under / most for most, under, _, _ in rounds]
    share, p99, refusal = map(statistics.median, (shares, [turn[2] for turn in rounds], [turn[3] for turn in rounds]))
    return Result(
        title="Ten times as many predictions as can be answered",
        method=(
            f"{bench.rounds} rounds of {bench.seconds:.0f} s each: {_FULL} connections that never idle, then {_TIMES}"
            f" times that rate over {_TOO_MANY} connections, each arrival on the one free for longest. The generator"
            " shares the machine.",
        ),
        tables=[Table("By round", columns, rows)],
        goals=[
            at_least("answers under overload, of the most", 80, 100 * share, "%", 0),
            at_most("slowest answers, p99", 2, p99, "s", 2),
            at_most("refusals, p50", 50, refusal, "ms", 0),
        ],
        figures={"rounds": [{"full": full, "over": over} for full, over in pairs]},
        packages=("grpcio", "fastapi", "uvicorn"),
    )
