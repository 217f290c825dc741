"""What reading costs where much is stored: every route and every RPC that reads, beside the same where a thousandth is.

A new route or RPC is refused until `reads.py` has a sample of it.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import chain
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import psycopg2
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor

from scripts.benchmarks import reads
from scripts.benchmarks.fill import LARGE, SMALL, Size, fill
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table, at_most, percentile
from scripts.benchmarks.uploading import upload
from scripts.benchmarks.whole_answers import WholeAnswer, goals_of, measure_whole_answers, table_of
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

MOST_TIMES, MOST_MILLISECONDS = 1.5, 100.0
_TIMER_MILLISECONDS = 0.3
"""Answers of less than a millisecond differ by more than half from one run to the next: so much more is none."""
_LEAST, _MOST = 5, 200
_SECONDS = 30.0
_FILE = "번호,종류\n" + "".join(f"{row},{'가나다'[row % 3]}\n" for row in range(1000))

_LEFT_SECONDS = 0.05
"""How long a service may work on a stream after its reader has left."""

Ask = Callable[[], bool]
"""Sends a request and returns with the first byte of a stream, which it leaves, or with the whole of another answer.

Tells whether it left a stream. Raises `_Refused`.
"""


class _Refused(Exception):
    """An answer that is none; the text is its status."""


@dataclass(slots=True)
class Reading:
    """One request, and how long each stack took for it in milliseconds, or why it refused."""

    name: str
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)
    refusal: str = ""

    @property
    def times(self) -> float:
        """How many times as long it takes where much is stored."""
        return max(median(self.large) - _TIMER_MILLISECONDS, 0) / median(self.small) if self.large else float("inf")

    @property
    def is_flat(self) -> bool:
        """Whether it meets both goals."""
        return not self.refusal and self.times <= MOST_TIMES and median(self.large) <= MOST_MILLISECONDS

    def cells(self) -> list[str]:
        """Returns its row of the table."""
        taken = (f"{figure:.1f}" for times in (self.small, self.large) for figure in _median_and_p99(times))
        times = self.refusal or f"{median(self.large) / median(self.small):.2f}"
        return [self.name, *taken, times, "" if self.is_flat else "MISSED"]


def _median_and_p99(times: list[float]) -> tuple[float, float]:
    return (median(times), percentile(times, 0.99)) if times else (float("nan"), float("nan"))


def measure(bench: Bench) -> Result:
    """Fills two stacks and asks both in turns."""
    forgotten = reads.find_forgotten()
    if forgotten:
        raise ProgramFailed(f"scripts/benchmarks/reads.py does not match: {', '.join(forgotten)}")
    with ExitStack() as exits:
        stacks = []
        for size, name in ((SMALL, "small"), (LARGE, "large")):
            (bench.directory / name).mkdir()
            stacks.append((exits.enter_context(running_whole_stack(bench.directory / name)), size))
        started = time.monotonic()
        with ThreadPoolExecutor() as executor:
            small, large = executor.map(lambda each: _prepare(*each), stacks)
        filled_seconds = time.monotonic() - started
        asks = zip(_requests(stacks[0][0], small), _requests(stacks[1][0], large), strict=True)
        readings = [_take_turns(name, ask_small, ask_large, bench) for (name, ask_small), (_, ask_large) in asks]
        whole = measure_whole_answers(stacks[1][0], large)
    return _result(readings, whole, filled_seconds, bench)


def _prepare(stack: WholeStack, size: Size) -> Mapping[str, str]:
    fill(stack.database_url, size)
    uploaded = str(upload(f"{stack.api}/api/datasets/upload", _FILE.encode()).answer["dataset_id"])
    link = httpx.post(f"{stack.api}/api/datasets/{uploaded}/share", trust_env=False).raise_for_status().json()
    stored = reads.find_stored(stack, uploaded, link["share_token"])
    with closing(psycopg2.connect(stack.database_url)) as connection, connection, connection.cursor() as cursor:
        # An export reads the file that the conversation is about.
        about = (uploaded, stored["conversation"], stored["long_conversation"])
        cursor.execute("UPDATE chat.conversations SET dataset_id = %s WHERE id IN (%s, %s)", about)
    return stored


def _take_turns(name: str, ask_small: Ask, ask_large: Ask, bench: Bench) -> Reading:
    reading = Reading(name)
    ends = time.monotonic() + bench.seconds
    try:
        ask_small()
        ask_large()
        while len(reading.large) < _LEAST or (time.monotonic() < ends and len(reading.large) < _MOST):
            turns = [(ask_small, reading.small), (ask_large, reading.large)]
            for ask, times in turns if len(reading.large) % 2 else turns[::-1]:  # neither always comes first
                started = time.perf_counter()
                is_left = ask()
                times.append((time.perf_counter() - started) * 1000)
                if is_left:
                    time.sleep(_LEFT_SECONDS)
    except _Refused as refusal:
        reading.refusal = str(refusal)
    return reading


def _requests(stack: WholeStack, stored: Mapping[str, str]) -> Iterator[tuple[str, Ask]]:
    with closing(http.client.HTTPConnection(urlsplit(stack.api).netloc, timeout=_SECONDS)) as connection:
        for read in chain.from_iterable(reads.ROUTES.values()):
            verb = "GET" if read.body is None else "POST"
            yield f"{verb} {read.path} {read.client}".strip(), _over_rest(connection, verb, read, stored)
    channels = {
        program: grpc.insecure_channel(f"127.0.0.1:{stack.ports[program]}", [("grpc.enable_http_proxy", 0)])
        for program in ("prediction", "dataset", "chat")
    }
    for name, method, sample in reads.each_rpc():
        channel = channels[method.containing_service.file.package.split(".")[1]]
        yield (
            f"{name} {json.dumps(sample, ensure_ascii=False)}",
            _over_grpc(channel, method, reads.filled_in(sample, stored)),
        )
    for channel in channels.values():
        channel.close()


def _over_rest(connection: http.client.HTTPConnection, verb: str, read: reads.Read, stored: Mapping[str, str]) -> Ask:
    path = reads.filled_in(read.path, stored)
    body = None if read.body is None else json.dumps(read.body)
    headers = {"X-Client-Id": read.client} if read.client else {}
    if body is not None:
        headers["Content-Type"] = "application/json"

    def ask() -> bool:
        connection.request(verb, path, body, headers)
        response = connection.getresponse()
        is_stream = response.getheader("Transfer-Encoding") == "chunked"
        response.read(1)
        if is_stream:  # the rest is not waited for, and a new connection costs as little as its own
            connection.close()
        else:
            response.read()
        if response.status != 200:
            raise _Refused(str(response.status))
        return is_stream

    return ask


def _over_grpc(channel: grpc.Channel, method: MethodDescriptor, sample: dict[str, Any]) -> Ask:
    request = json_format.ParseDict(sample, message_factory.GetMessageClass(method.input_type)())
    read = message_factory.GetMessageClass(method.output_type).FromString
    path = f"/{method.containing_service.full_name}/{method.name}"
    make = channel.unary_stream if method.server_streaming else channel.unary_unary
    call = make(path, type(request).SerializeToString, read)

    def ask() -> bool:
        try:
            answer: Any = call(request, timeout=_SECONDS)
            if method.server_streaming:
                next(answer, None)
                answer.cancel()
        except grpc.RpcError as error:
            raise _Refused(error.code().name) from error
        return bool(method.server_streaming)

    return ask


def _result(readings: list[Reading], whole: Sequence[WholeAnswer], filled_seconds: float, bench: Bench) -> Result:
    measured = [reading for reading in readings if not reading.refusal]
    missed = [reading for reading in readings if not reading.is_flat]
    steepest = max(measured, key=lambda reading: reading.times)
    slowest = max(measured, key=lambda reading: median(reading.large))
    return Result(
        title="Much stored",
        method=(
            f"Two stacks at once: {LARGE.predictions:,} predictions ({LARGE.results:,} of them results of the newest of"
            f" {LARGE.batches:,} batches of {LARGE.batch_items:,}), {LARGE.datasets:,} datasets,"
            f" {LARGE.conversations:,} conversations, one of {LARGE.longest_conversation:,} messages; a thousandth.",
            "Every route and RPC that reads, asked of both in turns, one request at a time,"
            f" up to {_MOST} times or {bench.seconds:.0f} s. Of a stream, the time to its first byte.",
            f"Both were filled in {filled_seconds:.0f} s.",
        ),
        tables=[
            Table(
                "From the request to the answer, ms",
                ("what", "little p50", "p99", "much p50", "p99", "times", ""),
                [reading.cells() for reading in readings],
            ),
            table_of(whole),
        ],
        goals=[
            at_most(f"Times as long, most: {steepest.name}", MOST_TIMES, steepest.times, "x", digits=2),
            at_most(f"Median, longest: {slowest.name}", MOST_MILLISECONDS, median(slowest.large), "ms"),
            Goal("Answers that miss either, or are refused", "none", str(len(missed)), not missed),
            *goals_of(whole),
            at_most("Filling", 180, filled_seconds, "s", digits=0),
        ],
        figures={
            reading.name: {"little_ms": reading.small, "much_ms": reading.large, "refusal": reading.refusal}
            for reading in readings
        },
        packages=("fastapi", "grpcio", "sqlalchemy", "psycopg2-binary"),
    )
