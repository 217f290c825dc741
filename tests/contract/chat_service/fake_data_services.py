"""The dataset service, as far as the chat can tell: a real gRPC server with made-up data."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from daegu.dataset.v1 import analysis_pb2, analysis_pb2_grpc, dataset_pb2, dataset_pb2_grpc

from scripts.benchmarks.processes import free_port
from servicekit.errors import Refused, ToolRefused
from servicekit.ids import new_id
from servicekit.server import Server
from servicekit.settings import ServerSettings

DATASET, ANALYSIS = "daegu.dataset.v1.DatasetService", "daegu.dataset.v1.AnalysisService"
# In the order of the real catalogue.
TOOL_NAMES = (
    "get_dataframe_info", "get_missing_values", "detect_data_types", "get_column_statistics", "get_value_counts",
    "filter_dataframe", "sort_dataframe", "get_unique_values", "get_sample_rows", "get_correlation",
    "group_by_aggregate", "calculate_percentile", "get_outliers", "cross_tabulation",
    "get_column_correlation_with_target", "get_date_range", "get_temporal_pattern", "get_geo_bounds",
    "analyze_missing_pattern", "summarize_categorical_distribution", "predict_eclo", "predict_eclo_batch",
)  # fmt: skip
_COLUMN_TOOLS = frozenset({"get_column_statistics", "get_value_counts", "get_temporal_pattern", "get_unique_values"})
Columns = Mapping[str, tuple[str, Sequence[str]]]
"""The kind and the samples of each column."""
ACCIDENT_COLUMNS: Columns = {
    "사고일시": ("DATE", ("2019-01-01 00:00", "2019-01-01 01:00")),
    "요일": ("TEXT", ("화요일", "금요일")),
    "시군구": ("TEXT", ("대구광역시 수성구 상동", "대구광역시 중구 대신동")),
    "ECLO": ("INTEGER", ("3", "5")),
}


class FakeDatasets(dataset_pb2_grpc.DatasetServiceServicer):
    """Has the datasets a test added; remembers who held a lease on which."""

    def __init__(self) -> None:
        self.datasets: dict[str, dataset_pb2.GetDatasetProfileResponse] = {}
        self.held: set[tuple[str, str]] = set()
        self.leases: list[tuple[str, str]] = []
        self.refusal: Refused | None = None

    def add(self, columns: Columns | None = None, *, name: str = "대구 교통사고", content_hash: str = "") -> str:
        """Adds a dataset and returns its id. Without a hash its content is like no other."""
        dataset_id = new_id()
        columns = ACCIDENT_COLUMNS if columns is None else columns
        profile = dataset_pb2.Profile()
        for column, (kind, samples) in columns.items():
            profile.columns.add(
                name=column, kind=dataset_pb2.ColumnKind.Value(f"COLUMN_KIND_{kind}"), unique=2, samples=samples
            )
        dataset = dataset_pb2.Dataset(
            dataset_id=dataset_id, name=name, rows=100, columns=len(columns), content_hash=content_hash or dataset_id
        )  # fmt: skip
        self.datasets[dataset_id] = dataset_pb2.GetDatasetProfileResponse(dataset=dataset, profile=profile)
        return dataset_id

    async def GetDatasetProfile(self, request: Any, _context: Any) -> dataset_pb2.GetDatasetProfileResponse:
        if self.refusal:
            raise self.refusal
        if request.dataset_id not in self.datasets:
            raise Refused("DATASET_NOT_FOUND", f"No dataset {request.dataset_id}.", dataset_id=request.dataset_id)
        return self.datasets[request.dataset_id]

    async def ReadDataset(self, _request: Any, _context: Any) -> AsyncIterator[dataset_pb2.ReadDatasetResponse]:
        for chunk in (b"DATA", b"SET"):
            yield dataset_pb2.ReadDatasetResponse(chunk=chunk)

    async def AcquireLease(self, request: Any, _context: Any) -> dataset_pb2.AcquireLeaseResponse:
        if request.dataset_id not in self.datasets:
            raise Refused("DATASET_NOT_FOUND", "No dataset.")
        self.held.add((request.dataset_id, request.holder))
        self.leases.append((request.dataset_id, request.holder))
        return dataset_pb2.AcquireLeaseResponse()

    async def ReleaseLease(self, request: Any, _context: Any) -> dataset_pb2.ReleaseLeaseResponse:
        self.held.discard((request.dataset_id, request.holder))
        return dataset_pb2.ReleaseLeaseResponse()

    # What the chat does not call.
    UploadDataset = RereadDataset = PreviewReading = GetDataset = GetDatasetRegions = None  # type: ignore[assignment]
    ListDatasets = UpdateDataset = DeleteDataset = None  # type: ignore[assignment]


class FakeAnalysis(analysis_pb2_grpc.AnalysisServiceServicer):
    """Answers every tool with a small table; remembers what was run on which dataset.

    Nothing is answered while `may_answer` is clear. `answer` may be replaced.
    """

    def __init__(self, datasets: FakeDatasets) -> None:
        self._datasets = datasets
        self.start_anew()

    def start_anew(self) -> None:
        """Forgets everything."""
        self.run: list[tuple[str, str, dict[str, Any]]] = []
        self.counted: list[list[str]] = []
        self.values_are_away = False
        self.listed = 0
        self.list_is_broken = False
        self.refusal: Refused | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.was_asked = asyncio.Event()
        self.answer: Callable[[str, dict[str, Any]], analysis_pb2.RunToolResponse] = small_answer

    async def ListTools(self, _request: Any, _context: Any) -> analysis_pb2.ListToolsResponse:
        self.listed += 1
        if self.list_is_broken:
            return analysis_pb2.ListToolsResponse(tools=[analysis_pb2.Tool(name="broken", schema_json="{")])
        return analysis_pb2.ListToolsResponse(tools=[_tool(name) for name in TOOL_NAMES])

    async def QueryRows(self, _request: Any, _context: Any) -> AsyncIterator[analysis_pb2.QueryRowsResponse]:
        yield analysis_pb2.QueryRowsResponse(rows=analysis_pb2.QueriedRows(total=0))

    async def Aggregate(self, _request: Any, _context: Any) -> analysis_pb2.AggregateResponse:
        return analysis_pb2.AggregateResponse()

    async def CountFacets(self, request: Any, _context: Any) -> analysis_pb2.CountFacetsResponse:
        self.counted.append(list(request.question.columns))
        if self.values_are_away:
            raise Refused("INTERNAL", "Away.")
        profile = self._datasets.datasets[request.dataset_id].profile
        facets = [
            analysis_pb2.Facet(
                column=column.name,
                kind=analysis_pb2.FACET_KIND_VALUES,
                values=[analysis_pb2.FacetValue(value=value, rows=1) for value in (*column.samples, "나머지")],
            )
            for column in profile.columns
            if column.name in request.question.columns
        ]
        return analysis_pb2.CountFacetsResponse(total=100, facets=facets)

    async def RunTool(self, request: Any, _context: Any) -> analysis_pb2.RunToolResponse:
        arguments = json.loads(request.arguments_json or "{}")
        self.run.append((request.dataset_id, request.name, arguments))
        self.was_asked.set()
        await self.may_answer.wait()
        if self.refusal:
            raise self.refusal
        if request.dataset_id not in self._datasets.datasets:
            raise Refused("DATASET_NOT_FOUND", "No dataset.", dataset_id=request.dataset_id)
        if request.name not in TOOL_NAMES:
            raise Refused("TOOL_NOT_FOUND", f"No tool {request.name}.")
        columns = [column.name for column in self._datasets.datasets[request.dataset_id].profile.columns]
        column = arguments.get("column")
        if column is not None and column not in columns:
            raise ToolRefused(f"'{column}' 열이 없습니다. 열 목록: {', '.join(columns)}")
        return self.answer(request.name, arguments)


def small_answer(name: str, arguments: Mapping[str, Any]) -> analysis_pb2.RunToolResponse:
    """Returns a table of two rows: 18시 with 60 and 8시 with 40."""
    table = {
        "columns": ["시각", "건수", "비율", "주말", "비고"],
        "rows": [["18시", 60, 0.6, False, None], ["8시", 40, 0.4, True, None]],
        "total_rows": 2,
    }
    return analysis_pb2.RunToolResponse(
        text=f"**18시**에 60건으로 가장 많습니다. ({name})",
        code="result = df['시각'].value_counts().reset_index()",
        rows_used=100,
        rows_missing=3,
        table_json=json.dumps(table),
        chart_json=json.dumps({"kind": "bar", "x": "시각", "y": "건수"}),
    )


def _tool(name: str) -> analysis_pb2.Tool:
    properties = {"column": {"type": "string"}} if name in _COLUMN_TOOLS else {}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return analysis_pb2.Tool(name=name, group="데이터 정보", description=f"{name} 도구", schema_json=json.dumps(schema))


async def _answers() -> None:
    """Is the health of a database that works."""


class FakeDataServices:
    """The services of the dataset service on one port."""

    def __init__(self) -> None:
        self.datasets = FakeDatasets()
        self.analysis = FakeAnalysis(self.datasets)
        self.target = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeDataServices"]:
        """Serves inside the block."""
        server = Server(ServerSettings(port=free_port(), leave_seconds=0.0, drain_seconds=0.0), {"database": _answers})
        server.add(dataset_pb2_grpc.add_DatasetServiceServicer_to_server, self.datasets, DATASET)
        server.add(analysis_pb2_grpc.add_AnalysisServiceServicer_to_server, self.analysis, ANALYSIS)
        async with server.running() as port:
            self.target = f"127.0.0.1:{port}"
            yield self
