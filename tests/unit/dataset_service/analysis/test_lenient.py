from typing import Any

import pytest

from dataset_service.analysis.lenient import read_leniently


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"where": '[{"column": "가", "value": 1}]'}, {"where": [{"column": "가", "value": 1}]}),
        (
            {"where": {"column": "가", "operator": "=", "value": 1}},
            {"where": [{"column": "가", "operator": "==", "value": 1}]},
        ),
        ({"where": ['{"column": "가"}']}, {"where": ['{"column": "가"}']}),
        ({"where": "["}, {"where": ["["]}),
        ({"where": {"any_of": {"column": "가"}}}, {"where": [{"any_of": [{"column": "가"}]}]}),
        ({"where": {"operator": "in", "value": "[1, 2]"}}, {"where": [{"operator": "==", "value": [1, 2]}]}),
        ({"where": {"operator": "contains", "value": "[1]"}}, {"where": [{"operator": "contains", "value": "[1]"}]}),
        ({"define": {"name": "나", "sum_of": "가"}}, {"define": [{"name": "나", "sum_of": ["가"]}]}),
        ({"define": {"near": '{"latitude": 1}'}}, {"define": [{"near": {"latitude": 1}}]}),
        ({"columns": "가", "column": "[가]"}, {"columns": ["가"], "column": "[가]"}),
        ({"value": {"operator": "이상"}}, {"value": {"operator": ">="}}),
    ],
)
def test_only_what_has_one_reading_is_read(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert read_leniently(given, ["columns"]) == read


@pytest.mark.parametrize(
    ("written", "operator"),
    [
        ("같음", "=="),
        ("not in", "!="),
        ("이상", ">="),
        ("≤", "<="),
        ("글자가 들어 있음", "contains"),
        ("IS NULL", "missing"),
        ("is not null", "present"),
        ("=>", "=>"),
        ("대략", "대략"),
    ],
)
def test_operators_are_read_by_their_usual_names(written: str, operator: str) -> None:
    assert read_leniently({"operator": written}) == {"operator": operator}


def test_depth_is_bounded() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"any_of": [deep]}
    assert read_leniently({"where": [deep]})["where"][0].keys() == {"any_of"}
