"""The real dataset service on a free port, and a client that says what a test wants in a line."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from daegu.dataset.v1 import analysis_pb2_grpc, dataset_pb2_grpc, sharing_pb2_grpc
from daegu.dataset.v1 import dataset_pb2 as pb
from pydantic import SecretStr

from dataset_service.app import dataset_server
from dataset_service.settings import DatasetSettings
from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from servicekit.remote_errors import RemoteError, read_remote_error
from tests.patience import PATIENCE_SECONDS

CHUNK_BYTES = 1 << 20


@dataclass
class DatasetClient:
    """Stubs of a running service, and the folder of its files."""

    channel: grpc.aio.Channel
    target: str
    storage: Path

    def __post_init__(self) -> None:
        self.datasets = dataset_pb2_grpc.DatasetServiceStub(self.channel)
        self.sharing = sharing_pb2_grpc.SharingServiceStub(self.channel)
        self.analysis = analysis_pb2_grpc.AnalysisServiceStub(self.channel)

    async def upload(self, content: bytes, file_name: str = "사고.csv", **description: Any) -> pb.UploadDatasetResponse:
        """Uploads a file in chunks, as the gateway does."""
        return await self.datasets.UploadDataset(upload_messages(content, file_name=file_name, **description))

    async def read(self, dataset_id: str, **selection: Any) -> bytes:
        """Returns all data of a selection."""
        request = pb.ReadDatasetRequest(dataset_id=dataset_id, **selection)
        pieces = [answer.chunk async for answer in self.datasets.ReadDataset(request)]
        assert all(0 < len(piece) <= CHUNK_BYTES for piece in pieces)
        return b"".join(pieces)

    async def total(self) -> int:
        """Returns how many datasets there are."""
        return int((await self.datasets.ListDatasets(pb.ListDatasetsRequest(limit=1))).total)

    def files(self) -> set[str]:
        """Returns the names of the files in the storage, but for the lock."""
        return {path.name for path in self.storage.iterdir()} - {"lock"}


def upload_messages(content: bytes, **description: Any) -> Iterator[pb.UploadDatasetRequest]:
    """Yields the messages of an upload."""
    yield pb.UploadDatasetRequest(description=pb.UploadDescription(**description))
    for start in range(0, len(content), CHUNK_BYTES):
        yield pb.UploadDatasetRequest(chunk=content[start : start + CHUNK_BYTES])
    yield pb.UploadDatasetRequest(end=pb.UploadEnd(size_bytes=len(content)))


@asynccontextmanager
async def running_dataset_service(database_url: str, storage: Path, **settings: Any) -> AsyncIterator[DatasetClient]:
    """Yields a client of a service with these settings."""
    stop = {"leave_seconds": 0.0, "drain_seconds": 2.0}
    given = {"port": free_port(), "readers": 1, **stop, "storage_directory": storage, **settings}
    built = DatasetSettings(DATABASE_URL=SecretStr(database_url), **given)
    async with dataset_server(built) as server, server.running() as port:
        target = f"127.0.0.1:{port}"
        async with open_channel(target, cap_seconds=PATIENCE_SECONDS) as channel:
            yield DatasetClient(channel, target, storage)


async def refusal(call: Any) -> RemoteError:
    """Returns why a call fails; fails itself when it does not."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return read_remote_error(raised.value)
