"""The tools in their fixed order, and the function that runs them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

import numpy as np

from dataset_service.analysis.arguments import Arguments, find_columns, read_arguments
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.loading_code import loading_code
from dataset_service.analysis.pandas_code import with_prelude
from dataset_service.analysis.question.narrow import narrow
from dataset_service.analysis.result import ToolResult
from dataset_service.analysis.tools.column_statistics import get_column_statistics
from dataset_service.analysis.tools.correlation import get_column_correlation_with_target, get_correlation
from dataset_service.analysis.tools.crossing import cross_tabulation
from dataset_service.analysis.tools.geography import get_geo_bounds
from dataset_service.analysis.tools.groups import group_by_aggregate
from dataset_service.analysis.tools.overview import detect_data_types, get_dataframe_info, get_missing_values
from dataset_service.analysis.tools.quality import analyze_missing_pattern
from dataset_service.analysis.tools.rows import filter_dataframe, get_sample_rows, sort_dataframe
from dataset_service.analysis.tools.statistics import calculate_percentile, get_outliers
from dataset_service.analysis.tools.time_patterns import get_date_range, get_temporal_pattern
from dataset_service.analysis.tools.values import (
    get_unique_values,
    get_value_counts,
    summarize_categorical_distribution,
)
from dataset_service.analysis.wording import code_text, paragraphs
from servicekit.errors import Refused, ToolRefused
from servicekit.question import Condition, Definition, Question

_PARTS: dict[str, Any] = {
    name: {"type": "object", "properties": {part: {} for part in shape.model_fields}}
    for name, shape in (("condition", Condition), ("definition", Definition))
}
"""Shapes of the arguments that every tool has: they are sent with every prompt, so `filter_dataframe` explains them."""
_NARROWING: dict[str, Any] = {
    "where": {
        "type": "array",
        "title": "조건",
        "description": "모두 맞는 행만 씁니다",
        "items": {"$ref": "#/$defs/condition"},
    },
    "define": {
        "type": "array",
        "title": "정한 열",
        "description": "이번에만 더하는 열",
        "items": {"$ref": "#/$defs/definition"},
    },
}
ToolFunction = Callable[[Frame, Any], ToolResult]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: `title` names it for people, `description` is the Korean docstring of its function.

    `needs` has the least number of columns by kind: "number", "date", and "coordinates" in pairs.
    """

    name: str
    title: str
    group: str
    description: str
    arguments: type[Arguments]
    function: ToolFunction
    needs: Mapping[str, int]

    def schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of the arguments, with the tool's title and needs."""
        own = self.arguments.model_json_schema()
        return {
            "type": "object",
            "title": self.title,
            "needs": dict(self.needs),
            "properties": own["properties"] | _NARROWING,
            "required": own.get("required", []),
            "additionalProperties": False,
            "$defs": {name: _without_words(shape) for name, shape in own.get("$defs", {}).items()} | _PARTS,
        }


def _without_words(schema: Any) -> Any:
    """Returns a schema without titles, descriptions and limits, which are told once elsewhere."""
    if not isinstance(schema, dict):
        return schema
    kept = {"type", "properties", "items", "$ref", "enum", "required"}
    return {
        key: {name: _without_words(part) for name, part in value.items()}
        if key == "properties"
        else _without_words(value)
        for key, value in schema.items()
        if key in kept
    }


def _tool(group: str, title: str, function: ToolFunction, **needs: int) -> Tool:
    arguments = get_type_hints(function)["arguments"]
    return Tool(function.__name__, title, group, inspect.getdoc(function) or "", arguments, function, needs)


_INFORMATION, _ROWS, _STATISTICS = "데이터 정보", "데이터 조작", "통계 분석"
_TIME, _GEOGRAPHY, _QUALITY = "시계열", "지리", "데이터 품질"
_TOOLS = (
    _tool(_INFORMATION, "데이터 개요", get_dataframe_info),
    _tool(_INFORMATION, "빈 값", get_missing_values),
    _tool(_INFORMATION, "열 종류", detect_data_types),
    _tool(_INFORMATION, "열 통계", get_column_statistics),
    _tool(_INFORMATION, "값별 건수", get_value_counts),
    _tool(_ROWS, "조건에 맞는 행", filter_dataframe),
    _tool(_ROWS, "정렬", sort_dataframe),
    _tool(_ROWS, "서로 다른 값", get_unique_values),
    _tool(_ROWS, "행 일부", get_sample_rows),
    _tool(_STATISTICS, "상관관계", get_correlation, number=2),
    _tool(_STATISTICS, "묶어서 계산", group_by_aggregate),
    _tool(_STATISTICS, "백분위수", calculate_percentile, number=1),
    _tool(_STATISTICS, "이상치", get_outliers, number=1),
    _tool(_STATISTICS, "교차표", cross_tabulation),
    _tool(_STATISTICS, "기준 열과의 상관관계", get_column_correlation_with_target, number=2),
    _tool(_TIME, "날짜 범위", get_date_range, date=1),
    _tool(_TIME, "시간 흐름", get_temporal_pattern, date=1),
    _tool(_GEOGRAPHY, "위치 범위", get_geo_bounds, coordinates=1),
    _tool(_QUALITY, "빈 값의 분포", analyze_missing_pattern),
    _tool(_QUALITY, "범주 분포", summarize_categorical_distribution),
)
_BY_NAME = {tool.name: tool for tool in _TOOLS}


def catalogue() -> tuple[Tool, ...]:
    """Returns the tools, always in the same order."""
    return _TOOLS


def run(name: str, frame: Frame, arguments: Mapping[str, Any]) -> ToolResult:
    """Runs a tool on a frame. CPU-bound: call it off the event loop.

    Raises `TOOL_NOT_FOUND`, or `ToolRefused` when the arguments do not fit the tool or the data.
    """
    tool = _BY_NAME.get(name)
    if tool is None:
        raise Refused("TOOL_NOT_FOUND", f"No tool {name!r}. Tools: {', '.join(_BY_NAME)}.")
    read, asked = read_arguments(tool.arguments, arguments)
    with np.errstate(all="ignore"):  # 0/0 is NaN, which is reported as missing
        try:
            narrowed = narrow(frame, asked, read.columns_named())
            read, notes = find_columns(read, narrowed.frame)
            result = tool.function(narrowed.frame, read)
        except ToolRefused as refused:  # tools are refused by a sentence alone
            where = f"{code_text(refused.field)}: " if refused.field.startswith(("where", "define")) else ""
            raise ToolRefused(where + refused.message) from None
    question = result.question or Question()
    loading, functions = loading_code(frame, "\n".join([*narrowed.code, result.code]), result.table.columns)
    return replace(
        result,
        text=paragraphs(*notes, narrowed.told(result.text)),
        code=with_prelude(result.code, [*loading, *narrowed.code], [*functions, *narrowed.functions]),
        question=question.model_copy(update={"define": asked.define, "where": (*asked.where, *question.where)}),
    )
