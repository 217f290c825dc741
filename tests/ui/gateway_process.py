"""The real gateway over fake services, in a process of its own that a test steers by lines of JSON.

Each line on its input names a method of `BackEnd` and its arguments; the answer is one line on its output.
"""

import asyncio
import csv
import io
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

import pyarrow as pa
from daegu.dataset.v1 import analysis_pb2_grpc, dataset_pb2, dataset_pb2_grpc
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2

import servicekit.health
from gateway import answer_stream, clients
from gateway.routes import health
from gateway.texts import FIELD_NAMES, INPUT_NAMES
from servicekit.ids import new_id
from tests.contract.gateway import fake_services
from tests.contract.gateway.fake_datasets import ANALYSIS, FakeDatasets
from tests.contract.gateway.fake_services import (
    BATCH,
    CHAT,
    DATASET,
    PREDICTION,
    FakeBatches,
    FakePredictions,
    FakeService,
)
from tests.contract.gateway.running_gateway import running_gateway
from tests.patience import PATIENCE_SECONDS
from tests.ui.model_values import ALLOWED, LIMITS, QUANTILES, RANGES, SHARES, TYPICAL, WORDS, word_of
from worker.accident_rows import Unreadable, read_accidents

_PARTS = (PREDICTION, BATCH, DATASET, CHAT, "database", "redis", "worker", "storage")


class _Predictions(FakePredictions):
    """Knows all inputs, like the real model."""

    async def GetModelInfo(self, _request: Any, _context: Any) -> prediction_pb2.GetModelInfoResponse:
        return prediction_pb2.GetModelInfoResponse(
            model_version="fake-1",
            features=[
                prediction_pb2.Feature(
                    name=name,
                    korean_name=korean,
                    kind=prediction_pb2.FEATURE_KIND_CATEGORY
                    if name in ALLOWED
                    else prediction_pb2.FEATURE_KIND_INTEGER,
                    allowed_values=ALLOWED.get(name, ()),
                    typical_value=TYPICAL[name],
                    **RANGES.get(name, {}),
                )
                for name, korean in FIELD_NAMES.items()
            ],
            bands=[
                prediction_pb2.SeverityBand(interpretation=word, share=share, **limits)
                for word, share, limits in zip(WORDS, SHARES, LIMITS, strict=True)
            ],
            metrics=[prediction_pb2.Metric(name="better_than_constant", value=0.0202, note="2020")],
            trained_on="2007-01-01/2020-12-31",
            training_rows=194416,
            prediction_quantiles=QUANTILES,
        )


class _Batches(FakeBatches):
    """Predicts some more accidents of a batch whenever it is looked at. Rows that cannot be read have an error."""

    def __init__(self, datasets: "_Datasets") -> None:
        super().__init__()
        self._datasets = datasets

    async def CreateBatch(self, request_iterator: Any, context: Any) -> batch_pb2.CreateBatchResponse:
        response = await super().CreateBatch(request_iterator, context)
        batch = response.batch
        if batch.columns:
            rows = read_accidents(self._datasets.tables[batch.dataset_id], batch.columns)
            unreadable = accident_pb2.Accident(weather=fake_services.UNKNOWN_WEATHER)
            self.accidents[batch.batch_id] = [unreadable if isinstance(row, Unreadable) else row for row in rows]
        return response

    def reset(self) -> None:
        super().reset()
        self.items_per_poll = 10**9
        self.done: Counter[str] = Counter()

    async def GetBatch(self, request: batch_pb2.GetBatchRequest, context: Any) -> batch_pb2.GetBatchResponse:
        if request.batch_id not in self.cancelled:
            self.done[request.batch_id] += self.items_per_poll
        return await super().GetBatch(request, context)

    def _batch(self, batch_id: str) -> batch_pb2.Batch:
        self.unpredicted = range(self.done[batch_id], 10**9)  # type: ignore[assignment]  # only asked what is in it
        batch = super()._batch(batch_id)
        if batch.HasField("estimated_completion"):
            batch.estimated_completion.FromDatetime(datetime.now(UTC) + timedelta(seconds=30))
        return batch


