"""Tool calls as JSON, for the database and the answer cache."""

from collections.abc import Sequence
from typing import Any

from chat_service.answers import ToolCall, ToolResult, ToolUse


def to_json(calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
    """Returns the calls as JSON values, with the field names of the contract."""
    return [_call_to_json(call) for call in calls]


def _call_to_json(call: ToolCall) -> dict[str, Any]:
    result = call.result or ToolResult("")
    return {
        "call_id": call.use.call_id,
        "name": call.use.name,
        "arguments_json": call.use.arguments_json,
        "result": result.text,
        "table": result.table,
        "chart": result.chart,
        "code": result.code,
        "rows_used": result.rows_used,
        "rows_missing": result.rows_missing,
        "question_json": result.question_json,
        "duration_ms": call.duration_ms,
        "error": call.error,
    }


def from_json(stored: Sequence[dict[str, Any]]) -> tuple[ToolCall, ...]:
    """Parses the result of `to_json`."""
    return tuple(_call_from_json(call) for call in stored)


def _call_from_json(call: dict[str, Any]) -> ToolCall:
    names = ("result", "table", "chart", "code", "rows_used", "rows_missing", "question_json")  # the last may be absent
    values: list[Any] = [call.get(name) for name in names]
    return ToolCall(
        use=ToolUse(call["call_id"], call["name"], call["arguments_json"]),
        result=None if call["error"] else ToolResult(*values),
        error=call["error"],
        duration_ms=call["duration_ms"],
    )
