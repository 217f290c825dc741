"""The gRPC door to single predictions: proto in, one domain call, proto out."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc

from prediction_service.convert import (
    model_info_to_proto,
    order_from_proto,
    outcome_values,
    prediction_to_proto,
    refusal,
)
from prediction_service.model import ModelInfo
from prediction_service.predictions import Outcome, Predictions, RecordedPrediction
from prediction_service.store import PredictionStore
from servicekit.errors import Refused
from servicekit.ids import parse_id
from servicekit.log_lines import LogLines
from servicekit.paging import page_size
from servicekit.server import Context
from servicekit.streams import until

_MAX_ACCIDENTS = 1000
_MAX_FRAMES = 32  # unanswered frames of one stream; the next is read when one is answered


class PredictionServicer(prediction_pb2_grpc.PredictionServiceServicer):
    """Serves `daegu.prediction.v1.PredictionService`."""

    def __init__(
        self,
        predictions: Predictions,
        store: PredictionStore,
        info: ModelInfo,
        stopping: asyncio.Event,
        log_lines: LogLines,
    ) -> None:
        self._predictions = predictions
        self._store = store
        self._info = model_info_to_proto(info)
        self._stopping = stopping
        self._log_lines = log_lines

    async def Predict(self, request: pb.PredictRequest, context: Context) -> pb.PredictResponse:
        """Predicts one accident."""
        (outcome,) = await self._predictions.predict_many([order_from_proto(request.request)])
        if not isinstance(outcome, RecordedPrediction):
            raise refusal(outcome)
        return pb.PredictResponse(prediction=prediction_to_proto(outcome.stored, explanation=outcome.explanation))

    async def PredictMany(self, request: pb.PredictManyRequest, context: Context) -> pb.PredictManyResponse:
        """Predicts a group of accidents."""
        return pb.PredictManyResponse(outcomes=await self._answer(request.requests))

    async def PredictStream(
        self, request_iterator: AsyncIterator[pb.PredictStreamRequest], context: Context
    ) -> AsyncIterator[pb.PredictStreamResponse]:
        """Predicts frames; several at once, so that one is predicted while another is being stored."""
        await context.send_initial_metadata(())  # tells the caller that the stream is open
        answers: asyncio.Queue[asyncio.Task[pb.PredictStreamResponse] | None] = asyncio.Queue()
        places = asyncio.Semaphore(_MAX_FRAMES)

        async def read_frames() -> None:
            try:
                async for frame in until(request_iterator, self._stopping):
                    await places.acquire()
                    answers.put_nowait(asyncio.create_task(self._answer_frame(frame)))
            finally:
                answers.put_nowait(None)

        reading = asyncio.create_task(read_frames())
        try:
            while (answer := await answers.get()) is not None:
                yield await answer
                places.release()
            await reading  # raises the reader's exception, if any
        finally:
            reading.cancel()

    async def GetModelInfo(self, request: pb.GetModelInfoRequest, context: Context) -> pb.GetModelInfoResponse:
        """Describes the loaded model."""
        return self._info

    async def GetPrediction(self, request: pb.GetPredictionRequest, context: Context) -> pb.GetPredictionResponse:
        """Returns a stored prediction."""
        prediction_id = str(parse_id(request.prediction_id, "prediction_id"))
        return pb.GetPredictionResponse(prediction=prediction_to_proto(*await self._predictions.get(prediction_id)))

    async def ListPredictions(self, request: pb.ListPredictionsRequest, context: Context) -> pb.ListPredictionsResponse:
        """Lists stored single predictions, newest first."""
        limit = page_size(request.page_size, "page_size")
        before_id = str(parse_id(request.page_token, "page_token")) if request.page_token else None
        dataset_id = str(parse_id(request.dataset_id, "dataset_id")) if request.dataset_id else None
        predictions = await asyncio.to_thread(
            self._store.list_single, limit=limit + 1, before_id=before_id, dataset_id=dataset_id
        )
        return pb.ListPredictionsResponse(
            predictions=[prediction_to_proto(stored, accident) for stored, accident in predictions[:limit]],
            next_page_token=predictions[limit - 1][0].id if len(predictions) > limit else None,
        )

    async def _answer_frame(self, frame: pb.PredictStreamRequest) -> pb.PredictStreamResponse:
        started = time.perf_counter()
        outcomes = await self._answer(frame.requests)
        facts = {
            "count": len(outcomes),
            "duration_ms": round((time.perf_counter() - started) * 1000, 2),
            "request_ids": [request.request_id for request in frame.requests],
        }
        self._log_lines.write("frame_answered", facts)
        return pb.PredictStreamResponse(frame_id=frame.frame_id, outcomes=outcomes)

    async def _answer(self, requests: Any) -> Any:
        if len(requests) > _MAX_ACCIDENTS:
            too_many = Refused(
                "TOO_MANY_ACCIDENTS", f"{len(requests)} accidents in one call; {_MAX_ACCIDENTS} are allowed."
            )
            outcomes: list[Outcome] = [too_many] * len(requests)
        else:
            outcomes = await self._predictions.predict_many([order_from_proto(request) for request in requests])
        return [outcome_values(outcome) for outcome in outcomes]
