"""Ten times as many predictions as the capacity, sent regardless of the answers (open loop)."""

import asyncio
import statistics
import tempfile
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from scripts.benchmarks import conditions
from scripts.benchmarks.accidents import rest_bodies, varied_accidents
from scripts.benchmarks.our_stack import running_gateway, running_postgres
from scripts.benchmarks.result import Goal, Result, Table
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


def run(*, rounds: int, seconds: float, state: Path) -> Result:
    """Measures and returns the result: each round measures the capacity, then sends ten times as much."""
    raise_descriptor_limit()
    state.mkdir(parents=True, exist_ok=True)
    bodies = [body.encode() for body in rest_bodies(varied_accidents(1_000))]
    pairs: list[tuple[Seen, Seen]] = []
    with tempfile.TemporaryDirectory(dir=state, prefix="benchmark-") as made:
        directory = Path(made)
        facts = conditions.machine() | conditions.speed(directory)
        with running_postgres(directory) as postgres, running_gateway(directory, postgres.url) as gateway:
            for _ in range(rounds):
                full = uvloop.run(_load(gateway.url, bodies, clients=_FULL, rate=1e5, seconds=seconds))
                rate = _TIMES * len(full.answers) / seconds
                over = uvloop.run(_load(gateway.url, bodies, clients=_TOO_MANY, rate=rate, seconds=seconds))
                pairs.append((full, over))
    shares = [len(over.answers) / len(full.answers) for full, over in pairs]
    slowest = [_percentile(over.answers, 0.99) for _, over in pairs]
    refused = [_percentile(over.refusals, 0.5) for _, over in pairs]
    share, p99, refusal = (statistics.median(figures) for figures in (shares, slowest, refused))
    return Result(
        benchmark="overload",
        title="Ten times as many predictions as can be answered",
        conditions=facts,
        method=(
            f"{rounds} rounds of {seconds:.0f} s each: {_FULL} connections that never idle, then {_TIMES} times that"
            f" rate over {_TOO_MANY} connections, each arrival on the one free for longest. The generator shares"
            " the machine.",
        ),
        tables=(
            Table(
                "By round",
                ("answers a second at most", "under ten times as much", "p99 of answers, s", "p50 of refusals, ms"),
                [
                    (
                        f"{len(full.answers) / seconds:.0f}",
                        f"{len(over.answers) / seconds:.0f}",
                        f"{slow:.2f}",
                        f"{quick * 1000:.0f}",
                    )
                    for (full, over), slow, quick in zip(pairs, slowest, refused, strict=True)
                ],
            ),
        ),
        goals=(
            Goal("answers under overload", "80 % of the most", f"{share:.0%}", share >= 0.8),
            Goal("slowest answers", "p99 at most 2 s", f"{p99:.2f} s", p99 <= 2.0),
            Goal("refusals", "half within 50 ms", f"{refusal * 1000:.0f} ms", refusal <= 0.05),
        ),
        figures={"rounds": [{"full": asdict(full), "over": asdict(over)} for full, over in pairs]},
    )


def _percentile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share)] if seconds else 0.0
