"""Two prediction services that are restarted one after the other under load: no caller notices."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.running_gateway import running_gateway
from tests.eventually import eventually
from tests.processes import Service, service

PEOPLE = 3
# Between two requests of one of them: without it they take the processor from what is restarted.
_READS_SECONDS = 0.01

Work = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def predict(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
    return client.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE)


def explain(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
    return client.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"explain": True})


def look(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
    return client.get("/api/predictions", params={"limit": 5})


def create_batch(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
    return client.post("/api/predict/eclo/batch", json={"accidents": [ACCIDENT_EXAMPLE]})


async def test_no_request_fails_and_nothing_is_stored_twice(tmp_path: Path, database_url: str, redis_url: str) -> None:
    answers: list[Any] = []
    refusals: list[str] = []
    done = asyncio.Event()

    async def repeat(client: httpx.AsyncClient, work: Work) -> None:
        while not done.is_set():
            response = await work(client)
            if response.is_success:
                answers.append(response.json())
            elif response.status_code != 429:  # too many batches, as no worker runs here
                refusals.append(response.text)
            await asyncio.sleep(_READS_SECONDS)

    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    with ExitStack() as running:
        replicas = [
            running.enter_context(service("prediction", tmp_path / name, **environment)) for name in ("one", "two")
        ]
        target = ",".join(replica.target for replica in replicas)
        async with running_gateway(prediction_target=target) as client:
            people = [
                asyncio.create_task(repeat(client, work)) for work in [predict] * PEOPLE + [explain, look, create_batch]
            ]
            for replica in replicas:
                await is_used(replica, since=0)
                assert await asyncio.to_thread(replica.stop) == 0
                restarted = replica.log.stat().st_size
                await asyncio.to_thread(replica.start)
                # As one who restarts would: the next goes only when this one has its part of the work again.
                await is_used(replica, since=restarted)
            done.set()
            await asyncio.gather(*people)

            assert refusals == []
            given = [answer["prediction_id"] for answer in answers if "prediction_id" in answer]
            assert len(set(given)) == len(given)
            assert await stored_ids(client) == set(given)


async def is_used(replica: Service, *, since: int) -> None:
    """Returns once every channel of the gateway has found the replica, which its log shows from a place on."""

    def has_answered() -> bool:
        with replica.log.open() as log:
            log.seek(since)
            lines = log.read()
        return all(f"/{method}" in lines for method in ("PredictMany", "ListPredictions", "CreateBatch"))

    await eventually(has_answered)


async def stored_ids(client: httpx.AsyncClient) -> set[str]:
    ids: set[str] = set()
    cursor = None
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/predictions", params=query)).raise_for_status().json()
        ids |= {prediction["prediction_id"] for prediction in page["predictions"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return ids
