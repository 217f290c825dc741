"""Replicas that are restarted one after the other while calls go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc

from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from servicekit.server import Server
from servicekit.settings import ServerSettings
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

SERVICE = "daegu.prediction.v1.PredictionService"
CALLERS = 8
ROUNDS = 3


class SlowPredictions(prediction_pb2_grpc.PredictionServiceServicer):
    """Takes a moment, so that calls are under way whenever a replica stops."""

    def __init__(self) -> None:
        self.answered = 0

    async def GetModelInfo(self, _request: Any, _context: Any) -> pb.GetModelInfoResponse:
        await asyncio.sleep(0.005)
        self.answered += 1
        return pb.GetModelInfoResponse()

    async def is_called(self) -> None:
        """Returns once it has answered every caller."""
        wanted = self.answered + CALLERS
        await eventually(lambda: self.answered >= wanted)


class Replica:
    """A server that can be stopped and started again under its port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.predictions = SlowPredictions()  # type: ignore[abstract]  # the rest is not called
        self._exits = AsyncExitStack()

    async def start(self) -> None:
        server = Server(ServerSettings(port=self.port, drain_seconds=PATIENCE_SECONDS), {})
        server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, self.predictions, SERVICE)
        await self._exits.enter_async_context(server.running())

    async def stop(self) -> None:
        await self._exits.aclose()


@pytest.fixture
async def replicas() -> AsyncIterator[list[Replica]]:
    replicas = [Replica(), Replica()]
    for replica in replicas:
        await replica.start()
    yield replicas
    for replica in replicas:
        await replica.stop()


async def test_no_call_fails_while_one_replica_after_the_other_is_restarted(replicas: list[Replica]) -> None:
    target = "ipv4:" + ",".join(f"127.0.0.1:{replica.port}" for replica in replicas)
    done, failures = asyncio.Event(), []

    async with open_channel(target, cap_seconds=PATIENCE_SECONDS) as channel:
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)

        async def call() -> None:
            while not done.is_set():
                try:
                    await stub.GetModelInfo(pb.GetModelInfoRequest())
                except grpc.aio.AioRpcError as error:
                    failures.append(f"{error.code().name}: {error.details()}")

        callers = [asyncio.create_task(call()) for _ in range(CALLERS)]
        for replica in replicas * ROUNDS:
            await replica.predictions.is_called()
            await replica.stop()
            await replica.start()
            await replica.predictions.is_called()
        done.set()
        await asyncio.gather(*callers)

    assert failures == []
