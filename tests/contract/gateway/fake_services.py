"""The services behind the gateway, as far as a gateway can tell: real gRPC servers with made-up answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
from daegu.prediction.v1 import accident_pb2, batch_pb2, batch_pb2_grpc, prediction_pb2_grpc
from daegu.prediction.v1 import prediction_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from prediction_service.accident import NUMBER_RANGES
from servicekit import call_context
from servicekit.errors import Refused, field_refused
from servicekit.paging import index_after, page_offset
from servicekit.server import Server
from servicekit.settings import ServerSettings
from servicekit.streams import until

PREDICTION, BATCH = "daegu.prediction.v1.PredictionService", "daegu.prediction.v1.BatchPredictionService"
DATASET, CHAT = "daegu.dataset.v1.DatasetService", "daegu.chat.v1.ChatService"

UNKNOWN_WEATHER = "화성 먼지"
"""The one weather the fake refuses."""
SHORT_WEATHER = "비옴"
"""The one weather the fake reads as something else, with a warning."""
MADE_AT = Timestamp(seconds=1_732_000_000, nanos=123_456_000)
"""When every batch was made, begun and finished: 2024-11-19T16:06:40.123456 in Seoul."""


class FakePredictions(prediction_pb2_grpc.PredictionServiceServicer):
    """Predicts 1 + the hour, and does what the test says besides.

    `stored` has every accident once under its id, `asked` counts how often each id came, `frame_sizes` what came
    together, `request_ids` under which ids predictions and the history were asked for. Nothing is answered while
    `may_answer` is clear.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.stored: dict[str, accident_pb2.Accident] = {}
        self.asked: Counter[str] = Counter()
        self.frame_sizes: list[int] = []
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.draining = asyncio.Event()
        self.streams_opened = 0
        self.streams_to_break = 0
        self.frames_to_ignore = 0
        self.frames_to_cut = 0
        self.refusal: Refused | None = None
        self.fault: Exception | None = None
        self.problem: accident_pb2.FieldProblem | None = None
        self.dataset_ids: list[str] = []
        self.listed: list[pb.ListPredictionsRequest] = []
        self.request_ids: list[str] = []
        self.model_kind = pb.FEATURE_KIND_CATEGORY

    Predict: Any = prediction_pb2_grpc.PredictionServiceServicer.Predict  # the gateway does not call it

    async def PredictStream(
        self, request_iterator: AsyncIterator[pb.PredictStreamRequest], context: Any
    ) -> AsyncIterator[pb.PredictStreamResponse]:
        await context.send_initial_metadata(())
        self.streams_opened += 1
        answers: asyncio.Queue[asyncio.Task[pb.PredictStreamResponse] | None] = asyncio.Queue()

        async def read_frames() -> None:
            async for frame in until(request_iterator, self.draining):
                answers.put_nowait(asyncio.create_task(self._answer(frame)))
            answers.put_nowait(None)

        reading = asyncio.create_task(read_frames())
        try:
            while (answering := await answers.get()) is not None:
                answer = await answering
                if self.streams_to_break:  # after everything was stored, before anything is answered
                    self.streams_to_break -= 1
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "broken on purpose")
                if self.frames_to_ignore:
                    self.frames_to_ignore -= 1
                    continue
                if self.frames_to_cut:
                    self.frames_to_cut -= 1
                    del answer.outcomes[:]
                yield answer
        finally:
            reading.cancel()

    async def _answer(self, frame: pb.PredictStreamRequest) -> pb.PredictStreamResponse:
        self.frame_sizes.append(len(frame.requests))
        outcomes = await self._outcomes(frame.requests)
        return pb.PredictStreamResponse(frame_id=frame.frame_id, outcomes=outcomes)

    async def PredictMany(self, request: Any, _context: Any) -> pb.PredictManyResponse:
        return pb.PredictManyResponse(outcomes=await self._outcomes(request.requests))

    async def GetPrediction(self, request: Any, _context: Any) -> pb.GetPredictionResponse:
        if request.prediction_id not in self.stored:
            raise Refused("PREDICTION_NOT_FOUND", "No prediction has this id.")
        prediction = self._prediction(pb.PredictionRequest(prediction_id=request.prediction_id, explain=True))
        prediction.accident.CopyFrom(self.stored[request.prediction_id])
        return pb.GetPredictionResponse(prediction=prediction)

    async def ListPredictions(self, request: Any, _context: Any) -> pb.ListPredictionsResponse:
        self.listed.append(request)
        self.request_ids.append(call_context.request_id.get())
        self.was_asked.set()
        await self.may_answer.wait()
        if self.fault:
            raise self.fault
        if self.refusal:
            raise self.refusal
        ids = sorted(self.stored, reverse=True)
        start = ids.index(request.page_token) + 1 if request.page_token in ids else 0
        page = ids[start : start + request.page_size]
        predictions = [self._prediction(pb.PredictionRequest(prediction_id=i)) for i in page]
        for prediction in predictions:
            prediction.accident.CopyFrom(self.stored[prediction.prediction_id])
        has_more = start + len(page) < len(ids)
        return pb.ListPredictionsResponse(predictions=predictions, next_page_token=page[-1] if has_more else None)

    async def GetModelInfo(self, _request: Any, _context: Any) -> pb.GetModelInfoResponse:
        weather = pb.Feature(
            name="weather",
            korean_name="기상상태",
            kind=self.model_kind,
            allowed_values=["맑음", "비"],
            typical_value="맑음",
        )
        hour = pb.Feature(
            name="accident_hour",
            korean_name="사고시",
            kind=pb.FEATURE_KIND_INTEGER,
            minimum=0,
            maximum=23,
            typical_value="18",
        )
        return pb.GetModelInfoResponse(
            model_version="fake-1",
            features=[weather, hour],
            bands=[
                pb.SeverityBand(interpretation="경미", maximum_eclo=4, share=0.8),
                pb.SeverityBand(interpretation="심각", minimum_eclo=4, share=0.2),
            ],
            metrics=[pb.Metric(name="rmsle", value=0.5, note="made up")],
            trained_on="2007-01-01/2020-12-31",
            training_rows=7,
            prediction_quantiles=[float(share) for share in range(101)],
        )

    async def _outcomes(self, requests: Sequence[pb.PredictionRequest]) -> list[pb.PredictionOutcome]:
        self.asked.update(request.prediction_id for request in requests)
        self.request_ids += [request.request_id for request in requests]
        self.was_asked.set()
        await self.may_answer.wait()
        return [self._outcome(request) for request in requests]

    def _outcome(self, request: pb.PredictionRequest) -> pb.PredictionOutcome:
        if self.refusal:
            return _refused(self.refusal.reason)
        if self.problem:
            return _refused("ACCIDENT_INVALID", self.problem)
        self.dataset_ids.append(request.dataset_id)
        if request.accident.weather == UNKNOWN_WEATHER:
            return pb.PredictionOutcome(error=unknown_weather())
        for field, (least, greatest) in NUMBER_RANGES.items():
            if not least <= getattr(request.accident, field) <= greatest:
                problem = accident_pb2.FieldProblem(field=field, reason="NUMBER_OUT_OF_RANGE")
                return _refused("ACCIDENT_INVALID", problem)
        self.stored.setdefault(request.prediction_id, request.accident)
        return pb.PredictionOutcome(prediction=self._prediction(request))

    def _prediction(self, request: pb.PredictionRequest) -> accident_pb2.Prediction:
        return made_up_prediction(self.stored[request.prediction_id], request)


