"""Positions fit their rows as far as they are in the region that the row names."""

import numpy as np
import pyarrow as pa
import pytest

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.places.fitting import fit_of
from dataset_service.reading.reading import ColumnReading

DONGIN = (35.8714, 128.6014)
"""The town hall of Daegu, in 중구 동인동1가."""


def column(name: str, cells: list[str | None], meaning: str = "") -> TypedColumn:
    return typed(name, pa.array(cells, pa.string()).dictionary_encode(), ColumnReading("text", meaning))


@pytest.mark.parametrize(
    ("address", "fit"),
    [
        ("대구광역시 중구 동인동1가 1", 4),
        ("대구광역시 중구 공평로 88", 3),
        ("대구광역시 중구 남산동 1", 3),
        ("대구광역시 수성구 상동 1", 2),
        ("부산광역시 중구 광복동1가 1", 1),
        (None, 1),
        ("어디", 1),
    ],
)
def test_each_level_of_the_region_counts(address: str | None, fit: int) -> None:
    fits = fit_of([column("주소", [address], Meaning.ADDRESS)], [], np.array([0]))
    assert fits(np.array([DONGIN[0]]), np.array([DONGIN[1]])).tolist() == [fit]


def test_positions_at_sea_and_abroad_fit_least() -> None:
    fits = fit_of([column("주소", ["대구 중구"] * 3, Meaning.ADDRESS)], [], np.arange(3))
    assert fits(np.array([35.0, 51.5, np.nan]), np.array([131.0, -0.1, np.nan])).tolist() == [0, 0, 0]


def test_columns_of_regions_count_together_and_the_most_precise_of_a_row_counts() -> None:
    columns = [
        column("시도", ["대구광역시"] * 3, Meaning.REGION),
        column("구군", ["중구"] * 3, Meaning.REGION),
        column("주소", ["대구광역시 중구 동인동1가 2", None, "대구"], Meaning.ADDRESS),
    ]
    fits = fit_of(columns, ["시도", "구군"], np.array([0, 1, 2]))
    assert fits(np.full(3, DONGIN[0]), np.full(3, DONGIN[1])).tolist() == [4, 3, 3]


def test_only_the_rows_in_question_count() -> None:
    fits = fit_of([column("주소", ["부산", "대구"], Meaning.ADDRESS)], [], np.array([1]))
    assert fits(np.array([DONGIN[0]]), np.array([DONGIN[1]])).tolist() == [2]
