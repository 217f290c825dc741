import json

from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.tool_call_json import from_json, to_json

TABLE = {
    "columns": ["시각", "건수", "비율", "주말", "빈 값"],
    "rows": [["18시", 60, 1.0, True, None], ["8시", 2**60, 0.1, False, None]],
    "total_rows": 10,
}
CALLS = (
    ToolCall(
        ToolUse("1", "get_value_counts", '{"column": "시각"}'),
        ToolResult(
            "표입니다.", TABLE, {"kind": "heatmap", "x": "시각", "y": ""}, "result = df", 100, 3, '{"groups": ["시각"]}'
        ),
        duration_ms=1.25,
    ),
    ToolCall(ToolUse("2", "nothing", "["), None, "그런 도구는 없습니다."),
    ToolCall(ToolUse("3", "get_missing_values", ""), ToolResult("결측이 없습니다.")),
)


def test_calls_come_back_as_they_were() -> None:
    assert from_json(json.loads(json.dumps(to_json(CALLS)))) == CALLS


def test_call_stored_by_an_earlier_version_has_no_question() -> None:
    (stored,) = to_json(CALLS[2:])
    del stored["question_json"]
    assert from_json([stored]) == CALLS[2:]
