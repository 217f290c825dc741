"""What goes wrong in or before a service, all the way through gRPC and HTTP."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.refusals import REFUSALS
from tests.contract.gateway.fake_datasets import UNKNOWN_ID
from tests.contract.gateway.fake_services import FakeBatches, FakePredictions, FakeService, prediction_service
from tests.contract.gateway.running_gateway import NOBODY, Gateway, refusal, running_gateway

HISTORY, PREDICT, BATCH = "/api/predictions", "/api/predict/eclo", f"/api/predict/batch/{UNKNOWN_ID}"
ASK: dict[str, tuple[str, str, dict[str, Any]]] = {
    "history": ("GET", HISTORY, {}),
    "model": ("GET", "/api/predict/model", {}),
    "prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE}),
    "explained prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE | {"explain": True}}),
    "new batch": ("POST", f"{PREDICT}/batch", {"json": {"accidents": [ACCIDENT_EXAMPLE]}}),
    "batches": ("GET", "/api/predict/batch", {}),
    "batch": ("GET", BATCH, {}),
    "results": ("GET", f"{BATCH}/results", {}),
    "CSV": ("GET", f"{BATCH}/results?format=csv", {}),
    "cancellation": ("DELETE", BATCH, {}),
}


async def ask(gateway: Gateway, name: str) -> httpx.Response:
    method, path, options = ASK[name]
    return await gateway.request(method, path, **options)


@pytest.mark.parametrize("reason", ["BATCH_NOT_FOUND", "PREDICTIONS_BUSY"])
async def test_refusal_of_a_service_is_answered_with_its_status_and_its_sentence(
    gateway: Gateway, predictions: FakePredictions, reason: str
) -> None:
    predictions.refusal = Refused(reason, "the message for developers")
    response = await ask(gateway, "history")
    assert (*refusal(response), response.json()["error"]) == (
        REFUSALS[reason].status,
        reason,
        REFUSALS[reason].sentence,
    )
    assert "the message" not in response.text


@pytest.mark.parametrize("name", [name for name in ASK if name not in ("model", "explained prediction", "new batch")])
async def test_database_that_is_away_is_told_apart_and_the_cause_stays_inside(
    gateway: Gateway, predictions: FakePredictions, batches: FakeBatches, name: str
) -> None:
    predictions.refusal = batches.refusal = DatabaseUnavailable("DATABASE_UNAVAILABLE", "password=secret")
    response = await ask(gateway, name)
    assert refusal(response) == (503, "DATABASE_UNAVAILABLE")
    assert response.json()["error"] == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."
    assert "secret" not in response.text


async def test_unforeseen_fault_of_a_service_says_nothing_of_itself(
    gateway: Gateway, predictions: FakePredictions
) -> None:
    predictions.fault = RuntimeError("SELECT secret FROM predictions")
    response = await ask(gateway, "history")
    assert refusal(response) == (500, "INTERNAL")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("history", {"quick_seconds": 0.2}),
        ("history", {"handler_seconds": 0.2}),
        ("prediction", {"quick_seconds": 0.2}),
        ("explained prediction", {"quick_seconds": 0.2}),
        ("new batch", {"call_seconds": 0.3}),
    ],
)
async def test_service_that_does_not_answer_is_a_time_out(
    prediction: FakeService, predictions: FakePredictions, batches: FakeBatches, name: str, limit: dict[str, float]
) -> None:
    predictions.may_answer.clear()
    batches.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, **limit) as gateway:
        response = await ask(gateway, name)
    assert refusal(response) == (504, "DEADLINE_PASSED")
    assert response.json()["error"] == "요청 시간 초과. 다시 시도해주세요"


@pytest.mark.parametrize("name", ["history", "model", "prediction", "explained prediction", "new batch"])
async def test_service_that_is_away_is_unavailable(name: str) -> None:
    limits = {"quick_seconds": 0.5} if name == "prediction" else {}  # one waits for the service to come back
    async with running_gateway(prediction_target=NOBODY, **limits) as gateway:
        while (response := await ask(gateway, name)).status_code == 504:
            pass  # the connection has not been refused yet
    assert refusal(response) == (503, "SERVICE_UNAVAILABLE")
    assert response.json()["error"] == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."


async def test_service_that_stops_while_it_is_asked_is_unavailable_until_it_comes_back() -> None:
    service = prediction_service()
    predictions = service.predictions
    assert predictions
    async with AsyncExitStack() as ours:
        async with service.running():
            gateway = await ours.enter_async_context(running_gateway(prediction_target=service.target))
            predictions.may_answer.clear()
            asking = asyncio.create_task(ask(gateway, "history"))
            await predictions.was_asked.wait()
        assert refusal(await asking) == (503, "SERVICE_UNAVAILABLE")
        predictions.may_answer.set()
        async with service.running():
            for name in ("history", "model"):
                while (response := await ask(gateway, name)).status_code == 503:
                    pass
                assert response.status_code == 200


class Cable:
    """Connections to a port, by way of another."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._ends: list[asyncio.StreamWriter] = []
        self.target = ""
        self.is_stuck = False

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._ends += writer, there_writer
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer), return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.is_stuck:
                writer.write(data)

    def cut(self) -> None:
        for end in self._ends:
            plug = end.get_extra_info("socket")
            with suppress(OSError, AttributeError):  # this end has closed by itself already
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()
        self._ends.clear()


@asynccontextmanager
async def cable(service: FakeService) -> AsyncIterator[Cable]:
    """Yields what leads to the service and can be cut."""
    cable = Cable(service.port)
    server = await asyncio.start_server(cable.lead, "127.0.0.1", 0)
    cable.target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield cable
    finally:
        server.close()
        cable.cut()


@pytest.mark.parametrize(("comes_back", "status"), [(True, 200), (False, 503)])
async def test_connection_that_is_reset_is_opened_again_for_the_same_question_if_the_service_is_there(
    prediction: FakeService, predictions: FakePredictions, comes_back: bool, status: int
) -> None:
    predictions.may_answer.clear()
    async with cable(prediction) as wire, running_gateway(prediction_target=wire.target) as gateway:
        asking = asyncio.create_task(ask(gateway, "history"))
        await predictions.was_asked.wait()
        wire.cut()
        if comes_back:
            predictions.may_answer.set()
        else:
            wire.port = 1  # nothing listens there
        response = await asking

    assert response.status_code == status
    assert len(predictions.listed) == (2 if comes_back else 1)


@pytest.mark.parametrize("name", ["history", "model", "batches"])
async def test_service_that_is_stuck_is_a_time_out(prediction: FakeService, batches: FakeBatches, name: str) -> None:
    async with cable(prediction) as wire, running_gateway(prediction_target=wire.target, quick_seconds=0.5) as gateway:
        while (await ask(gateway, name)).status_code != 200:
            pass  # the limit may have passed on a busy machine
        wire.is_stuck = True
        assert refusal(await ask(gateway, name)) == (504, "DEADLINE_PASSED")
