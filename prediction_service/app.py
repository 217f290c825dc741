"""The wiring of the prediction service: builds the objects, passes them on, serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from daegu.prediction.v1 import prediction_pb2, prediction_pb2_grpc

from prediction_service.model import EcloModel
from prediction_service.predictions import Predictions
from prediction_service.recorder import Recorder
from prediction_service.servicer import PredictionServicer
from prediction_service.settings import PredictionSettings
from prediction_service.store import PredictionStore
from servicekit.database import create_engine, ping
from servicekit.server import Server

_PREDICTION = prediction_pb2.DESCRIPTOR.services_by_name["PredictionService"].full_name

log = structlog.get_logger()


@asynccontextmanager
async def prediction_server(settings: PredictionSettings) -> AsyncIterator[Server]:
    """Yields the server with everything behind it, ready to run; closes it all in reverse order."""
    model = EcloModel.load(settings.model_directory)
    log.info("model_loaded", version=model.version)
    engine = create_engine(settings)

    async def database_answers() -> None:
        await asyncio.to_thread(ping, engine)

    server = Server(settings, {_PREDICTION: database_answers, "database": database_answers})
    try:
        async with Recorder(settings, model.version) as recorder:
            predictions = Predictions(model, recorder, PredictionStore(engine))
            servicer = PredictionServicer(predictions, model.info, server.stopping)
            server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, servicer, _PREDICTION)
            yield server
    finally:
        engine.dispose()


async def run(settings: PredictionSettings) -> None:
    """Serves until told to stop."""
    async with prediction_server(settings) as server:
        await server.run_until_told_to_stop()
