"""The wiring of the prediction service: builds the objects, connects them, serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc, prediction_pb2, prediction_pb2_grpc
from daegu.retention.v1 import retention_pb2

from prediction_service.batch_queue import BatchQueue, redis_probes
from prediction_service.batch_servicer import BatchPredictionServicer
from prediction_service.batch_store import BatchStore
from prediction_service.batches import Batches
from prediction_service.model import EcloModel
from prediction_service.predictions import Predictions
from prediction_service.recorder import Recorder
from prediction_service.retention_store import PredictionRetentionStore
from prediction_service.servicer import PredictionServicer
from prediction_service.settings import PredictionSettings
from prediction_service.store import PredictionStore
from servicekit.database import create_engine, ping, require_room
from servicekit.log_lines import LogLines
from servicekit.metrics import Metrics
from servicekit.retention import add_retention, off_loop
from servicekit.server import Server

_PREDICTION = prediction_pb2.DESCRIPTOR.services_by_name["PredictionService"].full_name
_BATCH = batch_pb2.DESCRIPTOR.services_by_name["BatchPredictionService"].full_name

log = structlog.get_logger()


@asynccontextmanager
async def prediction_server(settings: PredictionSettings) -> AsyncIterator[Server]:
    """Yields the server with all its dependencies, ready to run; closes them in reverse order."""
    model = EcloModel.load(settings.model_directory)
    log.info("model_loaded", version=model.version)
    engine = create_engine(settings)

    async def database_answers() -> None:
        await asyncio.to_thread(ping, engine)

    async def database_has_room() -> None:
        await asyncio.to_thread(require_room, engine)

    redis_url = settings.redis_url.get_secret_value()
    database_probes = dict.fromkeys((_PREDICTION, _BATCH, "database"), database_answers)
    probes = {**database_probes, **redis_probes(redis_url), "storage": database_has_room}
    server = Server(settings, probes, routine=("ClaimOverdueBatches",))
    queue = BatchQueue(redis_url)
    try:
        async with Recorder(settings, model.version) as recorder:
            store = PredictionStore(engine, model.expected)
            log_lines = LogLines("prediction", settings)
            predictions = Predictions(model, recorder, store)
            servicer = PredictionServicer(predictions, store, model.info, server.stopping, log_lines)
            server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, servicer, _PREDICTION)
            batch_store = BatchStore(engine, model.expected)
            batches = Batches(
                model, batch_store, queue, server.stopping, overdue_seconds=settings.batch_overdue_seconds
            )
            server.add(
                batch_pb2_grpc.add_BatchPredictionServiceServicer_to_server, BatchPredictionServicer(batches), _BATCH
            )
            retention = PredictionRetentionStore(engine)
            add_retention(
                server,
                {
                    retention_pb2.KIND_PREDICTIONS: off_loop(retention.forget_predictions),
                    retention_pb2.KIND_BATCHES: off_loop(retention.forget_batches),
                },
            )
            _add_metrics(server.metrics, model.version, recorder, batch_store)
            yield server
    finally:
        await queue.close()
        engine.dispose()


def _add_metrics(metrics: Metrics, model_version: str, recorder: Recorder, batch_store: BatchStore) -> None:
    metrics.add_fact("prediction_model", version=model_version)
    metrics.add(recorder.timings)
    metrics.add_counter("prediction_rows_stored_total", "Single predictions stored.", lambda: recorder.stored_rows)
    metrics.add_gauge("prediction_rows_waiting", "Single predictions not stored yet.", lambda: recorder.waiting_rows)
    metrics.add_gauge(
        "prediction_batches_unfinished",
        "Batches that wait or are under way, in all replicas together.",
        lambda: len(batch_store.list_unfinished(0)),
    )


async def run(settings: PredictionSettings) -> None:
    """Serves until a stop signal."""
    async with prediction_server(settings) as server:
        await server.run_until_told_to_stop()
