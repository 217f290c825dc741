from typing import Any

import pytest

from streamlit_client.backend.contract_datasets import ColumnReading, Reading
from streamlit_client.datasets.reading.draft import all_automatic, merge_changes


@pytest.mark.parametrize(
    ("changes", "more", "both"),
    [
        ({}, {"left_out": []}, {"left_out": []}),
        ({"left_out": [3]}, {"left_out": None}, {"left_out": None}),
        ({"end_line": 4}, {"start_line": 6, "end_line": None}, {"end_line": None, "start_line": 6}),
        (
            {"columns": {"가": {"kind": "text"}, "나": {"kind": "date"}}},
            {"columns": {"나": {"kind": None}, "다": None}},
            {"columns": {"가": {"kind": "text"}, "나": {"kind": None}, "다": None}},
        ),
        (
            {"columns": {"가": {"kind": "text"}}},
            {"columns": {"가": {"unit": "명"}}},
            {"columns": {"가": {"kind": "text", "unit": "명"}}},
        ),
        ({"columns": {"가": None}}, {"columns": {"가": {"kind": "text"}}}, {"columns": {"가": {"kind": "text"}}}),
    ],
)
def test_changes_add_up(changes: dict[str, Any], more: dict[str, Any], both: dict[str, Any]) -> None:
    assert merge_changes(changes, more) == both


def test_all_that_a_person_chose_is_given_back() -> None:
    reading = Reading(
        encoding="utf-8", delimiter=",", quote='"', escape="", start_line=1, header_rows=1, unit_rows=0, end_line=9,
        left_out=(), filled=(), crs="", is_long=False, chosen=("end_line", "columns"),
        columns={"가": ColumnReading(kind="text", chosen=("kind",)), "나": ColumnReading(kind="text", chosen=())},
    )  # fmt: skip
    assert all_automatic(reading) == {"end_line": None, "columns": {"가": None}}
