"""Choices that cannot be are refused with the name of their part."""

from typing import Any

import pytest

from dataset_service.errors import CsvRefused
from dataset_service.reading.choices import refuse_impossible, refuse_lines_beyond, refuse_unknown_columns
from dataset_service.reading.reading import Reading


def fields(error: pytest.ExceptionInfo[CsvRefused]) -> list[str]:
    assert error.value.reason == "REQUEST_INVALID"
    return [violation.field for violation in error.value.violations]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"delimiter": ""}, ["delimiter"]),
        ({"delimiter": '"'}, ["delimiter"]),
        ({"delimiter": ",\n"}, ["delimiter"]),
        ({"quote": "ab", "escape": "/"}, ["quote", "escape"]),
        ({"start_line": 0, "end_line": -1}, ["start_line", "end_line"]),
        ({"header_rows": 4, "unit_rows": 2}, ["header_rows", "unit_rows"]),
        ({"left_out": [0]}, ["left_out"]),
        ({"left_out": [1] * 5_001}, ["left_out"]),
        ({"filled": ["a"] * 101}, ["filled"]),
        ({"crs": "5174", "is_long": 1}, ["crs", "is_long"]),
        ({"columns": {"구": {"kind": "colour"}}}, ["columns.구.kind"]),
        ({"columns": {"구": {"meaning": "colour", "unit": "x" * 21}}}, ["columns.구.meaning", "columns.구.unit"]),
        ({"columns": {"구": {"precision": "year"}}}, ["columns.구.precision"]),
        ({"colour": None}, ["colour"]),
    ],
)
def test_impossible_value_is_refused(changes: dict[str, Any], refused: list[str]) -> None:
    with pytest.raises(CsvRefused) as error:
        refuse_impossible(changes)
    assert fields(error) == refused


def test_every_part_can_be_chosen_and_given_back() -> None:
    chosen: dict[str, Any] = {
        "encoding": "cp949", "delimiter": "\n", "quote": "", "escape": "\\", "start_line": 1, "header_rows": 3,
        "unit_rows": 1, "end_line": 0, "left_out": [], "filled": [], "crs": "none", "is_long": True,
        "columns": {"구": {"kind": "text", "meaning": "code", "unit": "원"}},
    }  # fmt: skip
    assert chosen.keys() == {*Reading.__slots__}
    refuse_impossible(chosen)
    refuse_impossible(dict.fromkeys(chosen))
    refuse_impossible({"columns": {"구": None, "값": {"kind": None}}})


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        (Reading(start_line=11), ["start_line", "end_line"]),
        (Reading(end_line=11), ["end_line"]),
        (Reading(start_line=5, end_line=4), ["end_line"]),
        (Reading(left_out=(3, 11)), ["left_out"]),
    ],
)
def test_line_that_the_file_does_not_have_is_refused(wanted: Reading, refused: list[str]) -> None:
    with pytest.raises(CsvRefused) as error:
        refuse_lines_beyond(wanted, 10)
    assert set(fields(error)) <= set(refused)


def test_lines_of_the_file_are_taken() -> None:
    refuse_lines_beyond(Reading(start_line=1, end_line=10, left_out=(10,)), 10)
    refuse_lines_beyond(Reading(start_line=10, end_line=0), 10)


def test_unknown_column_is_refused_unless_it_is_given_back() -> None:
    refuse_unknown_columns({"filled": ["구"], "columns": {"구": {"kind": "text"}, "옛 열": None}}, {"구"})
    with pytest.raises(CsvRefused) as error:
        refuse_unknown_columns({"filled": ["없음"], "columns": {"옛 열": {"kind": "text"}}}, {"구"})
    assert fields(error) == ["filled", "columns.옛 열"]
