"""Degrees with minutes and seconds are no dates."""

import pyarrow as pa
import pytest

from dataset_service.reading.columns.meanings.degrees import are_degrees


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("위도", ["35-12-18", "35-06-04"], True),
        ("GPS경도", ["128.05.26", "128 6 2"], True),
        ("Latitude", ["35-12-18"], True),
        ("날짜", ["35-12-18"], False),
        ("위도", ["35-12-18", "25-12-18"], False),
        ("위도", ["35.87"], False),
        ("위도", [], False),
    ],
)
def test_three_parts_in_a_column_of_degrees_are_degrees(name: str, texts: list[str], expected: bool) -> None:
    assert are_degrees(name, pa.array(texts, pa.string())) is expected
