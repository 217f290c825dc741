"""How long the largest answers take as a whole where much is stored: results of a batch, and a long conversation."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import httpx

from scripts.benchmarks.fill import ACCIDENT, LARGE
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Table, at_most
from scripts.benchmarks.whole_stack import WholeStack

_RESULTS, _PAGE = 20_000, 1_000
_ROUNDS = 5
_SECONDS, _LOOK_SECONDS = 120.0, 0.2


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """An answer, what it may take, and the seconds that it took in each round."""

    name: str
    read: Callable[[], None]
    most_seconds: float
    seconds: list[float] = field(default_factory=list)


def measure_whole_answers(stack: WholeStack, stored: Mapping[str, str]) -> Sequence[WholeAnswer]:
    """Reads each answer to its end in turns, one at a time."""
    with httpx.Client(base_url=stack.api, trust_env=False, timeout=_SECONDS) as client:
        batch = f"/api/predict/batch/{_finished_batch(client)}"
        conversation = f"/api/chat/conversations/{stored['long_conversation']}"
        read, messages = partial(_read, client), f"{LARGE.longest_conversation:,} messages"
        answers = (
            WholeAnswer(f"{_RESULTS // 2:,} results in pages", partial(_read_pages, client, batch, _RESULTS // 2), 1),
            WholeAnswer(f"{_RESULTS:,} results in pages", partial(_read_pages, client, batch, _RESULTS), 2),
            WholeAnswer(f"{_RESULTS:,} results as CSV", partial(read, f"{batch}/results?format=csv"), 1),
            WholeAnswer(f"a conversation of {messages}", partial(read, conversation), 2),
            WholeAnswer(f"its notebook of {messages}", partial(read, f"{conversation}/export?format=notebook"), 2),
        )
        for answer in [*answers, *answers * _ROUNDS]:
            started = time.perf_counter()
            answer.read()
            answer.seconds.append(time.perf_counter() - started)
    for answer in answers:
        del answer.seconds[0]  # which warms up
    return answers


def table_of(answers: Sequence[WholeAnswer]) -> Table:
    """Returns what was measured."""
    rows = [(each.name, *(f"{figure(each.seconds):.2f}" for figure in (median, max))) for each in answers]
    return Table("Whole answers where much is stored, s", ("answer", "median", "longest"), rows)


def goals_of(answers: Sequence[WholeAnswer]) -> list[Goal]:
    """Returns the goals of the medians."""
    return [at_most(f"Whole: {each.name}", each.most_seconds, median(each.seconds), "s", digits=2) for each in answers]


def _finished_batch(client: httpx.Client) -> str:
    sent = client.post("/api/predict/eclo/batch", json={"accidents": [ACCIDENT] * _RESULTS}).raise_for_status().json()
    deadline = time.monotonic() + _SECONDS
    while client.get(f"/api/predict/batch/{sent['batch_id']}").json()["done"] < _RESULTS:
        if time.monotonic() > deadline:
            raise ProgramFailed(f"A batch of {_RESULTS} was not predicted in {_SECONDS:.0f} s.")
        time.sleep(_LOOK_SECONDS)
    return str(sent["batch_id"])


def _read(client: httpx.Client, path: str) -> None:
    with client.stream("GET", path) as response:
        response.raise_for_status()
        for _ in response.iter_raw():
            pass


def _read_pages(client: httpx.Client, batch: str, results: int) -> None:
    after = ""
    for _ in range(results // _PAGE):
        page = client.get(f"{batch}/results?limit={_PAGE}&after={after}").raise_for_status().json()
        after = page["next"]
