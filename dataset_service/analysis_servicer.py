"""The gRPC door to the analyses: proto in, one domain call, proto out."""

from collections.abc import Mapping
from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc

from dataset_service import analysis
from dataset_service.analysis.frames import Frames
from dataset_service.analysis_convert import result_to_proto, tool_to_proto
from dataset_service.storage.datasets import Datasets
from dataset_service.storage.files import Storage
from dataset_service.storage.store import Dataset
from servicekit.errors import ToolRefused
from servicekit.ids import parse_id
from servicekit.server import Context

_LONGEST_ARGUMENTS = 64 * 1024


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """Serves `daegu.dataset.v1.AnalysisService`."""

    def __init__(self, datasets: Datasets, storage: Storage, frames: Frames) -> None:
        self._datasets = datasets
        self._storage = storage
        self._frames = frames
        self._tools = pb.ListToolsResponse(tools=[tool_to_proto(tool) for tool in analysis.catalogue()])

    async def ListTools(self, request: pb.ListToolsRequest, context: Context) -> pb.ListToolsResponse:
        """Lists the tools."""
        return self._tools

    async def RunTool(self, request: pb.RunToolRequest, context: Context) -> pb.RunToolResponse:
        """Runs one tool."""
        arguments = _arguments(request.arguments_json)

        def run(dataset: Dataset) -> analysis.ToolResult:
            path = self._storage.path(dataset.table_file)
            frame = self._frames.get(dataset.id, dataset.content_hash, path)
            return analysis.run(request.name, frame, arguments)

        dataset_id = str(parse_id(request.dataset_id, "dataset_id"))
        return result_to_proto(await self._datasets.with_table_file(dataset_id, run))


def _arguments(text: str) -> Mapping[str, Any]:
    if len(text) > _LONGEST_ARGUMENTS:
        raise ToolRefused(f"인자가 너무 깁니다. {_LONGEST_ARGUMENTS:,}자 이하여야 합니다.")
    try:
        arguments = orjson.loads(text) if text.strip() else {}
    except orjson.JSONDecodeError:
        raise ToolRefused("인자를 JSON으로 읽을 수 없습니다.") from None
    if not isinstance(arguments, dict):
        raise ToolRefused('인자는 {"이름": 값} 모양의 JSON 객체여야 합니다.')
    return arguments
