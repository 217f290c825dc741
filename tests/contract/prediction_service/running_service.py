"""The real prediction service on a free port of this process, and the ways to call and to look behind it."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import psycopg2
import pytest
from daegu.prediction.v1 import accident_pb2, batch_pb2, batch_pb2_grpc, prediction_pb2, prediction_pb2_grpc
from grpc_health.v1 import health_pb2_grpc

from prediction_service.app import prediction_server
from prediction_service.settings import PredictionSettings
from scripts.benchmarks.processes import free_port
from servicekit.remote_errors import RemoteError, read_remote_error
from servicekit.server import Server
from tests.patience import PATIENCE_SECONDS

PREDICTION, BATCH = "daegu.prediction.v1.PredictionService", "daegu.prediction.v1.BatchPredictionService"
VALUES: dict[str, Any] = {
    "weather": "맑음",
    "road_surface": "건조",
    "road_type": "교차로 - 교차로안",
    "accident_type": "차대차",
    "time_period": "일반시간대",
    "district": "대구광역시 수성구 상동",
    "day_of_week": "금요일",
    "accident_hour": 14,
    "accident_year": 2020,
    "accident_month": 10,
    "accident_day": 16,
}
_PART = 5000


@dataclass(frozen=True)
class RunningService:
    """A running service; `server` is the object that serves."""

    server: Server
    port: int
    channel: grpc.aio.Channel
    database_url: str

    @property
    def predictions(self) -> Any:
        """Stub of PredictionService."""
        return prediction_pb2_grpc.PredictionServiceStub(self.channel)

    @property
    def batches(self) -> Any:
        """Stub of BatchPredictionService."""
        return batch_pb2_grpc.BatchPredictionServiceStub(self.channel)

    @property
    def health(self) -> Any:
        """Stub of Health."""
        return health_pb2_grpc.HealthStub(self.channel)

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Returns what the database says to a connection of its own."""
        return rows(self.database_url, statement, *parameters)

    async def predict(self, **values: Any) -> accident_pb2.Prediction:
        """Predicts one accident; `values` differ from VALUES or belong to the request."""
        response = await self.predictions.Predict(prediction_pb2.PredictRequest(request=request(**values)))
        prediction: accident_pb2.Prediction = response.prediction
        return prediction

    async def predict_many(self, requests: Iterable[Any]) -> Sequence[prediction_pb2.PredictionOutcome]:
        """Predicts a group."""
        response = await self.predictions.PredictMany(prediction_pb2.PredictManyRequest(requests=requests))
        outcomes: Sequence[prediction_pb2.PredictionOutcome] = response.outcomes
        return outcomes

    async def create_batch(self, accidents: Sequence[accident_pb2.Accident], **first: Any) -> batch_pb2.Batch:
        """Creates a batch, in parts; the first one has the other fields."""
        parts = [
            batch_pb2.CreateBatchRequest(accidents=accidents[start : start + _PART], **({} if start else first))
            for start in range(0, max(len(accidents), 1), _PART)
        ]
        created = await self.batches.CreateBatch(iter(parts))
        batch: batch_pb2.Batch = created.batch
        return batch

    async def process(self, batch_id: str) -> list[batch_pb2.Batch]:
        """Does what the worker does; returns the progress that was told."""
        progress = self.batches.ProcessBatch(batch_pb2.ProcessBatchRequest(batch_id=batch_id))
        return [response.batch async for response in progress]

    async def get_batch(self, batch_id: str) -> batch_pb2.Batch:
        """Returns the batch."""
        batch: batch_pb2.Batch = (await self.batches.GetBatch(batch_pb2.GetBatchRequest(batch_id=batch_id))).batch
        return batch

    async def results(self, batch_id: str) -> list[batch_pb2.BatchResult]:
        """Returns all results of a batch."""
        parts = self.batches.ReadBatchResults(batch_pb2.ReadBatchResultsRequest(batch_id=batch_id))
        return [result async for part in parts for result in part.results]


def accident(**values: Any) -> accident_pb2.Accident:
    """Returns an accident that can be predicted, unless the values say otherwise."""
    return accident_pb2.Accident(**{**VALUES, **values})


def request(
    *, explain: bool = False, dataset_id: str = "", prediction_id: str = "", request_id: str = "", **values: Any
) -> prediction_pb2.PredictionRequest:
    """Returns a request to predict one accident."""
    return prediction_pb2.PredictionRequest(
        accident=accident(**values),
        explain=explain,
        dataset_id=dataset_id,
        prediction_id=prediction_id,
        request_id=request_id,
    )


def varied(number: int) -> list[accident_pb2.Accident]:
    """Returns accidents that can all be predicted and are not all alike."""
    surfaces, roads = ("건조", "젖음/습기", "서리/결빙"), ("교차로 - 교차로안", "단일로 - 터널", "단일로 - 기타")
    kinds, districts = (
        ("차대차", "차대사람", "차량단독"),
        ("수성구 범어동", "중구 동인동1가", "달성군 논공읍", "북구 산격동"),
    )
    return [
        accident(
            road_surface=surfaces[i % 3],
            road_type=roads[i // 3 % 3],
            accident_type=kinds[i // 9 % 3],
            district=f"대구광역시 {districts[i % 4]}",
            accident_hour=i % 24,
            accident_year=2007 + i % 20,
            accident_month=1 + i % 12,
            accident_day=1 + i % 28,
            time_period="",
            day_of_week="",
        )
        for i in range(number)
    ]


def rows(database_url: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Returns what the database says to a connection of its own."""
    connection = psycopg2.connect(database_url, connect_timeout=PATIENCE_SECONDS)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


async def failure(call: Any) -> RemoteError:
    """Returns the facts of a call that must fail."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return read_remote_error(raised.value)


@asynccontextmanager
async def running_service(database_url: str, redis_url: str, **settings: Any) -> AsyncIterator[RunningService]:
    """Yields the service, wired as in production."""
    names = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "port": free_port(), "drain_seconds": 2.0}
    config = {"methodConfig": [{"name": [{}], "timeout": f"{PATIENCE_SECONDS}s"}]}
    async with (
        prediction_server(PredictionSettings.model_validate({**names, **settings})) as server,
        server.running() as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", [("grpc.service_config", json.dumps(config))]) as channel,
    ):
        yield RunningService(server, port, channel, database_url)
