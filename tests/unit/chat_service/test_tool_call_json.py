import json

from chat_service.answers import Chart, Table, ToolCall, ToolResult, ToolUse
from chat_service.tool_call_json import from_json, to_json

TABLE = Table(
    ("시각", "건수", "비율", "주말", "빈 값"), (("18시", 60, 1.0, True, None), ("8시", 2**60, 0.1, False, None)), 10
)
CALLS = (
    ToolCall(
        ToolUse("1", "get_value_counts", '{"column": "시각"}'),
        ToolResult("표입니다.", TABLE, Chart("heatmap", "시각", ""), "result = df", 100, 3),
        duration_ms=1.25,
    ),
    ToolCall(ToolUse("2", "nothing", "["), None, "그런 도구는 없습니다."),
    ToolCall(ToolUse("3", "get_missing_values", ""), ToolResult("결측이 없습니다.")),
)


def test_calls_come_back_as_they_were() -> None:
    assert from_json(json.loads(json.dumps(to_json(CALLS)))) == CALLS


def test_whole_numbers_stay_whole_and_fractions_stay_fractions() -> None:
    (call, *_) = from_json(json.loads(json.dumps(to_json(CALLS))))
    assert call.result
    assert call.result.table
    assert [type(cell) for cell in call.result.table.rows[0]] == [str, int, float, bool, type(None)]


def test_stored_form_is_readable() -> None:
    stored = to_json(CALLS)[0]
    assert (stored["name"], stored["rows_used"]) == ("get_value_counts", 100)
    assert stored["table"]["columns"][0] == "시각"
