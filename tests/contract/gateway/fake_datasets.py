"""The dataset service as far as a gateway can tell: keeps what it is sent, and refuses what a test names."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pyarrow as pa
from daegu.dataset.v1 import analysis_pb2, analysis_pb2_grpc, dataset_pb2_grpc, question_pb2, sharing_pb2_grpc
from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import sharing_pb2 as sharing
from google.protobuf.timestamp_pb2 import Timestamp

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.cursor import offset_of
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from dataset_service.convert import data_format_from_proto
from dataset_service.question_convert import (
    AGGREGATE,
    FACETS,
    Operation,
    aggregate_to_proto,
    facets_to_proto,
    question_from_proto,
    rows_operation,
    rows_to_proto,
)
from dataset_service.storage.data_output import DataFormat, serialise
from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.paging import index_after
from servicekit.question import Question
from tests.contract.gateway.fake_services import DATASET, FakeService

DATASET_ID = "0190163d-8694-739b-aea5-966c26f8ad91"
UNKNOWN_ID = "01980000-0000-7000-8000-000000000000"
UPLOADED_AT = Timestamp(seconds=1_700_000_000)
SHARING, ANALYSIS = "daegu.dataset.v1.SharingService", "daegu.dataset.v1.AnalysisService"
TOKEN = "t" * 43
"""The one token that opens something; it leads to the latest dataset."""
TABLE = {
    "columns": ["시간", "건수", "비율", "주말", "비고"],
    "rows": [["18시", 2**53 + 1, 0.5, True, None]],
    "total_rows": 24,
}

ROWS_OF_ANY = pa.table({"구": ["중구", "동구", "중구", None], "건수": [1, 2, 2**53 + 1, None]})
CONTENT_HASH = "0123456789abcdef" * 4

READING = pb.Reading(
    encoding="cp949",
    delimiter=",",
    quote='"',
    start_line=1,
    header_rows=1,
    left_out=[3, 5, 6, 7],
    columns=[
        pb.ColumnReading(
            name="위도",
            kind=pb.COLUMN_KIND_NUMBER,
            meaning=pb.COLUMN_MEANING_LATITUDE,
            unit="°",
            chosen=["kind"],
        )
    ],
    chosen=["encoding", "columns"],
)


class FakeDatasets(
    dataset_pb2_grpc.DatasetServiceServicer,
    sharing_pb2_grpc.SharingServiceServicer,
    analysis_pb2_grpc.AnalysisServiceServicer,
):
    """Keeps bytes by dataset id, or a table where a test puts one; its dates begin at `first_moment`.

    `chunk_sizes` has the sizes of the parts of the latest upload.

    The tools are not listed, and no measure is worked out, while it `hangs`. Questions are put to the table of a
    dataset, or to `ROWS_OF_ANY`.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.files: dict[str, bytes] = {}
        self.tables: dict[str, pa.Table] = {}
        self.first_moment = "2024-01-01"
        self.prediction_columns: dict[str, str] = {"weather": "기상상태"}
        self.datasets: dict[str, pb.Dataset] = {}
        self.descriptions: list[pb.UploadDescription] = []
        self.chunk_sizes: list[int] = []
        self.changes: list[pb.ReadingChange | None] = []
        self.leases: list[tuple[str, str]] = []
        self.looks: list[bool] = []
        self.reads: list[pb.ReadDatasetRequest] = []
        self.tool_arguments: list[str] = []
        self.questions: list[question_pb2.Question] = []
        self.refusal: Refused | None = None
        self.hangs = False

    async def UploadDataset(
        self, request_iterator: AsyncIterator[pb.UploadDatasetRequest], _context: Any
    ) -> pb.UploadDatasetResponse:
        described = (await anext(aiter(request_iterator))).description
        self.descriptions.append(described)
        content, self.chunk_sizes, end = b"", [], pb.UploadEnd(size_bytes=-1)
        async for part in request_iterator:
            if part.HasField("end"):
                end = part.end
                continue
            content += part.chunk
            self.chunk_sizes.append(len(part.chunk))
        if end.size_bytes != len(content):
            raise Refused("UPLOAD_INCOMPLETE", "It broke off.")
        if self.refusal:
            raise self.refusal
        dataset = pb.Dataset(
            dataset_id=new_id(),
            name=end.name or described.name or described.file_name,
            description=end.description or described.description,
            file_name=described.file_name,
            rows=2,
            columns=1,
            size_bytes=len(content),
            uploaded_at=UPLOADED_AT,
            encoding=described.encoding or "utf-8",
            delimiter=",",
            content_hash=hashlib.sha256(content).hexdigest(),
            expires_at=UPLOADED_AT if described.temporary else None,
        )
        self.files[dataset.dataset_id], self.datasets[dataset.dataset_id] = content, dataset
        return pb.UploadDatasetResponse(dataset=dataset, profile=profile(), reading=READING)

    async def RereadDataset(self, request: Any, _context: Any) -> pb.RereadDatasetResponse:
        self.changes.append(request.change)
        if self.refusal:
            raise self.refusal
        dataset = self._get(request.dataset_id)
        return pb.RereadDatasetResponse(dataset=dataset, profile=profile(), reading=READING)

    async def PreviewReading(self, request: Any, _context: Any) -> pb.PreviewReadingResponse:
        self._get(request.dataset_id)
        self.changes.append(request.change if request.HasField("change") else None)
        lines = [pb.OriginalLine(line=1, role=pb.LINE_ROLE_OTHER_TABLE, text="위도")]
        return pb.PreviewReadingResponse(reading=READING, profile=profile(), lines=lines, table_json=json.dumps(TABLE))

    async def GetDataset(self, request: Any, _context: Any) -> pb.GetDatasetResponse:
        if self.refusal:
            raise self.refusal
        return pb.GetDatasetResponse(dataset=self._get(request.dataset_id))

    async def ListDatasets(self, request: Any, _context: Any) -> pb.ListDatasetsResponse:
        newest = [self.datasets[dataset_id] for dataset_id in sorted(self.datasets, reverse=True)]
        first = index_after(request.after) or request.offset
        end = first + request.limit
        following = str(end) if end < len(newest) else None
        return pb.ListDatasetsResponse(datasets=newest[first:end], total=len(newest), next=following)

    async def UpdateDataset(self, request: Any, _context: Any) -> pb.UpdateDatasetResponse:
        dataset = self._get(request.dataset_id)
        for field in ("name", "description"):
            if request.HasField(field):
                setattr(dataset, field, getattr(request, field))
        if request.keep:
            dataset.ClearField("expires_at")
        return pb.UpdateDatasetResponse(dataset=dataset)

    async def DeleteDataset(self, request: Any, _context: Any) -> pb.DeleteDatasetResponse:
        if self.refusal:
            raise self.refusal
        del self.datasets[self._get(request.dataset_id).dataset_id]
        return pb.DeleteDatasetResponse()

    async def GetDatasetProfile(self, request: Any, _context: Any) -> pb.GetDatasetProfileResponse:
        known = profile()
        if request.dataset_id in self.tables:
            table = self.tables[request.dataset_id]
            del known.columns[:], known.prediction_columns[:]
            for field in table.schema:
                is_date = pa.types.is_timestamp(field.type)
                known.columns.add(
                    name=field.name,
                    kind=pb.COLUMN_KIND_DATE if is_date else pb.COLUMN_KIND_TEXT,
                    minimum=self.first_moment if is_date else None,
                )
            found = self.prediction_columns.items()
            known.prediction_columns.extend(pb.PredictionColumn(input=name, column=column) for name, column in found)
        return pb.GetDatasetProfileResponse(dataset=self._get(request.dataset_id), profile=known)

    async def GetDatasetRegions(self, request: Any, _context: Any) -> pb.GetDatasetRegionsResponse:
        self._get(request.dataset_id)
        return pb.GetDatasetRegionsResponse(
            level=request.level or pb.REGION_LEVEL_SIGUNGU,
            columns=["시군구"],
            regions=[
                pb.RegionRows(code="27110", name="대구광역시 중구", rows=2, latitude=35.87, longitude=128.6),
                pb.RegionRows(code="43112", name="충청북도 청주시 서원구", rows=1),
            ],
            unmatched=[pb.UnmatchedText(text="중구", reason=pb.REGION_FAILURE_AMBIGUOUS, rows=1)],
            matched_rows=3,
            ambiguous_rows=1,
        )

    async def ReadDataset(self, request: Any, _context: Any) -> AsyncIterator[pb.ReadDatasetResponse]:
        self._get(request.dataset_id)
        self.reads.append(request)
        if self.refusal:
            raise self.refusal
        content = b'[{"a":1}]' if request.format == pb.DATA_FORMAT_JSON else self.files.get(request.dataset_id, b"")
        if request.dataset_id in self.tables:
            table = self.tables[request.dataset_id].slice(request.offset, request.limit or None)
            content = b"".join(serialise(table, DataFormat[pb.DataFormat.Name(request.format)[len("DATA_FORMAT_") :]]))
        size = 1 + len(content) // 1000  # cuts between any two bytes of a small file, and within most lines of another
        for at in range(0, len(content), size):
            yield pb.ReadDatasetResponse(chunk=content[at : at + size])

    async def AcquireLease(self, request: Any, _context: Any) -> pb.AcquireLeaseResponse:
        self.leases.append((self._get(request.dataset_id).dataset_id, request.holder))
        return pb.AcquireLeaseResponse(expires_at=UPLOADED_AT)

    async def ReleaseLease(self, request: Any, _context: Any) -> pb.ReleaseLeaseResponse:
        self.leases = [lease for lease in self.leases if lease != (request.dataset_id, request.holder)]
        return pb.ReleaseLeaseResponse()

    async def CreateShareLink(self, request: Any, _context: Any) -> sharing.CreateShareLinkResponse:
        return sharing.CreateShareLinkResponse(link=self._link(request.dataset_id), share_token=TOKEN)

    async def ListShareLinks(self, request: Any, _context: Any) -> sharing.ListShareLinksResponse:
        following = None if request.after else str(request.limit)
        return sharing.ListShareLinksResponse(links=[self._link(request.dataset_id)], next=following)

    async def RevokeShareLink(self, request: Any, _context: Any) -> sharing.RevokeShareLinkResponse:
        link = self._link(request.dataset_id)
        link.link_id = request.link_id
        link.revoked_at.CopyFrom(UPLOADED_AT)
        return sharing.RevokeShareLinkResponse(link=link)

    async def OpenShareLink(self, request: Any, _context: Any) -> sharing.OpenShareLinkResponse:
        if self.refusal:
            raise self.refusal
        if request.share_token != TOKEN:
            raise Refused("SHARE_LINK_NOT_FOUND", "No link has this token.")
        self.looks.append(request.is_look)
        dataset = self.datasets[max(self.datasets)]
        return sharing.OpenShareLinkResponse(link=self._link(dataset.dataset_id), dataset=dataset, profile=profile())

    def _get(self, dataset_id: str) -> pb.Dataset:
        if dataset_id not in self.datasets:
            raise Refused("DATASET_NOT_FOUND", "No dataset has this id.")
        return self.datasets[dataset_id]

    def _link(self, dataset_id: str) -> sharing.ShareLink:
        self._get(dataset_id)
        expires_at = Timestamp(seconds=UPLOADED_AT.seconds + 7 * 24 * 3600)
        return sharing.ShareLink(
            link_id=new_id(), dataset_id=dataset_id, created_at=UPLOADED_AT, expires_at=expires_at, views=3
        )

    async def ListTools(self, _request: Any, _context: Any) -> analysis_pb2.ListToolsResponse:
        if self.hangs:
            await asyncio.Event().wait()  # until the call is cancelled
        tool = analysis_pb2.Tool(name="get_value_counts", group="데이터 정보", description="셉니다.", schema_json="{}")
        return analysis_pb2.ListToolsResponse(tools=[tool])

    async def RunTool(self, request: Any, _context: Any) -> analysis_pb2.RunToolResponse:
        self.tool_arguments.append(request.arguments_json)
        if self.refusal:
            raise self.refusal
        return analysis_pb2.RunToolResponse(
            text="답",
            table_json=json.dumps(TABLE),
            code="df",
            rows_used=7,
            rows_missing=1,
            question_json='{"groups":["구"]}',
        )

    async def QueryRows(self, request: Any, _context: Any) -> AsyncIterator[analysis_pb2.QueryRowsResponse]:
        data_format = data_format_from_proto(request.format)
        frame, question = self._ask(request, rows_operation(data_format))
        rows = find_rows(frame, question, offset_of(question, CONTENT_HASH))
        yield analysis_pb2.QueryRowsResponse(rows=rows_to_proto(rows, question, CONTENT_HASH))
        for chunk in serialise(rows.table, data_format):
            yield analysis_pb2.QueryRowsResponse(chunk=chunk)

    async def Aggregate(self, request: Any, _context: Any) -> analysis_pb2.AggregateResponse:
        if self.hangs:
            await asyncio.Event().wait()  # until the call is cancelled
        return aggregate_to_proto(aggregate(*self._ask(request, AGGREGATE)))

    async def CountFacets(self, request: Any, _context: Any) -> analysis_pb2.CountFacetsResponse:
        return facets_to_proto(count_facets(*self._ask(request, FACETS)))

    def _ask(self, request: Any, operation: Operation) -> tuple[Frame, Question]:
        self.questions.append(request.question)
        if self.refusal:
            raise self.refusal
        question = question_from_proto(request.question, operation)
        return Frame(self.tables.get(request.dataset_id, ROWS_OF_ANY)), question


