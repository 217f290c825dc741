"""GET /health and /health/live, with services that fall ill, hang and are away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2_grpc import HealthServicer, add_HealthServicer_to_server

from gateway.routes import health as health_of_whole
from servicekit import health as health_of_service
from servicekit.settings import VERSION
from tests.contract.gateway.fake_services import CHAT, DATASET, PREDICTION, FakeService, prediction_service
from tests.contract.gateway.running_gateway import Gateway, refusal, running_gateway, targets_of

LIMITS = ("servicekit.health.PROBE_SECONDS", "gateway.routes.health._PROBE_SECONDS")
"""How long a service waits for what it depends on, and the gateway for a service."""
DEFAULT_LIMITS = (health_of_service.PROBE_SECONDS, health_of_whole._PROBE_SECONDS)
PARTS = {"prediction", "dataset", "chat", "database", "redis", "worker", "storage"}


@dataclass
class Services:
    """The three services. Each test has its own, as a service remembers for a moment how something was."""

    prediction: FakeService
    dataset: FakeService
    chat: FakeService

    def fall_ill(self, *names: str) -> None:
        """Lets what is named fail, as `prediction.redis`, or as `database` wherever a service depends on it."""
        for name in names:
            service, _, part = name.partition(".")
            for one in [getattr(self, service)] if part else vars(self).values():
                one.probes[part or name].works = False


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    services = Services(
        prediction_service(), FakeService((DATASET, "database", "storage")), FakeService((CHAT, "database", "redis"))
    )
    async with services.prediction.running(), services.dataset.running(), services.chat.running():
        yield services


@pytest.fixture
async def gateway(services: Services) -> AsyncIterator[Gateway]:
    async with running_gateway(**targets_of(services.prediction, services.dataset, services.chat)) as client:
        yield client


class SilentHealth(HealthServicer):  # type: ignore[misc]  # generated without types
    """Takes the question and never answers."""

    async def Check(self, _request: Any, _context: Any) -> Any:
        await asyncio.Event().wait()


async def health(gateway: Gateway) -> tuple[int, str, set[str]]:
    """Returns the status code, the state of the whole, and the parts that are not healthy."""
    response = await gateway.get("/health")
    answer = response.json()
    assert answer["services"].keys() == PARTS
    ill = {name for name, part in answer["services"].items() if part["status"] != "healthy"}
    return response.status_code, answer["status"], ill


async def test_everything_well_is_healthy(gateway: Gateway) -> None:
    response = await gateway.get("/health")

    answer = response.json()
    assert (response.status_code, answer["success"], answer["error"]) == (200, True, None)
    assert (answer["status"], answer["version"]) == ("healthy", VERSION)
    assert answer["services"].keys() == PARTS
    for part in answer["services"].values():
        assert part["status"] == "healthy"
        assert part["latency_ms"] >= 0


@pytest.mark.parametrize(
    ("ill", "answer"),
    [
        ([f"dataset.{DATASET}"], (200, "degraded", {"dataset"})),
        (["dataset.storage"], (200, "degraded", {"storage"})),
        ([f"chat.{CHAT}"], (200, "degraded", {"chat"})),
        (["prediction.redis", "chat.redis"], (200, "degraded", {"redis"})),
        (["prediction.redis"], (200, "degraded", {"redis"})),
        (["prediction.worker"], (200, "degraded", {"worker"})),
        (["chat.redis"], (200, "healthy", set())),  # an answer needs no cache
        (["database"], (503, "unhealthy", {"database"})),
    ],
    ids=str,
)
async def test_whole_is_as_healthy_as_what_predictions_need(
    gateway: Gateway, services: Services, ill: list[str], answer: tuple[int, str, set[str]]
) -> None:
    services.fall_ill(*ill)
    assert await health(gateway) == answer


async def test_without_predictions_the_whole_is_unhealthy_until_they_come_back(
    gateway: Gateway, services: Services
) -> None:
    services.fall_ill(f"prediction.{PREDICTION}")
    assert await health(gateway) == (503, "unhealthy", {"prediction"})
    response = await gateway.get("/health")
    assert refusal(response) == (503, "SERVICE_UNAVAILABLE")
    assert response.json()["error"] == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."

    services.prediction.probes[PREDICTION].works = True
    while (await health(gateway))[1] != "healthy":
        pass


def test_answer_comes_within_a_second() -> None:
    service, gateway = DEFAULT_LIMITS
    assert service < gateway < 1


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("hung", ["database", "worker", PREDICTION])
async def test_part_that_hangs_is_waited_for_no_longer_than_allowed(
    gateway: Gateway, services: Services, monkeypatch: pytest.MonkeyPatch, hung: str, limit: str
) -> None:
    monkeypatch.setattr(limit, 0.1)
    services.prediction.probes[hung].may_answer.clear()

    _, _, ill = await health(gateway)

    assert hung == "database" or {PREDICTION: "prediction"}.get(hung, hung) in ill  # of which others may know more


async def test_service_that_never_answers_is_waited_for_no_longer_than_allowed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITS[1], 0.5)
    server = grpc.aio.server()
    add_HealthServicer_to_server(SilentHealth(), server)
    silent = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    targets = targets_of(services.prediction, services.dataset, services.chat)
    async with running_gateway(**targets | {"prediction_target": silent}) as gateway:
        while (response := await gateway.get("/health")).json()["services"]["database"]["status"] != "healthy":
            pass  # of which the others can tell, unless the machine is too slow for this limit
    await server.stop(0)

    answer = response.json()
    assert (response.status_code, answer["status"]) == (503, "unhealthy")
    assert answer["services"]["prediction"] == {"status": "unhealthy", "latency_ms": None}
    assert answer["services"]["worker"] == {"status": "unknown", "latency_ms": None}  # only prediction could tell


async def test_nobody_there_is_unhealthy_at_once_and_the_gateway_alive() -> None:
    async with running_gateway() as gateway:
        response = await gateway.get("/health")
        live = await gateway.get("/health/live")

    answer = response.json()
    assert (response.status_code, answer["status"]) == (503, "unhealthy")
    assert {name: part["status"] for name, part in answer["services"].items()} == {
        name: "unhealthy" if name in ("prediction", "dataset", "chat") else "unknown" for name in PARTS
    }
    assert (live.status_code, live.json()["success"]) == (200, True)


async def test_live_touches_nothing(gateway: Gateway, services: Services) -> None:
    for probe in services.prediction.probes.values():
        probe.may_answer.clear()
    response = await gateway.get("/health/live")
    assert (response.status_code, response.json()["status"]) == (200, "alive")
