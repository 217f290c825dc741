"""All that people do, at once: predictions, batches, uploads, shares, questions and open pages, each remembered.

What was acknowledged is looked for afterwards, by REST alone, so that the same journeys go on beside any stack.
"""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.visitor import Disconnected, visiting

_SECONDS = 60.0
_PREDICTORS = 10
_BATCH_ROWS = 200
_LOOK_EVERY_SECONDS = 0.2
_PAGE_ROWS = 100
_KEY = "sk-ant-a-journey-needs-none"
_CLIENT = "journeys"
_KINDS = {"predictions": "prediction_id", "datasets": "dataset_id"}
_ENDS = ("done", "stopped", "error")

Journey = Callable[[httpx.AsyncClient], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done: predictions a second, bytes of each upload, and questions asked at the same time."""

    predictions_per_second: float = 100.0
    upload_bytes: int = 100_000
    chats: int = 4
    tabs: int = 2


@dataclass(slots=True)
class Seen:
    """What was acknowledged, and what failed: (journey, status or kind of error, text)."""

    predictions: list[str] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)  # question and conversation
    done: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    resumed: int = 0
    sessions_lost: int = 0


class Journeys:
    """Journeys beside a stack; `seen` has what came of them."""

    def __init__(self, api: str, page: str | None, pace: Pace) -> None:
        self._api, self._page, self._pace = api, page, pace
        self._over = asyncio.Event()
        self._numbers = itertools.count()
        self.seen = Seen()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Journeys"]:
        """Goes on inside the block; each journey is brought to its end afterwards."""
        journeys: list[tuple[str, Journey]] = [
            *[("predictions", self._predict)] * _PREDICTORS,
            ("explanations", self._explain),
            ("batches", self._batch),
            ("uploads", self._upload),
            ("shares", self._share),
            ("lists", self._look),
            *[("chats", self._chat)] * self._pace.chats,
        ]
        async with self._client() as client:
            self._earlier = {
                item[name] for kind, name in _KINDS.items() for item in await _list(client, f"/api/{kind}", kind)
            }
            self._shared = await self._store(client, b"a,b\n1,2\n")
            tasks = [asyncio.create_task(self._repeat(*journey)) for journey in journeys]
            if self._page is not None:
                tasks += [asyncio.create_task(self._visit(self._page)) for _ in range(self._pace.tabs)]
            try:
                yield self
            finally:
                self._over.set()
                await asyncio.gather(*tasks)

    async def lost_and_doubled(self) -> tuple[set[str], set[str]]:
        """Returns what was acknowledged and is not there, and what is there without having been, or more than once."""
        async with self._client() as client:
            lost, doubled = await self._compare("predictions", client, self.seen.predictions)
            lost_files, doubled_files = await self._compare("datasets", client, self.seen.datasets)
            rows, said = await self._read_batches(client), await self._read_conversations(client)
        lost |= lost_files | {batch for batch, count in rows.items() if count < _BATCH_ROWS}
        doubled |= doubled_files | {batch for batch, count in rows.items() if count > _BATCH_ROWS}
        lost |= {conversation for conversation, count in said.items() if count < 2}
        return lost, doubled | {conversation for conversation, count in said.items() if count > 2}

    def _client(self) -> httpx.AsyncClient:
        headers = {"X-Anthropic-API-Key": _KEY, "X-Client-Id": _CLIENT}
        return httpx.AsyncClient(base_url=self._api, timeout=_SECONDS, trust_env=False, headers=headers)

    async def _repeat(self, name: str, journey: Journey) -> None:
        async with self._client() as client:
            while not self._over.is_set():
                try:
                    await journey(client)
                    self.seen.done[name] += 1
                except httpx.HTTPStatusError as error:
                    await self._fail(name, str(error.response.status_code), error.response.text)
                except (httpx.HTTPError, ProgramFailed) as error:
                    await self._fail(name, type(error).__name__, str(error))

    async def _fail(self, name: str, kind: str, text: str) -> None:
        self.seen.failures.append((name, kind, text))
        await self._pause(0.2)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def _predict(self, client: httpx.AsyncClient) -> None:
        next_at = time.monotonic() + _PREDICTORS / self._pace.predictions_per_second
        answer = await _call(client, "POST", "/api/predict/eclo", json=ACCIDENT_EXAMPLE)
        self.seen.predictions.append(answer["prediction_id"])
        await self._pause(max(0.0, next_at - time.monotonic()))

    async def _explain(self, client: httpx.AsyncClient) -> None:
        answer = await _call(client, "POST", "/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"explain": True})
        self.seen.predictions.append(answer["prediction_id"])
        await self._pause(0.2)

    async def _batch(self, client: httpx.AsyncClient) -> None:
        body = {"accidents": [ACCIDENT_EXAMPLE] * _BATCH_ROWS}
        batch = (await _call(client, "POST", "/api/predict/eclo/batch", json=body))["batch_id"]
        self.seen.batches.append(batch)
        while (state := await _call(client, "GET", f"/api/predict/batch/{batch}"))["status"] != "completed":
            if state["status"] == "failed":
                raise ProgramFailed(f"batch {batch} failed")
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _upload(self, client: httpx.AsyncClient) -> None:
        dataset = await self._store(client, _csv(next(self._numbers), self._pace.upload_bytes))
        await _call(client, "GET", f"/api/datasets/{dataset}/data", params={"limit": 5})
        await self._pause(0.5)

    async def _store(self, client: httpx.AsyncClient, content: bytes) -> str:
        files = {"file": ("journey.csv", content, "text/csv")}
        dataset = str((await _call(client, "POST", "/api/datasets/upload", files=files))["dataset_id"])
        self.seen.datasets.append(dataset)
        return dataset

    async def _share(self, client: httpx.AsyncClient) -> None:
        path = f"/api/datasets/{self._shared}/share"
        link = await _call(client, "POST", path, json={})
        await _call(client, "GET", f"/api/shared/{link['share_token']}")
        await _call(client, "DELETE", f"{path}/{link['link_id']}")
        await self._pause(0.2)

    async def _look(self, client: httpx.AsyncClient) -> None:
        for path in ("/api/predictions", "/api/datasets", "/api/predict/batch", "/api/chat/conversations"):
            await _call(client, "GET", path, params={"limit": 5})
        await self._pause(0.2)

    async def _chat(self, client: httpx.AsyncClient) -> None:
        """Asks and reads the answer as it is written. A stream that breaks is taken up again, as the page does."""
        question = {"dataset_id": self._shared, "message": f"질문 {next(self._numbers)}"}
        known: dict[str, str] = {}
        try:
            end = await _read(client, known, "POST", "/api/chat/message/stream", json=question)
        except (httpx.TransportError, _StreamBroken):
            if "question_id" not in known:
                raise
            end = await self._take_up(client, known)
        self.seen.questions.append((known["question_id"], known["conversation_id"]))
        if end != "done":
            raise ProgramFailed(f"question {known['question_id']} ended with {end}: {known.get('error')}")

    async def _take_up(self, client: httpx.AsyncClient, known: dict[str, str]) -> str:
        path = f"/api/chat/questions/{known['question_id']}/stream"
        headers = {"Last-Event-ID": known["id"]} if "id" in known else {}
        end = await _read(client, known, "GET", path, headers=headers)
        self.seen.resumed += 1
        return end

    async def _visit(self, page: str) -> None:
        """Opens the page and presses a button now and then. A browser whose connection is cut connects again."""
        while not self._over.is_set():
            try:
                async with visiting(page) as visitor:
                    await visitor.load()
                    while not self._over.is_set():
                        await visitor.press("predict")
                        self.seen.done["presses"] += 1
                        await self._pause(1.0)
            except (Disconnected, WebSocketException):
                self.seen.sessions_lost += 1
            except (httpx.HTTPError, OSError, ProgramFailed) as error:
                await self._fail("pages", type(error).__name__, str(error))

    async def _compare(
        self, kind: str, client: httpx.AsyncClient, acknowledged: list[str]
    ) -> tuple[set[str], set[str]]:
        stored = Counter(item[_KINDS[kind]] for item in await _list(client, f"/api/{kind}", kind))
        # The page predicts as well, and these journeys do not learn the ids.
        is_ours_alone = kind != "predictions" or self._page is None
        unknown = stored.keys() - self._earlier - set(acknowledged) if is_ours_alone else set()
        return set(acknowledged) - stored.keys(), unknown | {item for item, count in stored.items() if count > 1}

    async def _read_batches(self, client: httpx.AsyncClient) -> dict[str, int]:
        return {
            batch: (await _call(client, "GET", f"/api/predict/batch/{batch}"))["done"] for batch in self.seen.batches
        }

    async def _read_conversations(self, client: httpx.AsyncClient) -> dict[str, int]:
        counts = {}
        for _, conversation in self.seen.questions:
            answer = await _call(client, "GET", f"/api/chat/conversations/{conversation}")
            counts[conversation] = len(answer["messages"])
        return counts


class _StreamBroken(Exception):
    """The stream ended without an end of the answer."""


async def _call(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.request(method, path, **more)).raise_for_status().json()
    return answer


async def _read(client: httpx.AsyncClient, known: dict[str, str], method: str, path: str, **more: Any) -> str:
    """Reads a stream of events to its end, which it returns, and keeps what is needed to take it up again."""
    event = ""
    async with client.stream(method, path, **more) as response:
        if response.is_error:
            await response.aread()  # the report quotes it
        response.raise_for_status()
        async for line in response.aiter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                event = value
            elif key == "id":
                known["id"] = value
            elif key == "data":
                facts = json.loads(value)
                if event == "start":
                    known |= {name: facts[name] for name in ("question_id", "conversation_id")}
                if event in _ENDS:
                    known["error"] = value
                    return event
    raise _StreamBroken


async def _list(client: httpx.AsyncClient, path: str, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": _PAGE_ROWS}
    while True:
        page = await _call(client, "GET", path, params=query)
        items += page[name]
        after = page.get("next", page.get("next_cursor"))
        if after is None:
            return items
        query["after" if "next" in page else "cursor"] = after


def _csv(number: int, size: int) -> bytes:
    line = f"{number},35.87,128.6,대구광역시 수성구 범어동\n"
    return ("번호,위도,경도,주소\n" + line * (size // len(line.encode()))).encode()