class FakeBatches(batch_pb2_grpc.BatchPredictionServiceServicer):
    """Finishes every batch at once, but for the items of `unpredicted`. A row has its number as its hour.

    `created` has the latest batch as it was sent, in parts; a repeated key answers with the first batch. Results are
    sent in parts of 200, which `parts_sent` counts; `streams_to_break` streams break behind their first part. With a
    `refusal` every call is refused, and a new batch before any of it is read.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.accidents: dict[str, list[accident_pb2.Accident]] = {}
        self.rows: dict[str, batch_pb2.DatasetRows] = {}
        self.failure = ""
        self.created: list[batch_pb2.CreateBatchRequest] = []
        self.unpredicted: set[int] = set()
        self.cancelled: set[str] = set()
        self.keys: dict[str, str] = {}
        self.parts_sent = self.streams_to_break = 0
        self.refusal: Refused | None = None
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    # The gateway does not call these.
    ProcessBatch: Any = batch_pb2_grpc.BatchPredictionServiceServicer.ProcessBatch
    PredictRows: Any = batch_pb2_grpc.BatchPredictionServiceServicer.PredictRows
    ListBatchResults: Any = batch_pb2_grpc.BatchPredictionServiceServicer.ListBatchResults
    GiveUpBatch: Any = batch_pb2_grpc.BatchPredictionServiceServicer.GiveUpBatch
    ClaimOverdueBatches: Any = batch_pb2_grpc.BatchPredictionServiceServicer.ClaimOverdueBatches

    async def CreateBatch(
        self, request_iterator: AsyncIterator[batch_pb2.CreateBatchRequest], _context: Any
    ) -> batch_pb2.CreateBatchResponse:
        await self._begin()
        self.created = [part async for part in request_iterator]
        key, batch_id = self.created[0].idempotency_key, self.created[0].batch_id
        if key and (first := self.keys.setdefault(key, batch_id)) != batch_id:
            return batch_pb2.CreateBatchResponse(batch=self._batch(first))
        self.accidents[batch_id] = [accident for part in self.created for accident in part.accidents]
        if self.created[0].HasField("rows"):
            rows = self.rows[batch_id] = self.created[0].rows
            self.accidents[batch_id] = [accident_pb2.Accident(accident_hour=index) for index in range(rows.total)]
        return batch_pb2.CreateBatchResponse(batch=self._batch(batch_id))

    async def GetBatch(self, request: Any, _context: Any) -> batch_pb2.GetBatchResponse:
        await self._begin()
        return batch_pb2.GetBatchResponse(batch=self._batch(request.batch_id))

    async def ListBatches(self, request: Any, _context: Any) -> batch_pb2.ListBatchesResponse:
        await self._begin()
        if request.after == "nonsense":
            raise field_refused("after", "CURSOR_INVALID", "no cursor")
        latest = sorted((i for i in self.accidents if not request.after or i < request.after), reverse=True)
        page, others = latest[: request.page_size], latest[request.page_size :]
        return batch_pb2.ListBatchesResponse(
            batches=[self._batch(batch_id) for batch_id in page], next=page[-1] if others else None
        )

    async def ReadBatchResults(
        self, request: batch_pb2.ReadBatchResultsRequest, context: Any
    ) -> AsyncIterator[batch_pb2.ReadBatchResultsResponse]:
        await self._begin()
        batch = self._batch(request.batch_id)
        accidents = self.accidents[request.batch_id]
        start = page_offset(request.offset, request.after, most=500_000) or index_after(request.after)
        window = range(start, min(start + request.limit, len(accidents)))
        predicted = [index for index in window if index not in self.unpredicted]
        for first in range(0, max(len(predicted), 1), 200):
            await self.may_answer.wait()
            self.parts_sent += 1
            yield batch_pb2.ReadBatchResultsResponse(
                batch=None if first else batch,
                results=[
                    _result(index, accidents[index], has_accident=not request.without_accidents)
                    for index in predicted[first : first + 200]
                ],
            )
            if self.streams_to_break:
                self.streams_to_break -= 1
                await context.abort(grpc.StatusCode.UNAVAILABLE, "broken on purpose")

    async def CancelBatch(self, request: Any, _context: Any) -> batch_pb2.CancelBatchResponse:
        await self._begin()
        if self._batch(request.batch_id).HasField("finished_at"):
            raise Refused("BATCH_ENDED", "It has ended.")
        self.cancelled.add(request.batch_id)
        return batch_pb2.CancelBatchResponse(batch=self._batch(request.batch_id))

    async def _begin(self) -> None:
        self.was_asked.set()
        await self.may_answer.wait()
        if self.refusal:
            raise self.refusal

    def _batch(self, batch_id: str) -> batch_pb2.Batch:
        if batch_id not in self.accidents:
            raise Refused("BATCH_NOT_FOUND", "No batch has this id.")
        accidents = self.accidents[batch_id]
        done = [accident for index, accident in enumerate(accidents) if index not in self.unpredicted]
        batch = batch_pb2.Batch(
            batch_id=batch_id,
            total=len(accidents),
            done=len(done),
            failed=sum(accident.weather == UNKNOWN_WEATHER for accident in done),
            created_at=MADE_AT,
            dataset_id=self.created[0].dataset_id or None,
        )
        if batch_id in self.rows:
            batch.columns.extend(self.rows[batch_id].columns)
            batch.content_hash = self.rows[batch_id].content_hash
        if self.failure:
            batch.status, batch.failure = batch_pb2.BATCH_STATUS_FAILED, self.failure
        elif batch_id in self.cancelled:
            batch.status = batch_pb2.BATCH_STATUS_CANCELLED
        elif len(done) == len(accidents):
            batch.status = batch_pb2.BATCH_STATUS_COMPLETED
        else:
            batch.status = batch_pb2.BATCH_STATUS_PROCESSING if done else batch_pb2.BATCH_STATUS_PENDING
            batch.estimated_completion.CopyFrom(MADE_AT)
        if done:
            batch.started_at.CopyFrom(MADE_AT)
        if not batch.HasField("estimated_completion"):
            batch.finished_at.CopyFrom(MADE_AT)
        return batch


class FakeProbe:
    """What the health of one name depends on. It hangs while `may_answer` is clear."""

    def __init__(self) -> None:
        self.works = True
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> None:
        await self.may_answer.wait()
        if not self.works:
            raise ConnectionError("away")


class FakeService:
    """One process of the back end: servicers and probes, which may stop and come back on the same port.

    `servicers` are further ones by their full names, each with the function that adds it to a server.
    """

    def __init__(
        self, names: Sequence[str], predictions: bool = False, servicers: Mapping[str, tuple[Any, Any]] | None = None
    ) -> None:
        self.probes = {name: FakeProbe() for name in names}
        self.predictions = FakePredictions() if predictions else None
        self.batches = FakeBatches() if predictions else None
        self.servicers = servicers or {}
        self.port = 0

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self, drain_seconds: float = 0.0) -> AsyncIterator["FakeService"]:
        """Serves inside the block; cuts what is under way after `drain_seconds`."""
        settings = ServerSettings(port=self.port, leave_seconds=0.0, drain_seconds=drain_seconds)
        server = Server(settings, self.probes)
        if self.predictions:
            server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, self.predictions, PREDICTION)
        if self.batches:
            server.add(batch_pb2_grpc.add_BatchPredictionServiceServicer_to_server, self.batches, BATCH)
        for name, (add_to_server, servicer) in self.servicers.items():
            server.add(add_to_server, servicer, name)
        async with server.running() as self.port:
            yield self


def prediction_service() -> FakeService:
    """Returns a service with everything the gateway asks of prediction."""
    return FakeService((PREDICTION, BATCH, "database", "redis", "worker"), predictions=True)


def unknown_weather() -> accident_pb2.PredictionError:
    """Returns why there is no prediction for UNKNOWN_WEATHER."""
    problem = accident_pb2.FieldProblem(
        field="weather", reason="CATEGORY_UNKNOWN", message="No.", allowed=["맑음", "안개"], suggestion="안개"
    )
    return accident_pb2.PredictionError(reason="ACCIDENT_INVALID", message="No.", problems=[problem])


def made_up_prediction(accident: accident_pb2.Accident, request: pb.PredictionRequest) -> accident_pb2.Prediction:
    """Returns a prediction whose ECLO is 1 + the hour."""
    prediction = accident_pb2.Prediction(
        prediction_id=request.prediction_id,
        eclo=1.0 + accident.accident_hour,
        expected=2.0 + accident.accident_hour,
        interpretation="일반",
        range=accident_pb2.EcloRange(low=1.0, high=9.0, coverage=0.8),
        model_version="fake-1",
        created_at=_now(),
    )
    if accident.weather == SHORT_WEATHER:
        prediction.warnings.add(reason="READ_AS", field="weather", given=SHORT_WEATHER, used="비")
    if request.explain:
        prediction.explanation.base_score = 1.0
        prediction.explanation.raw_score = 1.25
        prediction.explanation.contributions.add(field="weather", value=accident.weather, contribution=0.25)
    return prediction


def _refused(reason: str, *problems: accident_pb2.FieldProblem) -> pb.PredictionOutcome:
    return pb.PredictionOutcome(error=accident_pb2.PredictionError(reason=reason, problems=problems))


def _result(index: int, accident: accident_pb2.Accident, *, has_accident: bool) -> batch_pb2.BatchResult:
    result = batch_pb2.BatchResult(index=index, accident=accident if has_accident else None)
    if accident.weather == UNKNOWN_WEATHER:
        result.error.CopyFrom(unknown_weather())
    else:
        request = pb.PredictionRequest(prediction_id=f"00000000-0000-7000-8000-{index:012}")
        result.prediction.CopyFrom(made_up_prediction(accident, request))
    return result


def _now() -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC))
    return moment
