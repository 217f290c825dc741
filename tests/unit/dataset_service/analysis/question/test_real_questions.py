"""Questions that analysts, students and journalists ask of real files, at the level of the engine and of the tools."""

import math
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dataset_service.analysis import run
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from servicekit.question import Question
from tests.unit.dataset_service.analysis.sample_frames import ACCIDENTS_2016, needs_data, real_frame

CASES = tomllib.loads(Path(__file__).with_name("real_questions.toml").read_text(encoding="utf-8"))
_NO_VALUE = "-"


def asked(section: str) -> pytest.MarkDecorator:
    """Runs a test for each question of a section, under the words that ask it."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["asked"]) for case in CASES[section]])


@needs_data
@asked("tables")
def test_tables_have_the_numbers_of_pandas(case: dict[str, Any]) -> None:
    question = Question.model_validate(case["question"])

    table = aggregate(real_frame(case["file"]), question).table

    assert_rows(case["rows"], table.rows, in_order=bool(question.sort))


@needs_data
@asked("rows")
def test_rows_are_those_of_pandas(case: dict[str, Any]) -> None:
    question = Question.model_validate(case["question"])

    found = find_rows(real_frame(case["file"]), question, question.offset)

    assert found.total == case["total"]
    assert_rows(case.get("rows", ()), [list(row.values()) for row in found.table.to_pylist()], in_order=True)


@needs_data
@asked("tools")
def test_tools_have_the_numbers_of_pandas(case: dict[str, Any]) -> None:
    table = run(case["tool"], real_frame(case["file"]), case["arguments"]).table

    for cells in case["cells"]:
        assert any(all(any(is_same(one, cell) for cell in row) for one in cells) for row in table.rows), cells


@needs_data
def test_values_are_counted_under_the_conditions_on_other_columns() -> None:
    where = [{"column": "기상상태", "value": "비"}, {"column": "사고일시", "value": "2017"}]
    question = Question.model_validate({"where": where, "columns": ["기상상태", "사고내용"]})

    found = count_facets(real_frame(ACCIDENTS_2016), question)

    assert found.total == 619
    assert [[(value.value, value.rows) for value in facet.values[:3]] for facet in found.facets] == [
        [("맑음", 12078), ("비", 619), ("흐림", 245)],
        [("경상사고", 392), ("중상사고", 189), ("부상신고사고", 33)],
    ]


def assert_rows(expected: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]], *, in_order: bool) -> None:
    """Fails if a row is missing, or is in another place where the order counts."""
    for place, row in enumerate(expected):
        others = found[place : place + 1] if in_order else found
        assert any(len(row) == len(other) and all(map(is_same, row, other)) for other in others), (row, found[:3])


def is_same(expected: Any, found: Any) -> bool:
    """Compares cells; expected numbers have six decimals."""
    if isinstance(expected, bool):
        return found in (expected, "참" if expected else "거짓")
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return math.isclose(expected, found, rel_tol=1e-6, abs_tol=1e-6)
    return bool(found == (None if expected == _NO_VALUE else expected))
