"""The gRPC door to the analyses: proto in, one domain call, proto out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc

from dataset_service import analysis
from dataset_service.analysis.frame.frames import Frame, Frames
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.cursor import offset_of
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import MOST_ROWS, Rows, find_rows
from dataset_service.analysis_convert import result_to_proto, tool_to_proto
from dataset_service.convert import data_format_from_proto
from dataset_service.eclo import tools as eclo_tools
from dataset_service.eclo.tools import EcloTools
from dataset_service.question_convert import (
    AGGREGATE,
    FACETS,
    aggregate_to_proto,
    facets_to_proto,
    question_from_proto,
    rows_operation,
    rows_to_proto,
)
from dataset_service.storage.data_output import serialise
from dataset_service.storage.datasets import Datasets
from dataset_service.storage.store import Dataset
from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import ToolRefused
from servicekit.ids import parse_id
from servicekit.server import Context

Result = TypeVar("Result")
_LONGEST_ARGUMENTS = 100_000  # a hundred accidents to predict


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """Serves `daegu.dataset.v1.AnalysisService`."""

    def __init__(self, datasets: Datasets, frames: Frames, eclo: EcloTools) -> None:
        self._datasets = datasets
        self._frames = frames
        self._eclo = eclo
        tools = [*map(tool_to_proto, analysis.catalogue()), *eclo_tools.TOOLS]
        self._tools = pb.ListToolsResponse(tools=tools)

    async def ListTools(self, request: pb.ListToolsRequest, context: Context) -> pb.ListToolsResponse:
        """Lists the tools."""
        return self._tools

    async def RunTool(self, request: pb.RunToolRequest, context: Context) -> pb.RunToolResponse:
        """Runs one tool."""
        refuse_api_key(request.arguments_json, "args")
        arguments = _arguments(request.arguments_json)
        dataset_id = _id(request.dataset_id)
        if request.name in eclo_tools.SCHEMAS:
            return result_to_proto(await self._eclo.run(dataset_id, request.name, arguments))

        result = await self._with_frame(dataset_id, lambda frame, _: analysis.run(request.name, frame, arguments))
        return result_to_proto(result)

    async def QueryRows(self, request: pb.QueryRowsRequest, context: Context) -> AsyncIterator[pb.QueryRowsResponse]:
        """Streams the rows that a question leaves."""
        data_format = data_format_from_proto(request.format)
        question = question_from_proto(request.question, rows_operation(data_format))
        is_short = question.limit is None or 0 < question.limit <= MOST_ROWS

        def find(frame: Frame, content_hash: str) -> tuple[Rows, str]:
            return find_rows(frame, question, offset_of(question, content_hash)), content_hash

        with nullcontext() if is_short else self._datasets.downloading():
            rows, content_hash = await self._ask(request.dataset_id, find)
            yield pb.QueryRowsResponse(rows=rows_to_proto(rows, question, content_hash))
            pieces = serialise(rows.table, data_format)
            while piece := await asyncio.to_thread(next, pieces, b""):
                yield pb.QueryRowsResponse(chunk=piece)

    async def Aggregate(self, request: pb.AggregateRequest, context: Context) -> pb.AggregateResponse:
        """Works out measures by group."""
        question = question_from_proto(request.question, AGGREGATE)
        return aggregate_to_proto(await self._ask(request.dataset_id, lambda frame, _: aggregate(frame, question)))

    async def CountFacets(self, request: pb.CountFacetsRequest, context: Context) -> pb.CountFacetsResponse:
        """Counts the values of columns."""
        question = question_from_proto(request.question, FACETS)
        return facets_to_proto(await self._ask(request.dataset_id, lambda frame, _: count_facets(frame, question)))

    async def _ask(self, dataset_id: str, answer: Callable[[Frame, str], Result]) -> Result:
        """Puts a question; a refusal that names no part of it is one of the whole question."""
        try:
            return await self._with_frame(_id(dataset_id), answer)
        except ToolRefused as refused:
            raise ToolRefused(refused.message, field=refused.field or "question") from None

    async def _with_frame(self, dataset_id: str, use: Callable[[Frame, str], Result]) -> Result:
        """Runs `use` on the frame of a dataset and the hash of its content, off the event loop."""

        def run(dataset: Dataset, path: Path) -> Result:
            return use(self._frames.get(dataset.id, dataset.content_hash, path), dataset.content_hash)

        return await self._datasets.with_table_file(dataset_id, run)


def _id(text: str) -> str:
    return str(parse_id(text, "dataset_id"))


def _arguments(text: str) -> Mapping[str, Any]:
    if len(text) > _LONGEST_ARGUMENTS:
        raise ToolRefused(f"인자가 너무 깁니다. {_LONGEST_ARGUMENTS:,}자 이하여야 합니다.")
    try:
        arguments = orjson.loads(text) if text.strip() else {}
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise ToolRefused("인자가 올바른 JSON 객체가 아닙니다. 도구의 스키마에 맞는 JSON 객체로 다시 불러주세요.")
    return arguments
