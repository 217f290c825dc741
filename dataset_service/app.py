"""The wiring of the dataset service: builds the objects, passes them on, serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from daegu.dataset.v1 import dataset_pb2, dataset_pb2_grpc

from dataset_service.servicer import DatasetServicer
from dataset_service.settings import DatasetSettings
from servicekit.database import create_engine, ping
from servicekit.server import Server

_DATASET = dataset_pb2.DESCRIPTOR.services_by_name["DatasetService"].full_name


@asynccontextmanager
async def dataset_server(settings: DatasetSettings) -> AsyncIterator[Server]:
    """Yields the server with everything behind it, ready to run; closes it all in reverse order."""
    engine = create_engine(settings)

    async def database_answers() -> None:
        await asyncio.to_thread(ping, engine)

    server = Server(settings, {_DATASET: database_answers, "database": database_answers})
    server.add(dataset_pb2_grpc.add_DatasetServiceServicer_to_server, DatasetServicer(), _DATASET)  # type: ignore[abstract]
    try:
        yield server
    finally:
        engine.dispose()


async def run(settings: DatasetSettings) -> None:
    """Serves until told to stop."""
    async with dataset_server(settings) as server:
        await server.run_until_told_to_stop()
