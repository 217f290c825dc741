"""A reading as a value: chosen in parts, stored as a document, and applied again with the same result."""

from typing import Any

import orjson
import pytest

from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.reading import ColumnReading, Reading
from tests.unit.dataset_service.reading.csv_seeds import SEEDS, Read, Seed

CHOSEN = Reading(encoding="cp949", quote="", left_out=(), columns={"구": ColumnReading("text")})


@pytest.mark.parametrize(
    ("changes", "document"),
    [
        ({}, {"encoding": "cp949", "quote": "", "left_out": [], "columns": {"구": {"kind": "text"}}}),
        ({"header_rows": 0}, {"header_rows": 0, "columns": {"구": {"kind": "text"}}}),
        ({"encoding": None, "quote": None, "left_out": None, "columns": None}, {}),
        ({"left_out": [3, 5]}, {"left_out": [3, 5], "columns": {"구": {"kind": "text"}}}),
        ({"columns": {"값": {"kind": "date"}}}, {"columns": {"구": {"kind": "text"}, "값": {"kind": "date"}}}),
        ({"columns": {"구": {"kind": "date"}}}, {"columns": {"구": {"kind": "date"}}}),
        ({"columns": {"구": {"kind": None}}}, {}),
        ({"columns": {"구": None, "없음": None}}, {}),
    ],
)
def test_change_keeps_the_other_choices(changes: dict[str, Any], document: dict[str, Any]) -> None:
    kept = {} if "encoding" in changes else {"encoding": "cp949", "quote": "", "left_out": []}
    changed = CHOSEN.with_parts(changes)
    assert orjson.loads(orjson.dumps(changed.to_document())) == kept | document
    assert Reading.from_document(orjson.loads(orjson.dumps(changed.to_document()))) == changed


def test_unknown_part_is_an_error() -> None:
    with pytest.raises(TypeError):
        CHOSEN.with_parts({"colour": "red"})


@pytest.mark.parametrize(
    "seed", [seed for seed in SEEDS if isinstance(seed.expected, Read)], ids=lambda seed: seed.name
)
def test_found_reading_is_whole_and_gives_the_same_table(seed: Seed) -> None:
    found = read_csv(seed.content)
    again = read_csv(seed.content, found.reading)
    assert (again.reading, again.columns) == (found.reading, found.columns)
    assert found.reading.chosen.keys() >= {"encoding", "delimiter", "start_line", "header_rows", "end_line", "left_out"}
    assert [column.to_pylist() for column in again.cells] == [column.to_pylist() for column in found.cells]
