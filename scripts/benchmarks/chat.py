"""Chats: latency added to the model's, time of a cached answer, and the effect of chats on predictions.

The model is a scripted Messages API in this process that answers at once, so that all measured time is ours.
"""

import http.client
import itertools
import json
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anthropic

from scripts.benchmarks.accidents import rest_bodies, varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.load import Generator, Measurement, generator
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table, at_most, percentile
from scripts.benchmarks.uploading import upload
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack
from tests.scripted_messages_api import Reply, Request, ScriptedMessagesApi, ToolUse, says, uses

_KEY = "sk-ant-a-benchmark-needs-none"
_DIRECT, _TOOL, _LONG = "곧장", "도구", "오래"
_ANSWER = "사고는 18시에 가장 많았습니다. " * 20
_PAUSE_SECONDS = 0.05  # between chunks of six letters of a long answer: faster than the model
_QUESTIONS = 100
_REPEATS = 500
CHATS = 20
_BEGIN_SECONDS = 0.15  # between the starts of two chats: a twentieth of a long answer
CLIENTS = 50
_BODIES = 2000
_WARM_SECONDS = 2.0
ALONE, BESIDE = "alone", "beside chats"
_TITLES = {
    "sdk": "the model by its SDK, without us",
    _DIRECT: "through us, answered in words",
    _TOOL: "through us, one tool before the words",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Predictions under load, with or without concurrent chats."""

    beside: str
    round: int
    measured: Measurement


def measure(bench: Bench) -> Result:
    """Measures answers one after the other, then predictions beside chats."""
    load = generator()
    bench.facts["load"] = load.name
    with (
        ScriptedMessagesApi(brain=_brain).running_in_thread() as api,
        running_whole_stack(bench.directory, {"ANTHROPIC_BASE_URL": api.url}) as stack,
    ):
        dataset_id = _dataset(stack)
        deltas = {
            "sdk": _first_deltas_of_sdk(api.url),
            _DIRECT: _first_deltas(stack, dataset_id, _DIRECT),
            _TOOL: _first_deltas(stack, dataset_id, _TOOL),
        }
        hits, misses = _repeats(stack, dataset_id)
        turns = list(_turns(stack, dataset_id, load, bench))
    return Result(
        title="Chat",
        method=(
            "A scripted Messages API stands in for the model and answers at once: what is waited for is ours.",
            f"First word: {_QUESTIONS} different questions, one after the other.",
            f"Remembered answers: one question asked {_REPEATS} times, one after the other, whole answers.",
            f"Predictions: {CLIENTS} clients, {bench.rounds} rounds of {bench.seconds:.0f} s, alone and beside {CHATS}"
            f" chats; each writes {1 / _PAUSE_SECONDS:.0f} pieces a second and asks the next question when it is done.",
        ),
        tables=[
            _table(
                "From the question to the first word, ms", "way", {_TITLES[way]: taken for way, taken in deltas.items()}
            ),
            _table("Whole answers at the gateway, ms", "answer", {"remembered": hits, "new, one tool": misses}),
            _turn_table(turns),
        ],
        goals=_goals(deltas, hits, turns),
        figures={"first_delta_ms": deltas, "hits_ms": hits, "misses_ms": misses, "turns": turns},
        packages=("anthropic", "grpcio", "fastapi", "uvicorn", "redis"),
    )


def _brain(request: Request) -> Reply:
    last = request.body["messages"][-1]["content"]
    words = "".join(block.get("text", "") for block in last if block["type"] == "text")
    if _TOOL in words:
        return uses(ToolUse("get_value_counts", {"column": "사고유형"}))
    return says(_ANSWER, seconds_between=_PAUSE_SECONDS if _LONG in words else 0.0)


def _dataset(stack: WholeStack) -> str:
    lines = [f"{number},{('차대차', '차대사람', '차량단독')[number % 3]}" for number in range(15_000)]
    done = upload(f"{stack.api}/api/datasets/upload", ("번호,사고유형\n" + "\n".join(lines) + "\n").encode())
    return str(done.answer["dataset_id"])


class _Asker:
    """One user with one keep-alive connection."""

    def __init__(self, stack: WholeStack, dataset_id: str) -> None:
        self._dataset_id = dataset_id
        self._connection = http.client.HTTPConnection(urlsplit(stack.api).netloc, timeout=60)

    def ask(self, question: str) -> dict[str, Any]:
        """Returns the whole answer."""
        response = self._send("/api/chat/message", question)
        answer: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            raise ProgramFailed(f"A question was refused: {response.status} {answer}")
        return answer

    def events(self, question: str) -> Iterator[str]:
        """Yields the name of each event as it arrives."""
        response = self._send("/api/chat/message/stream", question)
        for line in response:
            if line.startswith(b"event: "):
                yield line.removeprefix(b"event: ").decode().strip()
        if response.status != 200:
            raise ProgramFailed(f"A question was refused: {response.status}")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _send(self, path: str, question: str) -> http.client.HTTPResponse:
        body = json.dumps({"dataset_id": self._dataset_id, "message": question}).encode()
        headers = {"Content-Type": "application/json", "X-Anthropic-API-Key": _KEY}
        self._connection.request("POST", path, body, headers)
        return self._connection.getresponse()


def _first_deltas(stack: WholeStack, dataset_id: str, kind: str) -> list[float]:
    asker = _Asker(stack, dataset_id)
    taken = []
    for number in range(_QUESTIONS + 1):
        started, first = time.perf_counter(), 0.0
        for event in asker.events(f"{kind} 답할 질문 {number}"):
            if event == "delta" and not first:
                first = time.perf_counter() - started
            if event == "error":
                raise ProgramFailed("A question failed.")
        taken.append(first * 1000)
    asker.close()
    return taken[1:]


def _first_deltas_of_sdk(url: str) -> list[float]:
    taken = []
    with anthropic.Anthropic(api_key=_KEY, base_url=url) as client:
        for number in range(_QUESTIONS + 1):
            started, first = time.perf_counter(), 0.0
            question: Mapping[str, Any] = {"role": "user", "content": [{"type": "text", "text": f"질문 {number}"}]}
            with client.messages.stream(
                model="claude-sonnet-5-5", max_tokens=1024, messages=[question],  # type: ignore[list-item]
            ) as stream:  # fmt: skip
                for _ in stream.text_stream:
                    first = first or time.perf_counter() - started
            taken.append(first * 1000)
    return taken[1:]


def _repeats(stack: WholeStack, dataset_id: str) -> tuple[list[float], list[float]]:
    """Returns the times of cached answers and of answers to new questions, in milliseconds."""
    asker = _Asker(stack, dataset_id)

    def milliseconds(question: str, *, is_remembered: bool) -> float:
        started = time.perf_counter()
        answer = asker.ask(question)
        taken = (time.perf_counter() - started) * 1000
        if answer["cache_hit"] != is_remembered:
            raise ProgramFailed(f"cache_hit is {answer['cache_hit']}: {question}")
        return taken

    misses = [milliseconds(f"{_TOOL}로 답할 새 질문 {number}", is_remembered=False) for number in range(_QUESTIONS)]
    hits = [milliseconds(f"{_TOOL}로 답할 새 질문 0", is_remembered=True) for _ in range(_REPEATS)]
    asker.close()
    return hits, misses


def _turns(stack: WholeStack, dataset_id: str, load: Generator, bench: Bench) -> Iterator[Turn]:
    bodies = bench.directory / "bodies"
    bodies.write_text("\n".join(rest_bodies(varied_accidents(_BODIES))) + "\n", "utf-8")
    url = f"{stack.api}/api/predict/eclo"
    load.run(url, bodies, clients=CLIENTS, seconds=_WARM_SECONDS)
    for number in range(bench.rounds):
        for beside in (ALONE, BESIDE) if number % 2 else (BESIDE, ALONE):
            with _chatting(stack, dataset_id) if beside == BESIDE else nullcontext():
                measured = load.run(url, bodies, clients=CLIENTS, seconds=bench.seconds)
            print(
                f"round {number + 1}, {beside:12} {measured.requests_per_second:8,.0f} req/s"
                f"   p99 {measured.p99_ms:.1f} ms   failures {measured.failures}",
                flush=True,
            )
            yield Turn(beside, number, measured)


_numbers = itertools.count()


@contextmanager
def _chatting(stack: WholeStack, dataset_id: str) -> Iterator[None]:
    """Runs chats during the block, started one after the other, as users do. Raises `ProgramFailed`."""
    is_over, failures = threading.Event(), []

    def chat() -> None:
        asker = _Asker(stack, dataset_id)
        while not is_over.is_set():
            events = list(asker.events(f"{_LONG} 답할 질문 {next(_numbers)}"))
            if events[-1] != "done":
                failures.append(events[-1])
        asker.close()

    threads = [threading.Thread(target=chat) for _ in range(CHATS)]
    for thread in threads:
        thread.start()
        time.sleep(_BEGIN_SECONDS)
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise ProgramFailed(f"{len(failures)} chats failed.")


def _goals(deltas: dict[str, list[float]], hits: list[float], turns: list[Turn]) -> list[Goal]:
    added = statistics.median(deltas[_DIRECT]) - statistics.median(deltas["sdk"])
    failures = sum(turn.measured.failures for turn in turns)
    name = f"p99 of predictions beside {CHATS} chats, of alone"
    return [
        at_most("added to the first word, p50", 50, added, "ms", 0),
        at_most("remembered answer, p99", 10, percentile(hits, 0.99), "ms"),
        at_most(name, 1.3, statistics.median(_ratios(turns)), "x", 2),
        Goal("failed predictions", "none", str(failures), failures == 0),
    ]


def _ratios(turns: list[Turn]) -> list[float]:
    alone = {turn.round: turn.measured.p99_ms for turn in turns if turn.beside == ALONE}
    return [turn.measured.p99_ms / alone[turn.round] for turn in turns if turn.beside == BESIDE]


def _table(title: str, what: str, taken_ms: Mapping[str, list[float]]) -> Table:
    rows = [(name, *(f"{percentile(taken, share):.1f}" for share in (0.5, 0.99))) for name, taken in taken_ms.items()]
    return Table(title, (what, "p50", "p99"), rows)


def _turn_table(turns: list[Turn]) -> Table:
    rows = []
    for beside in (ALONE, BESIDE):
        measured = [turn.measured for turn in turns if turn.beside == beside]
        rate = statistics.median(it.requests_per_second for it in measured)
        p50, p99 = (
            statistics.median(values) for values in zip(*((it.p50_ms, it.p99_ms) for it in measured), strict=True)
        )
        rows.append((beside, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}"))
    return Table(f"Durable predictions, {CLIENTS} clients", ("predictions", "requests/s", "p50 ms", "p99 ms"), rows)