def profile() -> pb.Profile:
    """Returns what is known of every file."""
    return pb.Profile(
        columns=[
            pb.Column(
                name="위도",
                kind=pb.COLUMN_KIND_NUMBER,
                meaning=pb.COLUMN_MEANING_LATITUDE,
                unit="°",
                unique=2,
                samples=["35.8"],
                minimum="35.8",
                maximum="36",
            )
        ],
        coordinates=pb.CoordinateColumns(latitude="위도", longitude="경도"),
        prediction_columns=[pb.PredictionColumn(input="weather", column="기상상태")],
        date_columns=["사고일시"],
        duplicate_rows=1,
        missing_cells=4,
        warnings=[
            pb.DatasetWarning(
                reason="TOTALS_LEFT_OUT",
                line=3,
                given="4",
                lines=[3, 5, 6, 7],
                undo=pb.ReadingChange(reading=pb.Reading(chosen=["left_out"]), found_again=["end_line"]),
            )
        ],
    )


def dataset_service(fake: FakeDatasets) -> FakeService:
    """Returns the service with all its doors."""
    servicers: dict[str, Any] = {
        DATASET: (dataset_pb2_grpc.add_DatasetServiceServicer_to_server, fake),
        SHARING: (sharing_pb2_grpc.add_SharingServiceServicer_to_server, fake),
        ANALYSIS: (analysis_pb2_grpc.add_AnalysisServiceServicer_to_server, fake),
    }
    return FakeService((DATASET, SHARING, "database", "storage"), servicers=servicers)
