"""The tools of the dataset service, as the model uses them."""

import asyncio
import math
import time

import grpc
import orjson
import structlog
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc

from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.claude import ToolDefinition
from servicekit.remote_errors import PassedOn
from servicekit.text_gate import storable

_FRESH_SECONDS = 60.0
_NO_SUCH_TOOL = "그런 도구는 없습니다. 쓸 수 있는 도구: {names}"
_TOO_SLOW = "제시간에 끝나지 않았습니다. 조건을 좁히거나 다른 도구를 써주세요."
_UNAVAILABLE = "지금은 이 도구를 쓸 수 없습니다. 다른 도구를 쓰거나, 확인하지 못한 것으로 두어야 합니다."
_DATASET_GONE = "데이터셋이 삭제되어 더 읽을 수 없습니다."

log = structlog.get_logger()


class Catalogue:
    """Lists and runs the tools. The caller names the dataset; it is never part of the arguments."""

    def __init__(self, analysis_stub: "analysis_pb2_grpc.AnalysisServiceAsyncStub", tool_seconds: float) -> None:
        self._stub = analysis_stub
        self._tool_seconds = tool_seconds
        self._tools: tuple[ToolDefinition, ...] = ()
        self._asked_at = -math.inf

    async def tools(self) -> tuple[ToolDefinition, ...]:
        """Returns the tools in their fixed order. Raises `PassedOn` if they could not be loaded yet."""
        if time.monotonic() - self._asked_at > _FRESH_SECONDS:
            try:
                listed = await self._stub.ListTools(pb.ListToolsRequest())
            except grpc.aio.AioRpcError as error:
                if not self._tools:
                    raise PassedOn(error) from error
            else:
                self._tools = tuple(
                    ToolDefinition(tool.name, tool.description, orjson.loads(tool.schema_json)) for tool in listed.tools
                )
                self._asked_at = time.monotonic()
        return self._tools

    async def use(self, dataset_id: str, use: ToolUse) -> ToolCall:
        """Runs a tool for the model; an error becomes a text that says what to do."""
        started = time.perf_counter()
        result, error, broke_down = None, "", False
        request = pb.RunToolRequest(dataset_id=dataset_id, name=use.name, arguments_json=use.arguments_json)
        try:
            async with asyncio.timeout(self._tool_seconds):
                result = result_from_proto(await self._stub.RunTool(request))
        except TimeoutError:
            error, broke_down = _TOO_SLOW, True
        except grpc.aio.AioRpcError as failed:
            error, broke_down = self._explain(PassedOn(failed))
        except Exception:
            log.exception("tool_failed", tool=use.name)
            error, broke_down = _UNAVAILABLE, True
        return ToolCall(use, result, error, round((time.perf_counter() - started) * 1000, 2), broke_down)

    def _explain(self, refusal: PassedOn) -> tuple[str, bool]:
        """Returns the text for the model, and whether the same use may work later."""
        match refusal.reason:
            case "TOOL_REFUSED" | "QUESTION_REFUSED":
                return storable(refusal.message), False
            case "TOOL_NOT_FOUND":
                return _NO_SUCH_TOOL.format(names=", ".join(tool.name for tool in self._tools)), False
            case "DATASET_NOT_FOUND":
                return _DATASET_GONE, True
        return (_TOO_SLOW if refusal.code == grpc.StatusCode.DEADLINE_EXCEEDED else _UNAVAILABLE), True


def result_from_proto(message: pb.RunToolResponse) -> ToolResult:
    """Converts the result of a tool of the dataset service."""
    return ToolResult(
        text=storable(message.text),
        table=orjson.loads(message.table_json) if message.HasField("table_json") else None,
        chart=orjson.loads(message.chart_json) if message.HasField("chart_json") else None,
        code=storable(message.code),
        rows_used=message.rows_used,
        rows_missing=message.rows_missing,
        question_json=storable(message.question_json) if message.HasField("question_json") else None,
    )
