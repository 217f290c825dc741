"""What goes wrong in a service, all the way through gRPC and HTTP."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import pytest

from gateway.schemas.common import ErrorAnswer
from servicekit.errors import Refused
from servicekit.refusals import REFUSALS
from tests.contract.gateway.fake_services import FakePredictions, FakeService, prediction_service
from tests.contract.gateway.running_gateway import running_gateway

PATH = "/api/predictions"


@pytest.mark.parametrize("reason", ["BATCH_NOT_FOUND", "PREDICTIONS_BUSY", "DATABASE_UNAVAILABLE"])
async def test_refusal_of_a_service_is_answered_with_its_status_and_its_sentence(
    gateway: httpx.AsyncClient, predictions: FakePredictions, reason: str
) -> None:
    predictions.refusal = Refused(reason, "the message for developers")

    response = await gateway.get(PATH)

    answer = ErrorAnswer.model_validate(response.json())
    status, _, sentence = REFUSALS[reason]
    assert (response.status_code, answer.code, answer.error) == (status, reason, sentence)
    assert "the message" not in response.text
    assert ("retry-after" in response.headers) == (status != 404)


async def test_unforeseen_fault_of_a_service_says_nothing_of_itself(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    predictions.fault = RuntimeError("SELECT secret FROM predictions")

    response = await gateway.get(PATH)

    assert (response.status_code, response.json()["code"]) == (500, "INTERNAL")
    assert response.json()["error"] == REFUSALS["INTERNAL"].sentence
    assert "secret" not in response.text


async def test_service_that_stops_while_it_is_asked_is_unavailable() -> None:
    service = prediction_service()
    predictions = service.predictions
    assert predictions
    async with AsyncExitStack() as ours:
        async with service.running():
            gateway = await ours.enter_async_context(running_gateway(prediction_target=service.target))
            predictions.may_answer.clear()
            asking = asyncio.create_task(gateway.get(PATH))
            await predictions.was_asked.wait()
        response = await asking

    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


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


async def test_connection_that_is_reset_while_the_service_is_asked_is_unavailable(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    async with cable(prediction) as wire, running_gateway(prediction_target=wire.target) as gateway:
        asking = asyncio.create_task(gateway.get(PATH))
        await predictions.was_asked.wait()
        wire.cut()
        wire.port = 1  # nothing listens there
        response = await asking

    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


async def test_connection_that_is_reset_is_opened_again_for_the_same_question(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    async with cable(prediction) as wire, running_gateway(prediction_target=wire.target) as gateway:
        asking = asyncio.create_task(gateway.get(PATH))
        await predictions.was_asked.wait()
        wire.cut()
        predictions.may_answer.set()
        response = await asking

    assert response.status_code == 200
    assert len(predictions.listed) == 2


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("GET", "/api/predict/model"), ("GET", "/api/predict/batch")]
)
async def test_service_that_is_stuck_is_a_time_out(
    prediction: FakeService, predictions: FakePredictions, method: str, path: str
) -> None:
    async with cable(prediction) as wire, running_gateway(prediction_target=wire.target, quick_seconds=0.5) as gateway:
        while (await gateway.request(method, path)).status_code != 200:
            pass  # the limit may have passed on a busy machine
        wire.is_stuck = True
        response = await gateway.request(method, path)

    assert (response.status_code, response.json()["code"]) == (504, "DEADLINE_PASSED")
