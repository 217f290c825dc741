"""Connections are replaced now and then, so that clients find replicas that came later."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.channel import open_stream_channel
from servicekit.server import Server
from servicekit.settings import ServerSettings

SERVICE = "daegu.prediction.v1.PredictionService"
CONNECTIONS = 4


class NotingPredictions(prediction_pb2_grpc.PredictionServiceServicer):
    """Remembers from which ports calls came: a connection has one."""

    def __init__(self) -> None:
        self.peers: set[str] = set()

    async def GetModelInfo(self, _request: Any, context: Any) -> pb.GetModelInfoResponse:
        self.peers.add(context.peer())
        return pb.GetModelInfoResponse()


@pytest.fixture
def predictions() -> NotingPredictions:
    return NotingPredictions()  # type: ignore[abstract]  # the rest is not called


@pytest.fixture
async def target(predictions: NotingPredictions) -> AsyncIterator[str]:
    server = Server(ServerSettings(port=0, connection_seconds=0.1, drain_seconds=0), {})
    server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, predictions, SERVICE)
    async with server.running() as port:
        yield f"127.0.0.1:{port}"


async def test_calls_go_over_new_connections_after_a_while_and_none_fails(
    target: str, predictions: NotingPredictions
) -> None:
    async with open_stream_channel(target) as channel:
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)

        async def call() -> None:
            while len(predictions.peers) < CONNECTIONS:
                await stub.GetModelInfo(pb.GetModelInfoRequest())

        await asyncio.gather(*(call() for _ in range(4)))


async def test_stream_stays_on_a_connection_that_takes_no_new_calls(
    target: str, predictions: NotingPredictions
) -> None:
    async with open_stream_channel(target) as channel:
        stream = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=""))
        assert (await stream.read()).status == health_pb2.HealthCheckResponse.SERVING
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)
        while len(predictions.peers) < CONNECTIONS:
            await stub.GetModelInfo(pb.GetModelInfoRequest())
        assert not stream.done()
        stream.cancel()
