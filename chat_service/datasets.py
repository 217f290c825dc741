"""The chat's client of the dataset service: descriptions and leases."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import structlog
from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import dataset_pb2_grpc

from servicekit.korean_text.column_meanings import MEANINGS, PRECISIONS
from servicekit.remote_errors import PassedOn

_LEASE_SECONDS = 180  # longer than any run
INTEGER, NUMBER, TEXT, DATE, BOOLEAN, TIME = "정수", "실수", "글자", "날짜", "참/거짓", "시각"
_KINDS = {
    pb.COLUMN_KIND_INTEGER: INTEGER,
    pb.COLUMN_KIND_NUMBER: NUMBER,
    pb.COLUMN_KIND_TEXT: TEXT,
    pb.COLUMN_KIND_DATE: DATE,
    pb.COLUMN_KIND_BOOLEAN: BOOLEAN,
    pb.COLUMN_KIND_TIME: TIME,
}
QUARTER = PRECISIONS["quarter"]
_MEANINGS = {pb.ColumnMeaning.Value(f"COLUMN_MEANING_{word.upper()}"): name for word, name in MEANINGS.items()}
_PRECISIONS = {pb.DatePrecision.Value(f"DATE_PRECISION_{word.upper()}"): name for word, name in PRECISIONS.items()}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Description of one column; `kind`, `meaning` and `precision` are in Korean.

    Text has no `minimum` and no `maximum`. A fact that is not known is an empty text.
    """

    name: str
    kind: str
    unique: int
    missing: int
    samples: tuple[str, ...]
    meaning: str = ""
    unit: str = ""
    precision: str = ""
    minimum: str = ""
    maximum: str = ""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Description of a dataset. Equal content has an equal `content_hash`."""

    dataset_id: str
    name: str
    content_hash: str
    rows: int
    columns: tuple[ColumnFacts, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """The table of a dataset as an unguarded CSV file: SHA-256 of its bytes in hexadecimal, and its columns."""

    sha256: str
    columns: tuple[ColumnFacts, ...]


class Datasets:
    """Calls the dataset service; `patient_stub` may take as long as its data are."""

    def __init__(
        self,
        stub: "dataset_pb2_grpc.DatasetServiceAsyncStub",
        patient_stub: "dataset_pb2_grpc.DatasetServiceAsyncStub",
    ) -> None:
        self._stub, self._patient_stub = stub, patient_stub

    async def describe(self, dataset_id: str) -> DatasetFacts:
        """Returns the description of a dataset. Raises `PassedOn` with the error of the service."""
        try:
            described = await self._stub.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        columns = tuple(map(_facts, described.profile.columns))
        dataset = described.dataset
        return DatasetFacts(dataset_id, dataset.name, dataset.content_hash, dataset.rows, columns)

    async def find_download(self, dataset_id: str) -> Download | None:
        """Returns the table of a dataset as it is downloaded; None if it was deleted. Raises `PassedOn`."""
        order = pb.ReadDatasetRequest(dataset_id=dataset_id, format=pb.DATA_FORMAT_UNGUARDED_CSV)
        digest = hashlib.sha256()
        try:
            facts = await self.describe(dataset_id)
            async for part in self._patient_stub.ReadDataset(order):
                digest.update(part.chunk)
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        except PassedOn as refused:
            if refused.reason == "DATASET_NOT_FOUND":
                return None
            raise
        return Download(digest.hexdigest(), facts.columns)

    @asynccontextmanager
    async def in_use(self, dataset_id: str, holder: str) -> AsyncIterator[None]:
        """Holds a lease inside the block, so that the dataset cannot be deleted meanwhile."""
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
            except grpc.aio.AioRpcError as error:  # the lease expires by itself
                log.warning("lease_not_released", dataset_id=dataset_id, error=error.code().name)


def _facts(column: pb.Column) -> ColumnFacts:
    return ColumnFacts(
        column.name,
        _KINDS.get(column.kind, ""),
        column.unique,
        column.missing,
        tuple(column.samples),
        meaning=_MEANINGS.get(column.meaning, ""),
        unit=column.unit,
        precision=_PRECISIONS.get(column.precision, ""),
        minimum=column.minimum,
        maximum=column.maximum,
    )
