"""The services the gateway calls, and how long it waits for them."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc
from daegu.prediction.v1 import batch_pb2_grpc, prediction_pb2_grpc
from grpc_health.v1 import health_pb2_grpc

from gateway.prediction_stream import PredictionStream
from gateway.settings import GatewaySettings
from servicekit.channel import open_channel

_PREDICTION, _BATCH = "daegu.prediction.v1.PredictionService", "daegu.prediction.v1.BatchPredictionService"
_RETRYABLE = (
    f"{_PREDICTION}/PredictMany",
    f"{_PREDICTION}/GetModelInfo",
    f"{_PREDICTION}/ListPredictions",
    f"{_BATCH}/GetBatch",
    f"{_BATCH}/ListBatches",
    f"{_BATCH}/ListBatchResults",
)
# Long, but not for ever: a stream that is opened anew now and then finds replicas that came later.
_STREAM_SECONDS = 3600.0


@dataclass(frozen=True)
class Service:
    """A service as /health sees it."""

    name: str
    grpc_name: str
    health: Any


class Clients:
    """Channels to the three services; a context manager that opens and closes them."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Self:
        settings = self._settings
        prediction = open_channel(settings.prediction_target, cap_seconds=settings.call_seconds, retryable=_RETRYABLE)
        streaming = open_channel(settings.prediction_target, cap_seconds=_STREAM_SECONDS)
        dataset = open_channel(settings.dataset_target, cap_seconds=settings.call_seconds)
        chat = open_channel(settings.chat_target, cap_seconds=settings.call_seconds)
        self._channels: tuple[grpc.aio.Channel, ...] = (prediction, streaming, dataset, chat)
        self.predictions: Any = prediction_pb2_grpc.PredictionServiceStub(prediction)
        self.batches: Any = batch_pb2_grpc.BatchPredictionServiceStub(prediction)
        self.services = (
            Service("prediction", _PREDICTION, health_pb2_grpc.HealthStub(prediction)),
            Service("dataset", "daegu.dataset.v1.DatasetService", health_pb2_grpc.HealthStub(dataset)),
            Service("chat", "daegu.chat.v1.ChatService", health_pb2_grpc.HealthStub(chat)),
        )
        self.prediction_stream = PredictionStream(
            prediction_pb2_grpc.PredictionServiceStub(streaming),
            wait_seconds=settings.prediction_seconds,
            most_waiting=settings.waiting_predictions,
        )
        await self.prediction_stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.prediction_stream.__aexit__(kind, error, trace)
        for channel in self._channels:
            await channel.close(None)
