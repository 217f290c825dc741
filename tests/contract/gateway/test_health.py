"""GET /health and /health/live, with services that fall ill, hang and are away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1.health_pb2_grpc import HealthServicer, add_HealthServicer_to_server

from gateway.routes import health as health_of_whole
from servicekit import health as health_of_service
from servicekit.settings import VERSION
from tests.contract.gateway.fake_services import (
    CHAT,
    DATASET,
    PREDICTION,
    FakeProbe,
    FakeService,
    prediction_service,
)
from tests.contract.gateway.running_gateway import running_gateway

LIMITS = ("servicekit.health.PROBE_SECONDS", "gateway.routes.health._PROBE_SECONDS")
"""How long a service waits for what it depends on, and the gateway for a service."""
DEFAULT_LIMITS = (health_of_service.PROBE_SECONDS, health_of_whole._PROBE_SECONDS)
PARTS = {"prediction", "dataset", "chat", "database", "redis", "worker", "storage"}


# A service remembers for a moment how something was: each test has services of its own.


@pytest.fixture
async def prediction() -> AsyncIterator[FakeService]:
    async with prediction_service().running() as service:
        yield service


@pytest.fixture
async def dataset() -> AsyncIterator[FakeService]:
    async with FakeService((DATASET, "database", "storage")).running() as service:
        yield service


@pytest.fixture
async def chat() -> AsyncIterator[FakeService]:
    async with FakeService((CHAT, "database", "redis")).running() as service:
        yield service


@pytest.fixture
async def gateway(prediction: FakeService, dataset: FakeService, chat: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    targets = {"prediction_target": prediction.target, "dataset_target": dataset.target, "chat_target": chat.target}
    async with running_gateway(**targets) as client:
        yield client


class SilentHealth(HealthServicer):  # type: ignore[misc]  # generated without types
    """Takes the question and never answers."""

    async def Check(self, _request: Any, _context: Any) -> Any:
        await asyncio.Event().wait()


async def health(gateway: httpx.AsyncClient) -> tuple[int, str, set[str]]:
    """Returns the status code, the state of the whole, and the parts that are not healthy."""
    response = await gateway.get("/health")
    answer = response.json()
    assert answer["services"].keys() == PARTS
    ill = {name for name, part in answer["services"].items() if part["status"] != "healthy"}
    return response.status_code, answer["status"], ill


def fall_ill(service: FakeService, name: str) -> None:
    service.probes[name].works = False


async def test_everything_well_is_healthy(gateway: httpx.AsyncClient) -> None:
    response = await gateway.get("/health")

    answer = response.json()
    assert (response.status_code, answer["success"], answer["error"]) == (200, True, None)
    assert (answer["status"], answer["version"]) == ("healthy", VERSION)
    assert answer["services"].keys() == PARTS
    for part in answer["services"].values():
        assert part["status"] == "healthy"
        assert part["latency_ms"] >= 0


async def test_without_a_dataset_service_the_rest_works(gateway: httpx.AsyncClient, dataset: FakeService) -> None:
    fall_ill(dataset, DATASET)
    assert await health(gateway) == (200, "degraded", {"dataset"})


async def test_full_disk_is_told_while_the_rest_works(gateway: httpx.AsyncClient, dataset: FakeService) -> None:
    fall_ill(dataset, "storage")
    assert await health(gateway) == (200, "degraded", {"storage"})


async def test_without_a_chat_service_the_rest_works(gateway: httpx.AsyncClient, chat: FakeService) -> None:
    fall_ill(chat, CHAT)
    assert await health(gateway) == (200, "degraded", {"chat"})


@pytest.mark.parametrize("part", ["redis", "worker"])
async def test_single_predictions_need_neither_queue_nor_worker(
    gateway: httpx.AsyncClient, prediction: FakeService, chat: FakeService, part: str
) -> None:
    for service in (prediction, chat):
        service.probes.get(part, FakeProbe()).works = False
    assert await health(gateway) == (200, "degraded", {part})


async def test_redis_of_the_batches_is_told_though_that_of_the_chat_works(
    gateway: httpx.AsyncClient, prediction: FakeService
) -> None:
    fall_ill(prediction, "redis")
    assert await health(gateway) == (200, "degraded", {"redis"})


async def test_chat_goes_on_without_its_answer_cache(gateway: httpx.AsyncClient, chat: FakeService) -> None:
    fall_ill(chat, "redis")
    assert await health(gateway) == (200, "healthy", set())


async def test_without_predictions_the_whole_is_unhealthy(gateway: httpx.AsyncClient, prediction: FakeService) -> None:
    fall_ill(prediction, PREDICTION)
    assert await health(gateway) == (503, "unhealthy", {"prediction"})


async def test_without_a_database_the_whole_is_unhealthy(
    gateway: httpx.AsyncClient, prediction: FakeService, dataset: FakeService, chat: FakeService
) -> None:
    for service in (prediction, dataset, chat):
        fall_ill(service, "database")
    assert await health(gateway) == (503, "unhealthy", {"database"})


async def test_unhealthy_answer_is_a_refusal_as_any_other(gateway: httpx.AsyncClient, prediction: FakeService) -> None:
    fall_ill(prediction, PREDICTION)

    response = await gateway.get("/health")

    answer = response.json()
    assert (answer["success"], answer["code"]) == (False, "SERVICE_UNAVAILABLE")
    assert answer["error"] == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."
    assert answer["request_id"] == response.headers["x-request-id"]
    assert response.headers["retry-after"]


def test_answer_comes_within_a_second() -> None:
    service, gateway = DEFAULT_LIMITS
    assert service < gateway < 1


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("hung", ["database", "worker", PREDICTION])
async def test_part_that_hangs_is_waited_for_no_longer_than_allowed(
    gateway: httpx.AsyncClient, prediction: FakeService, monkeypatch: pytest.MonkeyPatch, hung: str, limit: str
) -> None:
    monkeypatch.setattr(limit, 0.1)
    prediction.probes[hung].may_answer.clear()

    response = await gateway.get("/health")

    part = {PREDICTION: "prediction"}.get(hung, hung)
    if part != "database":  # of which another service may know more
        assert response.json()["services"][part]["status"] != "healthy"


async def test_service_that_never_answers_is_waited_for_no_longer_than_allowed(
    dataset: FakeService, chat: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITS[1], 0.5)
    server = grpc.aio.server()
    add_HealthServicer_to_server(SilentHealth(), server)
    silent = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    targets = {"prediction_target": silent, "dataset_target": dataset.target, "chat_target": chat.target}
    async with running_gateway(**targets) as gateway:
        while (response := await gateway.get("/health")).json()["services"]["database"]["status"] != "healthy":
            pass  # of which the others can tell, unless the machine is too slow for this limit
    await server.stop(0)

    answer = response.json()
    assert (response.status_code, answer["status"]) == (503, "unhealthy")
    assert answer["services"]["prediction"] == {"status": "unhealthy", "latency_ms": None}
    assert answer["services"]["worker"] == {"status": "unknown", "latency_ms": None}  # only prediction could tell


async def test_nobody_there_is_unhealthy_at_once() -> None:
    async with running_gateway() as gateway:
        response = await gateway.get("/health")

    answer = response.json()
    assert (response.status_code, answer["status"]) == (503, "unhealthy")
    assert {name: part["status"] for name, part in answer["services"].items()} == {
        "prediction": "unhealthy",
        "dataset": "unhealthy",
        "chat": "unhealthy",
        "database": "unknown",
        "redis": "unknown",
        "worker": "unknown",
        "storage": "unknown",
    }


async def test_service_that_comes_back_is_healthy_again(gateway: httpx.AsyncClient, prediction: FakeService) -> None:
    fall_ill(prediction, PREDICTION)
    assert (await health(gateway))[1] == "unhealthy"

    prediction.probes[PREDICTION].works = True
    while (await health(gateway))[1] != "healthy":
        pass


async def test_live_touches_nothing(gateway: httpx.AsyncClient, prediction: FakeService) -> None:
    for probe in prediction.probes.values():
        probe.may_answer.clear()

    response = await gateway.get("/health/live")

    assert (response.status_code, response.json()["status"]) == (200, "alive")


async def test_live_answers_while_nobody_is_there() -> None:
    async with running_gateway() as gateway:
        response = await gateway.get("/health/live")

    assert (response.status_code, response.json()["success"]) == (200, True)
