"""The services that the gateway calls, and how long it waits for them."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc
from daegu.chat.v1 import chat_pb2_grpc
from daegu.dataset.v1 import analysis_pb2_grpc, dataset_pb2, dataset_pb2_grpc, sharing_pb2_grpc
from daegu.prediction.v1 import batch_pb2_grpc, prediction_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from starlette.requests import Request

from gateway.errors import ApiError
from gateway.prediction_queue import PredictionQueue
from gateway.settings import GatewaySettings
from servicekit.channel import open_channel

_WORKING_SECONDS = 1.5  # a service waits 0.8 s for its database
_PREDICTION, _BATCH = "daegu.prediction.v1.PredictionService", "daegu.prediction.v1.BatchPredictionService"
_RETRYABLE = (
    f"{_PREDICTION}/PredictMany",
    f"{_PREDICTION}/GetModelInfo",
    f"{_PREDICTION}/GetPrediction",
    f"{_PREDICTION}/ListPredictions",
    f"{_BATCH}/CreateBatch",  # idempotent: the gateway chooses the id
    f"{_BATCH}/GetBatch",
    f"{_BATCH}/ListBatches",
    f"{_BATCH}/ReadBatchResults",
)
_DATASET, _SHARING = "daegu.dataset.v1.DatasetService", "daegu.dataset.v1.SharingService"
_RETRYABLE_OF_DATASET = (
    f"{_DATASET}/GetDataset",
    f"{_DATASET}/ListDatasets",
    f"{_DATASET}/GetDatasetProfile",
    f"{_DATASET}/GetDatasetRegions",
    f"{_DATASET}/AcquireLease",
    f"{_DATASET}/ReleaseLease",
    f"{_SHARING}/ListShareLinks",
    "daegu.dataset.v1.AnalysisService/ListTools",
)


@dataclass(frozen=True)
class Service:
    """A service as /health sees it."""

    name: str
    grpc_name: str
    health: Any


class Clients:
    """Stubs of the services; a context manager that opens and closes the channels they share."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        settings = self._settings
        quick, patient = settings.quick_seconds, settings.call_seconds
        prediction = await self._open(settings.prediction_target, quick, _RETRYABLE)
        patient_prediction = await self._open(
            settings.prediction_target, patient, _RETRYABLE, settings.batch_body_bytes
        )
        results = await self._open(settings.prediction_target, settings.upload_seconds, _RETRYABLE)
        dataset = await self._open(settings.dataset_target, quick, _RETRYABLE_OF_DATASET)
        patient_dataset = await self._open(settings.dataset_target, patient)
        uploads = await self._open(settings.dataset_target, settings.upload_seconds)
        chat = await self._open(settings.chat_target, quick)
        patient_chat = await self._open(settings.chat_target, patient)
        answers = await self._open(settings.chat_target, settings.answer_seconds)
        self.predictions = prediction_pb2_grpc.PredictionServiceStub(prediction)
        self.batches = batch_pb2_grpc.BatchPredictionServiceStub(prediction)
        self.patient_batches = batch_pb2_grpc.BatchPredictionServiceStub(patient_prediction)
        self.batch_results = batch_pb2_grpc.BatchPredictionServiceStub(results)
        self.datasets = dataset_pb2_grpc.DatasetServiceStub(dataset)
        self.dataset_intake = dataset_pb2_grpc.DatasetServiceStub(patient_dataset)
        self.dataset_upload = dataset_pb2_grpc.DatasetServiceStub(uploads)
        self.sharing = sharing_pb2_grpc.SharingServiceStub(dataset)
        self.chat = chat_pb2_grpc.ChatServiceStub(patient_chat)
        self.answers = chat_pb2_grpc.ChatServiceStub(answers)
        self.conversations = chat_pb2_grpc.ConversationServiceStub(chat)
        self.conversation_streams = chat_pb2_grpc.ConversationServiceStub(answers)
        self.tools = analysis_pb2_grpc.AnalysisServiceStub(dataset)
        self.analyses = analysis_pb2_grpc.AnalysisServiceStub(patient_dataset)
        self.row_streams = analysis_pb2_grpc.AnalysisServiceStub(uploads)
        self.page_url = settings.page_url.rstrip("/")
        self.base_path = settings.base_path
        self.services = (
            Service("prediction", _PREDICTION, health_pb2_grpc.HealthStub(prediction)),
            Service("dataset", _DATASET, health_pb2_grpc.HealthStub(dataset)),
            Service("chat", "daegu.chat.v1.ChatService", health_pb2_grpc.HealthStub(chat)),
        )
        self.prediction_queue = await self._exits.enter_async_context(
            PredictionQueue(settings.prediction_target, wait_seconds=quick, most_waiting=settings.waiting_predictions)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def check_working(self, name: str, part: str = "database") -> None:
        """Refuses early, when the service or its database does not answer, what would otherwise take long to fail.

        Without a part, only the service itself is checked.
        """
        (service,) = (service for service in self.services if service.name == name)
        asked = health_pb2.HealthCheckRequest(service=part)
        try:
            async with asyncio.timeout(_WORKING_SECONDS):
                for _ in range(2):  # a draining replica serves nothing, but another one may
                    reply = await service.health.Check(asked)
                    if reply.status == health_pb2.HealthCheckResponse.SERVING:
                        return
        except TimeoutError:
            raise ApiError("SERVICE_UNAVAILABLE") from None
        raise ApiError("DATABASE_UNAVAILABLE")

    async def check_dataset(self, dataset_id: object | None) -> None:
        """Refuses an id that no dataset has. Deleting the dataset later keeps its predictions."""
        if dataset_id is not None:
            await self.datasets.GetDataset(dataset_pb2.GetDatasetRequest(dataset_id=str(dataset_id)))

    async def _open(
        self, target: str, cap_seconds: float, retryable: tuple[str, ...] = (), retried_bytes: int | None = None
    ) -> grpc.aio.Channel:
        channel = open_channel(target, cap_seconds=cap_seconds, retryable=retryable, retried_bytes=retried_bytes)
        return await self._exits.enter_async_context(channel)


def clients_of(request: Request) -> Clients:
    """Returns the clients of the running application."""
    clients: Clients = request.scope["state"]["clients"]
    return clients
