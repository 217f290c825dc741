import json
import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from dataset_service.analysis import Tool, catalogue, run
from servicekit.errors import Refused
from servicekit.question import Condition, Definition, MeasureName, Narrowing, Operator
from tests.unit.dataset_service.analysis.sample_frames import frame_of

CONTRACT: dict[str, tuple[str, dict[str, Any]]] = {
    "get_dataframe_info": ("데이터 정보", {}),
    "get_missing_values": ("데이터 정보", {}),
    "detect_data_types": ("데이터 정보", {}),
    "get_column_statistics": ("데이터 정보", {"column": ...}),
    "get_value_counts": ("데이터 정보", {"column": ..., "top_n": 20}),
    "filter_dataframe": ("데이터 조작", {"column": None, "operator": "==", "value": None, "columns": ()}),
    "sort_dataframe": ("데이터 조작", {"column": ..., "ascending": True, "top_n": 10, "then": (), "columns": ()}),
    "get_unique_values": ("데이터 조작", {"column": ...}),
    "get_sample_rows": ("데이터 조작", {"n": 5, "column": None, "value": None, "columns": ()}),
    "get_correlation": ("통계 분석", {"columns": None}),
    "group_by_aggregate": (
        "통계 분석",
        {
            "group_column": ...,
            "second_group_column": None,
            "agg_column": None,
            "operation": None,
            "percentile": None,
            "per": None,
            "times": 100,
            "measures": (),
            "ascending": False,
            "top_n": 200,
        },
    ),
    "calculate_percentile": ("통계 분석", {"column": ..., "percentile": ..., "group_column": None}),
    "get_outliers": ("통계 분석", {"column": ..., "multiplier": 1.5}),
    "cross_tabulation": (
        "통계 분석",
        {"row_column": ..., "col_column": ..., "normalize": False, "value_column": None, "operation": None},
    ),
    "get_column_correlation_with_target": ("통계 분석", {"target_column": ...}),
    "get_date_range": ("시계열", {"column": ...}),
    "get_temporal_pattern": ("시계열", {"column": ...}),
    "get_geo_bounds": ("지리", {}),
    "analyze_missing_pattern": ("데이터 품질", {"column": ...}),
    "summarize_categorical_distribution": ("데이터 품질", {"column": ...}),
}
"""Name, group and parameters with their defaults (... where there is none): prompts and people know them.

A new tool need not be here before its release.
"""


def parameters(tool: Tool) -> dict[str, Any]:
    fields = tool.arguments.model_fields
    return {name: ... if field.is_required() else field.default for name, field in fields.items()}


def test_tools_have_the_names_the_groups_the_order_and_the_parameters_people_know() -> None:
    known = [(tool.name, (tool.group, parameters(tool))) for tool in catalogue() if tool.name in CONTRACT]
    assert known == list(CONTRACT.items())


@pytest.mark.parametrize("tool", catalogue(), ids=lambda tool: tool.name)
def test_schema_describes_every_argument_in_korean(tool: Tool) -> None:
    schema = tool.schema()
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert re.search("[가-힣]", schema["title"])
    for name, field in schema["properties"].items():
        assert re.search("[가-힣]", field["description"]), name
        assert re.search("[가-힣]", field["title"]), name
        choices = (field.get("anyOf") or [field])[0].get("enum", ())
        assert len(field.get("enumNames", choices)) == len(choices), name
    required = {name for name, default in parameters(tool).items() if default is ...}
    assert set(schema["required"]) == required


def test_arguments_of_every_tool_are_published_as_the_question_has_them() -> None:
    schema = catalogue()[0].schema()
    shapes: dict[str, type[BaseModel]] = {"condition": Condition, "definition": Definition}
    assert set(schema["properties"]) == set(Narrowing.model_fields)
    for name, shape in shapes.items():
        assert set(schema["$defs"][name]["properties"]) == set(shape.model_fields)


def test_schemas_and_manuals_of_all_tools_stay_short() -> None:
    written = [(tool.name, tool.description, tool.schema()) for tool in catalogue()]
    assert len(json.dumps(written, ensure_ascii=False, separators=(",", ":"))) < 22_000


def test_schema_states_what_values_there_are() -> None:
    by_name = {tool.name: tool.schema()["properties"] for tool in catalogue()}
    assert by_name["filter_dataframe"]["operator"]["enum"] == list(get_args(Operator))
    assert by_name["group_by_aggregate"]["operation"]["anyOf"][0]["enum"] == list(get_args(MeasureName))
    assert (by_name["get_value_counts"]["top_n"]["minimum"], by_name["get_value_counts"]["top_n"]["maximum"]) == (
        1,
        200,
    )
    percentile = by_name["calculate_percentile"]["percentile"]
    assert (percentile["minimum"], percentile["maximum"]) == (0, 100)


@pytest.mark.parametrize("tool", catalogue(), ids=lambda tool: tool.name)
def test_manual_of_a_tool_is_a_korean_sentence(tool: Tool) -> None:
    assert re.search("[가-힣]", tool.description)
    assert re.search(r"(다|오)\.", tool.description)


def test_unknown_tool_is_not_found_and_the_tools_are_named() -> None:
    with pytest.raises(Refused, match=r"^TOOL_NOT_FOUND: .*get_dataframe_info"):
        run("drop_table", frame_of({"값": [1]}), {})
