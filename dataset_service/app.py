"""The wiring of the dataset service: builds the objects, connects them, serves."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from daegu.dataset.v1 import (
    analysis_pb2,
    analysis_pb2_grpc,
    dataset_pb2,
    dataset_pb2_grpc,
    sharing_pb2,
    sharing_pb2_grpc,
)
from daegu.prediction.v1 import prediction_pb2_grpc
from daegu.retention.v1 import retention_pb2

from dataset_service.analysis.frame.frames import Frames
from dataset_service.analysis_servicer import AnalysisServicer
from dataset_service.demo.first_run import store_example
from dataset_service.eclo.tools import EcloTools
from dataset_service.errors import StorageFull
from dataset_service.reading.csv_reader import CsvReader
from dataset_service.servicer import DatasetServicer
from dataset_service.settings import DatasetSettings
from dataset_service.sharing.links import Sharing
from dataset_service.sharing.store import ShareStore
from dataset_service.sharing_servicer import SharingServicer
from dataset_service.storage.choose import storage_of
from dataset_service.storage.datasets import Datasets
from dataset_service.storage.loose_file_store import FILES_REMOVED, LooseFileStore
from dataset_service.storage.loose_files import LooseFiles
from dataset_service.storage.removals import Removals
from dataset_service.storage.retention import DatasetRetention
from dataset_service.storage.retention_store import DatasetRetentionStore
from dataset_service.storage.store import DatasetStore
from dataset_service.storage.sweeper import Sweeper
from dataset_service.storage.table_repairs import TableRepairs
from dataset_service.storage.uploads import Uploads
from servicekit.channel import open_channel
from servicekit.database import create_engine, ping
from servicekit.notifications import notifications
from servicekit.retention import add_retention
from servicekit.server import Server

_DATASET = dataset_pb2.DESCRIPTOR.services_by_name["DatasetService"].full_name
_SHARING = sharing_pb2.DESCRIPTOR.services_by_name["SharingService"].full_name
_ANALYSIS = analysis_pb2.DESCRIPTOR.services_by_name["AnalysisService"].full_name
_PREDICT, _PREDICT_SECONDS = "daegu.prediction.v1.PredictionService/PredictMany", 10.0


@asynccontextmanager
async def dataset_server(settings: DatasetSettings) -> AsyncIterator[Server]:
    """Yields the server with all its dependencies, ready to run; closes them in reverse order."""
    pc.add(pa.array([1]), 1)  # Arrow imports pandas on first use, which is not thread-safe
    engine = create_engine(settings)
    storage, store, loose_store = storage_of(settings), DatasetStore(engine), LooseFileStore(engine)
    loose_files = LooseFiles(storage, loose_store, lease_seconds=settings.draft_seconds)

    async def database_answers() -> None:
        await asyncio.to_thread(ping, engine)

    async def storage_takes_files() -> None:
        await asyncio.to_thread(storage.check)

    async def storage_answers() -> None:
        with suppress(StorageFull):  # reading still works
            await storage_takes_files()

    async def both_work() -> None:
        await asyncio.gather(database_answers(), storage_answers())

    parts = {"database": database_answers, "storage": storage_takes_files}
    server = Server(settings, {**dict.fromkeys((_DATASET, _SHARING, _ANALYSIS), both_work), **parts})
    frames = Frames(settings.frame_bytes)
    reader = CsvReader(workers=settings.readers, seconds=settings.read_seconds, memory_bytes=settings.read_memory_bytes)
    uploads = Uploads(settings, storage, loose_files, reader, store)
    repairs = TableRepairs(store, storage, uploads.rebuild)
    server.metrics.add_counter("dataset_tables_rebuilt_total", "Tables rebuilt.", lambda: repairs.repaired)
    datasets = Datasets(store, storage, repairs, frames.forget, loose_files, max_downloads=settings.max_downloads)
    server.add(
        dataset_pb2_grpc.add_DatasetServiceServicer_to_server, DatasetServicer(uploads, datasets, store), _DATASET
    )
    retention = DatasetRetention(DatasetRetentionStore(engine), datasets)
    add_retention(server, {retention_pb2.KIND_DATASETS: retention.forget})
    share_store = ShareStore(engine)
    sharing = SharingServicer(Sharing(share_store), share_store)
    server.add(sharing_pb2_grpc.add_SharingServiceServicer_to_server, sharing, _SHARING)
    try:
        with storage.opened():
            async with AsyncExitStack() as helpers:
                prediction = await helpers.enter_async_context(
                    open_channel(settings.prediction_target, cap_seconds=_PREDICT_SECONDS, retryable=[_PREDICT])
                )
                eclo = EcloTools(prediction_pb2_grpc.PredictionServiceStub(prediction))
                analyses = AnalysisServicer(datasets, frames, eclo)
                server.add(analysis_pb2_grpc.add_AnalysisServiceServicer_to_server, analyses, _ANALYSIS)
                await helpers.enter_async_context(reader)
                sweeper = Sweeper(storage, store, loose_store, loose_files, every_seconds=settings.sweep_seconds)
                removals = Removals(storage, frames, store, loose_store).follow(notifications(settings, FILES_REMOVED))
                for work in (loose_files.renew_on(), sweeper.sweep_on(), removals):
                    await helpers.enter_async_context(_in_background(work))
                if settings.demo:
                    await helpers.enter_async_context(_in_background(store_example(storage, uploads)))
                helpers.push_async_callback(repairs.close)
                yield server
                await uploads.finish()
    finally:
        engine.dispose()


@asynccontextmanager
async def _in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def run(settings: DatasetSettings) -> None:
    """Serves until a stop signal."""
    async with dataset_server(settings) as server:
        await server.run_until_told_to_stop()
