"""What people do on the page, as visitors without a browser do it. Each journey returns the seconds it waited."""

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import httpx

from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.visitor import Visitor
from tests.scripted_messages_api import Brain, says

CHARTS, UPLOADS, CHATS, PREDICTIONS = "charts", "uploads", "chats", "predictions"
_WORD = "사고가 늘었습니다."
_NUMBERS = itertools.count()

Step = Callable[[Visitor], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Journey:
    """What a person does again and again, and how long he reads it, or fills in a form, before the next time."""

    step: Step
    pause_seconds: float


def journeys(api: str, dataset_id: str, file: bytes, stream_seconds: float) -> Mapping[str, Journey]:
    """Returns the journeys on a stack whose gateway is at `api`, which has the dataset."""
    return {
        CHARTS: Journey(partial(look_at_charts, dataset_id), 20.0),
        UPLOADS: Journey(partial(upload_and_open, api, file), 60.0),
        CHATS: Journey(partial(chat, dataset_id, stream_seconds), 15.0),
        PREDICTIONS: Journey(predict, 15.0),
    }


async def look_at_charts(dataset_id: str, tab: Visitor) -> float:
    """Opens 시각화 of a dataset, with its map."""
    started = time.perf_counter()
    await tab.open("explore", f"dataset={dataset_id}")
    return time.perf_counter() - started


async def upload_and_open(api: str, file: bytes, tab: Visitor) -> float:
    """Uploads a file through the page and opens the dataset, which is deleted afterwards."""
    started = time.perf_counter()
    form = {"file": (f"{next(_NUMBERS)}.csv", file, "text/csv")}
    answer = await tab.client.post("/upload/dataset", files=form)
    if answer.status_code != httpx.codes.CREATED:
        raise ProgramFailed(answer.text)
    dataset_id = answer.json()["id"]
    await tab.open("datasets", f"dataset={dataset_id}")
    taken = time.perf_counter() - started
    async with httpx.AsyncClient(base_url=api, trust_env=False) as client:
        (await client.delete(f"/api/datasets/{dataset_id}", headers={"Origin": api})).raise_for_status()
    return taken


async def chat(dataset_id: str, stream_seconds: float, tab: Visitor) -> float:
    """Asks a question that was never asked. Returns what it took longer than the model's stream."""
    started = time.perf_counter()
    await tab.open("chat", f"dataset={dataset_id}")
    await tab.ask("chat.input", f"{next(_NUMBERS)}번째 질문: 사고가 늘었나요?")
    return time.perf_counter() - started - stream_seconds


async def predict(tab: Visitor) -> float:
    """Predicts what the form says."""
    started = time.perf_counter()
    await tab.open("", "")
    await tab.press("predict")
    return time.perf_counter() - started


def slow_model(stream_seconds: float, parts: int = 100) -> Brain:
    """Returns a model whose answer comes in parts over so many seconds."""
    words = -(-parts * 6 // (len(_WORD) + 1))
    text = " ".join([_WORD] * words)
    return lambda _: says(text, seconds_between=stream_seconds / -(-len(text) // 6))
