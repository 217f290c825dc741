"""One of two replicas of each service is restarted beside all journeys, and no caller notices.

`./scripts/bench rolling` restarts all, also page and gateway, and with files of 50 MB.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.benchmarks.rolling_journeys import Journeys, Pace
from tests.contract.gateway.running_gateway import Gateway, running_gateway
from tests.eventually import eventually
from tests.processes import Program, Service, service, worker
from tests.scripted_messages_api import ScriptedMessagesApi, says

PACE = Pace(predictions_per_second=20, chats=2)
ANSWER, PAUSE_SECONDS = "사고는 18시에 가장 많았습니다. " * 5, 0.1  # a stream of some seconds
ROLLED = ("prediction", "dataset", "chat", "worker")
# A call by each channel to the service: all have found a replica again when all of these have reached it.
CALLS = {
    "prediction": ("PredictMany", "ListPredictions", "CreateBatch"),
    "dataset": ("GetDataset", "UploadDataset"),
    "chat": ("SendMessage", "ListConversations"),
}


@pytest.fixture
def messages_api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi(brain=lambda _: says(ANSWER, seconds_between=PAUSE_SECONDS)).running_in_thread() as api:
        yield api


async def test_no_request_fails_and_nothing_is_lost_or_stored_twice(
    tmp_path: Path, database_url: str, redis_url: str, messages_api: ScriptedMessagesApi
) -> None:
    shared = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "STATE_DIR": str(tmp_path / "state")}
    with ExitStack() as running:

        def start(name: str, **environment: str) -> list[Service]:
            replicas = [
                service(name, tmp_path / f"{name}-{number}", **shared, **environment)
                for number in range(2 if name in ROLLED else 1)
            ]
            for replica in replicas:
                running.callback(replica.kill)
                replica.start(wait=False)
            return replicas

        predictions = start("prediction")
        datasets = start("dataset", PREDICTION_TARGET=target(predictions))
        chats = start("chat", DATASET_TARGET=target(datasets), ANTHROPIC_BASE_URL=messages_api.url)
        workers = [
            running.enter_context(
                worker(tmp_path / f"worker-{n}", target(predictions), redis_url, DATASET_TARGET=target(datasets))
            )
            for n in range(2)
        ]
        for replica in (*predictions, *datasets, *chats):
            replica.wait_until_ready()
        async with running_gateway(
            prediction_target=target(predictions), dataset_target=target(datasets), chat_target=target(chats)
        ) as client:
            await is_healthy(client)
            async with Journeys(str(client.base_url), None, PACE).running() as journeys:
                replicas: dict[str, Sequence[Program]] = {
                    "prediction": predictions, "dataset": datasets, "chat": chats, "worker": workers
                }  # fmt: skip
                for name in ROLLED:
                    await restart(name, replicas[name][0])
            lost, doubled = await journeys.lost_and_doubled()
    seen = journeys.seen
    assert (seen.failures, lost, doubled) == ([], set(), set())
    done = seen.done
    assert {"predictions", "explanations", "batches", "uploads", "shares", "lists", "chats"} <= done.keys()


def target(replicas: list[Service]) -> str:
    return ",".join(replica.target for replica in replicas)


async def is_healthy(client: Gateway) -> None:
    """Returns once all parts have answered in time: first connections take long on a busy machine."""
    health: dict[str, str] = {}
    while health.get("status") != "healthy":
        health = (await client.get("/health")).json()


async def restart(name: str, replica: Program) -> None:
    """Restarts a replica, and waits until it has its part of the work again: then the next one could go."""
    await is_used(name, replica, since=0)
    assert await asyncio.to_thread(replica.stop) == 0
    restarted = replica.log.stat().st_size
    await asyncio.to_thread(replica.start)
    await is_used(name, replica, since=restarted)


async def is_used(name: str, replica: Program, *, since: int) -> None:
    """Returns once calls reach the replica, which its log shows from a place on. A worker calls, and is ready."""

    def has_answered() -> bool:
        with replica.log.open() as log:
            log.seek(since)
            lines = log.read()
        return all(f"/{method}" in lines for method in CALLS.get(name, ()))

    await eventually(has_answered)
