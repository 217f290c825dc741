"""The gRPC door to the analyses: proto in, one domain call, proto out."""

from collections.abc import Mapping
from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc

from dataset_service import analysis
from dataset_service.analysis.frame.frames import Frames
from dataset_service.analysis_convert import result_to_proto, tool_to_proto
from dataset_service.eclo import tools as eclo_tools
from dataset_service.eclo.tools import EcloTools
from dataset_service.storage.datasets import Datasets
from dataset_service.storage.files import Storage
from dataset_service.storage.store import Dataset
from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import ToolRefused
from servicekit.ids import parse_id
from servicekit.server import Context

_LONGEST_ARGUMENTS = 100_000  # a hundred accidents to predict


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """Serves `daegu.dataset.v1.AnalysisService`."""

    def __init__(self, datasets: Datasets, storage: Storage, frames: Frames, eclo: EcloTools) -> None:
        self._datasets = datasets
        self._storage = storage
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
        dataset_id = str(parse_id(request.dataset_id, "dataset_id"))
        if request.name in eclo_tools.SCHEMAS:
            return result_to_proto(await self._eclo.run(dataset_id, request.name, arguments))

        def run(dataset: Dataset) -> analysis.ToolResult:
            path = self._storage.path(dataset.table_file)
            frame = self._frames.get(dataset.id, dataset.content_hash, path)
            return analysis.run(request.name, frame, arguments)

        return result_to_proto(await self._datasets.with_table_file(dataset_id, run))


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