class _Datasets(FakeDatasets):
    """Has a dataset of every id, and the rows of those that were uploaded: all of them texts, without a warning."""

    async def UploadDataset(self, request_iterator: Any, context: Any) -> dataset_pb2.UploadDatasetResponse:
        stored = await super().UploadDataset(request_iterator, context)
        dataset, content = self.datasets[stored.dataset.dataset_id], self.files[stored.dataset.dataset_id]
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp949")
        header, *rows = csv.reader(io.StringIO(text))
        cells = {name: [row[index] for row in rows] for index, name in enumerate(header)}
        self.tables[dataset.dataset_id] = pa.table(cells)
        dataset.rows, dataset.columns = len(rows), len(header)
        dataset.name = dataset.name.removesuffix(".csv")
        return dataset_pb2.UploadDatasetResponse(dataset=dataset, profile=stored.profile)

    async def GetDataset(self, request: dataset_pb2.GetDatasetRequest, _context: Any) -> dataset_pb2.GetDatasetResponse:
        known = self.datasets.get(request.dataset_id)
        return dataset_pb2.GetDatasetResponse(dataset=known or dataset_pb2.Dataset(dataset_id=request.dataset_id))

    async def GetDatasetProfile(self, request: Any, context: Any) -> dataset_pb2.GetDatasetProfileResponse:
        names = self.tables[request.dataset_id].column_names if request.dataset_id in self.tables else ()
        self.prediction_columns = {source: name for source, name in INPUT_NAMES.items() if name in names}
        known = await super().GetDatasetProfile(request, context)
        del known.profile.warnings[:]
        return known


class BackEnd:
    """What a test may do to the services."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._datasets = _Datasets()
        datasets = dataset_pb2_grpc.add_DatasetServiceServicer_to_server, self._datasets
        questions = analysis_pb2_grpc.add_AnalysisServiceServicer_to_server, self._datasets
        self._service = FakeService(_PARTS, servicers={DATASET: datasets, ANALYSIS: questions})
        self._predictions, self._batches = _Predictions(), _Batches(self._datasets)
        self._service.predictions, self._service.batches = self._predictions, self._batches

    async def serve(self) -> None:
        """Says where the gateway listens, and does what it is told until its input ends."""
        targets = ("prediction_target", "dataset_target", "chat_target")
        async with (
            self._service.running() as service,
            running_gateway(**dict.fromkeys(targets, service.target)) as client,
        ):
            answer: Any = client.base_url.port
            while True:
                print(json.dumps(answer), file=self._answers, flush=True)
                line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
                if not line:
                    return
                name, arguments = json.loads(line)
                answer = getattr(self, name)(**arguments)

    def reset(self) -> None:
        """Forgets everything."""
        self._predictions.reset()
        self._batches.reset()
        self._datasets.reset()
        self.set_health("healthy")

    def set_health(self, status: str) -> None:
        """Lets the worker, or the database too, fail."""
        self._service.probes["worker"].works = status == "healthy"
        self._service.probes["database"].works = status != "unhealthy"

    def set_pace(self, items_per_poll: int) -> None:
        """Sets how many accidents of a batch are predicted when it is looked at."""
        self._batches.items_per_poll = items_per_poll

    def add_batch(self, accidents: list[dict[str, Any]], done: int, is_cancelled: bool) -> str:
        """Stores a batch of which so many accidents are predicted."""
        batch_id = new_id()
        self._batches.created = self._batches.created or [batch_pb2.CreateBatchRequest()]
        self._batches.accidents[batch_id] = [accident_pb2.Accident(**accident) for accident in accidents]
        self._batches.done[batch_id] = done
        if is_cancelled:
            self._batches.cancelled.add(batch_id)
        return batch_id

    def forget_batches(self) -> None:
        """Deletes all batches."""
        self._batches.accidents.clear()

    def forget_prediction(self) -> None:
        """Deletes the newest prediction."""
        del self._predictions.stored[max(self._predictions.stored)]


def _with_word(accident: accident_pb2.Accident, request: prediction_pb2.PredictionRequest) -> accident_pb2.Prediction:
    prediction = _made_up(accident, request)
    prediction.interpretation = word_of(prediction.eclo)
    return prediction


if __name__ == "__main__":
    _made_up, fake_services.made_up_prediction = fake_services.made_up_prediction, _with_word
    health._PROBE_SECONDS = servicekit.health.PROBE_SECONDS = PATIENCE_SECONDS
    clients._WORKING_SECONDS = answer_stream._BEGIN_SECONDS = PATIENCE_SECONDS
    servicekit.health._FRESH_SECONDS = 0.0
    answers, sys.stdout = sys.stdout, sys.stderr  # where logs go
    asyncio.run(BackEnd(answers).serve())
