"""The chat's client of the dataset service: descriptions and leases."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import grpc
import structlog
from daegu.dataset.v1 import analysis_pb2, analysis_pb2_grpc, dataset_pb2_grpc, question_pb2
from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit.korean_text.column_meanings import MEANINGS, PRECISIONS
from servicekit.korean_text.dataset_warnings import dataset_warning_text
from servicekit.remote_errors import PassedOn

_LEASE_SECONDS = 180  # longer than any run
MOST_VALUES = 20
_MOST_COLUMNS = 80
_MOST_KEPT = 256
_NOT_CATEGORIES = (MEANINGS["phone"], MEANINGS["address"], MEANINGS["serial"])  # no more of them is sent than examples
INTEGER, NUMBER, TEXT, DATE, BOOLEAN, TIME = "정수", "실수", "글자", "날짜", "참/거짓", "시각"
_KINDS = {
    pb.COLUMN_KIND_INTEGER: INTEGER,
    pb.COLUMN_KIND_NUMBER: NUMBER,
    pb.COLUMN_KIND_TEXT: TEXT,
    pb.COLUMN_KIND_DATE: DATE,
    pb.COLUMN_KIND_BOOLEAN: BOOLEAN,
    pb.COLUMN_KIND_TIME: TIME,
}
QUARTER, AGE, HOUR = PRECISIONS["quarter"], MEANINGS["age"], MEANINGS["hour"]
_MEANINGS = {pb.ColumnMeaning.Value(f"COLUMN_MEANING_{word.upper()}"): name for word, name in MEANINGS.items()}
_PRECISIONS = {pb.DatePrecision.Value(f"DATE_PRECISION_{word.upper()}"): name for word, name in PRECISIONS.items()}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Description of one column; `kind`, `meaning` and `precision` are in Korean.

    Text has no `minimum` and no `maximum`. A fact that is not known is an empty text. `values` are all of a column that
    has few, empty if they are not known.
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
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Description of a dataset. Equal content has an equal `content_hash`.

    `regions` and `coordinates` are names of columns, `repairs` Korean sentences about how the file was read.
    """

    dataset_id: str
    name: str
    content_hash: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    description: str = ""
    regions: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


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
        analysis_stub: "analysis_pb2_grpc.AnalysisServiceAsyncStub",
    ) -> None:
        self._stub, self._patient_stub, self._analysis_stub = stub, patient_stub, analysis_stub
        self._values: OrderedDict[str, Mapping[str, tuple[str, ...]]] = OrderedDict()

    async def describe(self, dataset_id: str) -> DatasetFacts:
        """Returns the description of a dataset. Raises `PassedOn` with the error of the service."""
        try:
            described = await self._stub.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        profile, dataset = described.profile, described.dataset
        at = profile.coordinates
        return DatasetFacts(
            dataset_id,
            dataset.name,
            dataset.content_hash,
            dataset.rows,
            tuple(map(_facts, profile.columns)),
            description=dataset.description,
            regions=tuple(profile.regions.columns),
            coordinates=(at.latitude, at.longitude) if profile.HasField("coordinates") else (),
            repairs=tuple(map(_repair, profile.warnings)),
        )

    async def describe_with_values(self, dataset_id: str) -> DatasetFacts:
        """Returns the description with all values of the columns that have few. Raises `PassedOn`.

        They are kept by content; without them if they cannot be read in time.
        """
        facts = await self.describe(dataset_id)
        values = self._values.get(facts.content_hash)
        if values is None:
            values = self._values[facts.content_hash] = await self._read_values(facts)
            if not values:
                del self._values[facts.content_hash]
            elif len(self._values) > _MOST_KEPT:
                self._values.popitem(last=False)
        return replace(facts, columns=tuple(replace(one, values=values.get(one.name, ())) for one in facts.columns))

    async def _read_values(self, facts: DatasetFacts) -> Mapping[str, tuple[str, ...]]:
        """Returns the values by the name of their column."""
        few = [one for one in facts.columns if 0 < one.unique <= MOST_VALUES and one.meaning not in _NOT_CATEGORIES]
        names = [one.name for one in few[:_MOST_COLUMNS]]
        question = question_pb2.Question(columns=names, limit=MOST_VALUES)
        request = analysis_pb2.CountFacetsRequest(dataset_id=facts.dataset_id, question=question)
        try:
            answer = await self._analysis_stub.CountFacets(request) if names else analysis_pb2.CountFacetsResponse()
        except grpc.aio.AioRpcError as error:
            log.warning("values_not_read", dataset_id=facts.dataset_id, error=error.code().name)
            return {}
        return {facet.column: tuple(value.value for value in facet.values) for facet in answer.facets}

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


def _repair(warning: pb.DatasetWarning) -> str:
    lines = warning.lines or [warning.line]
    return dataset_warning_text(
        warning.reason, lines=lines, column=warning.column, given=warning.given, used=warning.used
    )


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
