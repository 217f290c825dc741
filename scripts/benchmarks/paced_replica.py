"""A prediction service that takes a fixed time, by waiting: `python -m scripts.benchmarks.paced_replica PORT`.

It predicts one after another, each in 5 ms, and needs nearly no processor: several on two cores behave like as many
on cores of their own.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from daegu.prediction.v1 import accident_pb2, prediction_pb2_grpc
from daegu.prediction.v1 import prediction_pb2 as pb

from servicekit.server import Server
from servicekit.settings import ServerSettings

MILLISECONDS_EACH = 5.0
_NAME = "daegu.prediction.v1.PredictionService"


class PacedPredictions(prediction_pb2_grpc.PredictionServiceServicer):
    # The gateway does not call these for single predictions.
    Predict: Any = prediction_pb2_grpc.PredictionServiceServicer.Predict
    PredictMany: Any = prediction_pb2_grpc.PredictionServiceServicer.PredictMany
    GetModelInfo: Any = prediction_pb2_grpc.PredictionServiceServicer.GetModelInfo
    GetPrediction: Any = prediction_pb2_grpc.PredictionServiceServicer.GetPrediction
    ListPredictions: Any = prediction_pb2_grpc.PredictionServiceServicer.ListPredictions

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def PredictStream(  # noqa: N802
        self, request_iterator: AsyncIterator[pb.PredictStreamRequest], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pb.PredictStreamResponse]:
        await context.send_initial_metadata(())
        async for frame in request_iterator:
            async with self._turn:  # several gateways do not make it faster
                await asyncio.sleep(len(frame.requests) * MILLISECONDS_EACH / 1000)
            yield pb.PredictStreamResponse(
                frame_id=frame.frame_id,
                outcomes=[
                    pb.PredictionOutcome(
                        prediction=accident_pb2.Prediction(prediction_id=request.prediction_id, eclo=1.0)
                    )
                    for request in frame.requests
                ],
            )


async def main(port: int) -> None:
    async def works() -> None: ...

    server = Server(ServerSettings(port=port), {_NAME: works})
    server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, PacedPredictions(), _NAME)
    await server.run_until_told_to_stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="paced_replica", description=__doc__)
    parser.add_argument("port", type=int)
    asyncio.run(main(parser.parse_args().port))
