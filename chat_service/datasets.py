"""The datasets as the chat sees them: what is known of one, and that one is being used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from daegu.dataset.v1 import dataset_pb2 as pb

from chat_service.errors import PassedOn

_LEASE_SECONDS = 60
_KINDS = {
    pb.COLUMN_KIND_INTEGER: "정수",
    pb.COLUMN_KIND_NUMBER: "실수",
    pb.COLUMN_KIND_TEXT: "글자",
    pb.COLUMN_KIND_DATE: "날짜",
    pb.COLUMN_KIND_BOOLEAN: "참/거짓",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of one column; `kind` is Korean."""

    name: str
    kind: str
    unique: int
    missing: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What is known of a dataset. Equal content has an equal `content_hash`."""

    dataset_id: str
    name: str
    content_hash: str
    rows: int
    columns: tuple[ColumnFacts, ...]


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """How the file of a dataset is read."""

    file_name: str
    encoding: str
    delimiter: str


class Datasets:
    """Asks the dataset service. `stub` is that of DatasetService."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    async def describe(self, dataset_id: str) -> DatasetFacts:
        """Returns what is known of a dataset. Raises `PassedOn` with what the service says."""
        try:
            found = await self._stub.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        columns = tuple(
            ColumnFacts(column.name, _KINDS.get(column.kind, ""), column.unique, column.missing, tuple(column.samples))
            for column in found.profile.columns
        )
        return DatasetFacts(dataset_id, found.dataset.name, found.dataset.content_hash, found.dataset.rows, columns)

    async def find_file(self, dataset_id: str) -> DatasetFile | None:
        """Returns how the file of a dataset is read; None when the dataset has gone or cannot be asked for."""
        try:
            found = await self._stub.GetDataset(pb.GetDatasetRequest(dataset_id=dataset_id))
        except grpc.aio.AioRpcError:
            return None
        return DatasetFile(found.dataset.file_name, found.dataset.encoding, found.dataset.delimiter)

    @asynccontextmanager
    async def in_use(self, dataset_id: str, holder: str) -> AsyncIterator[None]:
        """Holds a lease inside the block, so that nobody deletes the dataset meanwhile."""
        try:
            await self._stub.AcquireLease(
                pb.AcquireLeaseRequest(dataset_id=dataset_id, holder=holder, seconds=_LEASE_SECONDS)
            )
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        try:
            yield
        finally:
            try:
                await self._stub.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder=holder))
            except grpc.aio.AioRpcError as error:  # it runs out by itself
                log.warning("lease_not_released", dataset_id=dataset_id, error=error.code().name)
