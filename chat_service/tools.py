"""The catalogue of 22 tools: twenty run in the dataset service, two in the prediction service."""

import asyncio
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
import structlog
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc

from chat_service import eclo_tools
from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.claude import ToolDefinition
from chat_service.eclo_tools import EcloTools
from chat_service.errors import PassedOn
from chat_service.text import storable
from servicekit.errors import Refused, ToolRefused

_FRESH_SECONDS = 60.0
_LONGEST_ARGUMENTS = 100_000
_NOT_JSON = "인자가 올바른 JSON 객체가 아닙니다. 도구의 스키마에 맞는 JSON 객체로 다시 불러주세요."
_NO_SUCH_TOOL = "그런 도구는 없습니다. 쓸 수 있는 도구: {names}"
_TOO_SLOW = "제시간에 끝나지 않았습니다. 조건을 좁히거나 다른 도구를 써주세요."
_UNAVAILABLE = "지금은 이 도구를 쓸 수 없습니다. 다른 도구를 쓰거나, 확인하지 못한 것으로 두어야 합니다."
_DATASET_GONE = "데이터셋이 삭제되어 더 읽을 수 없습니다."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and its description; `schema` is the JSON Schema of its arguments."""

    name: str
    group: str
    description: str
    schema: Mapping[str, Any]

    @property
    def definition(self) -> ToolDefinition:
        """The tool as described to the model."""
        return ToolDefinition(self.name, self.description, self.schema)


_OWN = tuple(
    Tool(name, eclo_tools.GROUP, eclo_tools.DESCRIPTIONS[name], eclo_tools.SCHEMAS[name])
    for name in (eclo_tools.PREDICT_ONE, eclo_tools.PREDICT_MANY)
)


class Catalogue:
    """Lists and runs the tools. The caller names the dataset; it is never part of the arguments."""

    def __init__(
        self, analysis_stub: "analysis_pb2_grpc.AnalysisServiceAsyncStub", eclo: EcloTools, tool_seconds: float
    ) -> None:
        self._stub = analysis_stub
        self._eclo = eclo
        self._tool_seconds = tool_seconds
        self._tools: tuple[Tool, ...] = ()
        self._asked_at = -math.inf

    async def tools(self) -> tuple[Tool, ...]:
        """Returns the tools in their fixed order. Raises `PassedOn` if they could not be loaded yet."""
        if time.monotonic() - self._asked_at > _FRESH_SECONDS:
            try:
                told = await self._stub.ListTools(pb.ListToolsRequest())
            except grpc.aio.AioRpcError as error:
                if not self._tools:
                    raise PassedOn(error) from error
            else:
                found = (
                    Tool(tool.name, tool.group, tool.description, json.loads(tool.schema_json)) for tool in told.tools
                )
                self._tools = (*found, *_OWN)
                self._asked_at = time.monotonic()
        return self._tools

    async def run(self, dataset_id: str, name: str, arguments_json: str) -> ToolResult:
        """Runs a tool. Raises `ToolRefused`, or `PassedOn` with the error of the service."""
        arguments = _read_object(arguments_json)
        if name in eclo_tools.SCHEMAS:
            return await self._eclo.run(dataset_id, name, arguments)
        request = pb.RunToolRequest(dataset_id=dataset_id, name=name, arguments_json=json.dumps(arguments))
        try:
            return result_from_proto(await self._stub.RunTool(request))
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error

    async def use(self, dataset_id: str, use: ToolUse) -> ToolCall:
        """Runs a tool for the model; an error becomes a text that says what to do."""
        started = time.perf_counter()
        result, error, broke_down = None, "", False
        try:
            async with asyncio.timeout(self._tool_seconds):
                result = await self.run(dataset_id, use.name, use.arguments_json)
        except TimeoutError:
            error, broke_down = _TOO_SLOW, True
        except Refused as refusal:
            error, broke_down = self._words(refusal)
        except Exception:
            log.exception("tool_failed", tool=use.name)
            error, broke_down = _UNAVAILABLE, True
        return ToolCall(use, result, error, round((time.perf_counter() - started) * 1000, 2), broke_down)

    def _words(self, refusal: Refused) -> tuple[str, bool]:
        """Returns the text for the model, and whether the same use may work later."""
        match refusal.reason:
            case "TOOL_REFUSED":
                return storable(refusal.message), False
            case "TOOL_NOT_FOUND":
                return _NO_SUCH_TOOL.format(names=", ".join(tool.name for tool in self._tools)), False
            case "DATASET_NOT_FOUND":
                return _DATASET_GONE, True
        return (_TOO_SLOW if refusal.code == grpc.StatusCode.DEADLINE_EXCEEDED else _UNAVAILABLE), True


def _read_object(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse_constant) if len(text) <= _LONGEST_ARGUMENTS else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ToolRefused(_NOT_JSON)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def result_from_proto(message: pb.RunToolResponse) -> ToolResult:
    """Converts the result of a tool of the dataset service."""
    return ToolResult(
        text=storable(message.text),
        table=orjson.loads(message.table_json) if message.HasField("table_json") else None,
        chart=orjson.loads(message.chart_json) if message.HasField("chart_json") else None,
        code=storable(message.code),
        rows_used=message.rows_used,
        rows_missing=message.rows_missing,
    )
