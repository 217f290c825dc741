"""Columns that are named by periods can become rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.long import apply_periods, find_periods


def _columns(cells: Mapping[str, Sequence[str | None]]) -> list[TypedColumn]:
    return [typed(name, pa.array(texts, pa.string()).dictionary_encode()) for name, texts in cells.items()]


def _rows(columns: list[TypedColumn] | Any) -> dict[str, list[Any]]:
    for column in columns:
        assert column.values.take(column.codes).to_pylist() == column.cells.to_pylist()
    return {column.name: column.cells.to_pylist() for column in columns}


def at(year: int, month: int = 1) -> datetime:
    return datetime(year, month, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("names", "precision", "places"),
    [
        (("구군", "2022", "2023"), "year", {"2022": (2022, 1, "값"), "2023": (2023, 1, "값")}),
        (("2022년", "2023년도"), "year", {"2022년": (2022, 1, "값"), "2023년도": (2023, 1, "값")}),
        (("2023 년", "2024 년 p)"), "year", {"2023 년": (2023, 1, "값"), "2024 년 p)": (2024, 1, "값")}),
        (
            ("2024년01월_계_총인구수", "2024년02월_계_총인구수"),
            "month",
            {
                "2024년01월_계_총인구수": (2024, 1, "계_총인구수"),
                "2024년02월_계_총인구수": (2024, 2, "계_총인구수"),
            },
        ),
        (("2024.01 월", "2024.12 월"), "month", {"2024.01 월": (2024, 1, "값"), "2024.12 월": (2024, 12, "값")}),
        (("2023(명)", "2024(명)"), "year", {"2023(명)": (2023, 1, "값(명)"), "2024(명)": (2024, 1, "값(명)")}),
        (("202401", "202402"), "month", {"202401": (2024, 1, "값"), "202402": (2024, 2, "값")}),
        (("2024년 1월", "2024년 2월"), "month", {"2024년 1월": (2024, 1, "값"), "2024년 2월": (2024, 2, "값")}),
        (("2024.1/4", "2024.2/4"), "quarter", {"2024.1/4": (2024, 1, "값"), "2024.2/4": (2024, 4, "값")}),
        (
            ("매출(2024년 1분기)", "매출(2024년 4분기)"),
            "quarter",
            {"매출(2024년 1분기)": (2024, 1, "매출"), "매출(2024년 4분기)": (2024, 10, "매출")},
        ),
        (
            ("건수_2023_남", "건수_2024_남"),
            "year",
            {"건수_2023_남": (2023, 1, "건수_남"), "건수_2024_남": (2024, 1, "건수_남")},
        ),
    ],
)
def test_periods_are_found_in_names(names: tuple[str, ...], precision: str, places: dict[str, Any]) -> None:
    periods = find_periods(names)
    assert periods is not None
    assert (periods.precision, {name: (p.year, p.month, p.measure) for name, p in periods.places.items()}) == (
        precision,
        places,
    )


@pytest.mark.parametrize(
    "names",
    [
        ("구군", "2024"),
        ("2023 예산", "2024 결산"),
        ("1월", "2월"),
        ("2020~2022", "2021~2023"),
        ("2024-01-01", "2024-01-02"),
        ("20240101", "20240102"),
        ("12022", "12023"),
        ("2024", "2024년"),
        ("2023", "2023 (2)"),
    ],
)
def test_names_that_are_no_series_of_periods_are_none(names: tuple[str, ...]) -> None:
    assert find_periods(names) is None


def test_columns_of_periods_are_offered_as_rows_and_left_as_they_are() -> None:
    columns = _columns({"구군": ["중구", "동구"], "2022": ["1", "2"], "2023": ["3", "4"]})
    offered = apply_periods(columns, is_long=False)
    (warning,) = offered.warnings
    assert (offered.columns, offered.is_long) == (columns, False)
    assert (warning.reason, warning.given, warning.undo) == ("COLUMNS_ARE_PERIODS", "2", {"is_long": True})


def test_columns_of_periods_become_rows_by_choice() -> None:
    cells: dict[str, list[str | None]] = {
        "구군": ["중구", "동구", None],
        "2022": ["1", None, "5"],
        "2023": ["2.5", "3", "1"],
        "비고": ["가", "", "나"],
    }
    columns = _columns(cells)
    long = apply_periods(columns, is_long=True)
    assert _rows(long.columns) == {
        "구군": ["중구", "중구", "동구", "동구", None, None],
        "비고": ["가", "가", "", "", "나", "나"],
        "기준연도": [at(2022), at(2023)] * 3,
        "값": [1.0, 2.5, None, 3.0, 5.0, 1.0],
    }
    assert [(column.kind, column.reading.precision) for column in long.columns[2:]] == [
        ("date", "year"),
        ("number", ""),
    ]
    (warning,) = long.warnings
    assert (long.is_long, warning.reason, warning.undo) == (True, "COLUMNS_MADE_LONG", {"is_long": None})


def test_each_measure_is_a_column_and_has_no_value_where_it_has_no_period() -> None:
    names = {
        "2024.1/4 남": ["1"],
        "2024.2/4 남": ["2"],
        "2024.1/4 여": ["3"],
        "2024.3/4 여": ["4"],
        "2024.1/4 계": ["4"],
    }
    long = apply_periods(_columns({"기준분기": ["중구"]} | names), is_long=True)
    assert _rows(long.columns) == {
        "기준분기": ["중구"] * 3,
        "2024.1/4 계": [4] * 3,
        "기준분기 (2)": [at(2024), at(2024, 4), at(2024, 7)],
        "남": [1, 2, None],
        "여": [3, None, 4],
    }


def test_measure_of_several_kinds_stays_as_it_is_and_an_empty_column_has_any() -> None:
    of_kinds = _columns({"2022 등급": ["가"], "2023 등급": ["1"], "2022 수": ["1"], "2023 수": [None]})
    assert _rows(apply_periods(of_kinds, is_long=True).columns) == {
        "2022 등급": ["가", "가"],
        "2023 등급": [1, 1],
        "기준연도": [at(2022), at(2023)],
        "수": [1, None],
    }
    assert apply_periods(of_kinds[:2], is_long=True).columns == of_kinds[:2]


def test_what_was_told_of_the_columns_is_told_of_their_measure() -> None:
    long = apply_periods(_columns({"2022": ["1", "-"], "2023": ["-", "2"]}), is_long=True)
    (warning,) = long.columns[-1].warnings
    assert (warning.reason, warning.column) == ("CELLS_READ_AS_MISSING", "값")
    assert warning.undo == {"columns": {"값": {"kind": "text"}}}


@given(st.lists(st.lists(st.one_of(st.none(), st.integers()), min_size=3, max_size=3), min_size=1))
def test_no_cell_is_lost_or_moved(rows: list[list[int | None]]) -> None:
    texts = [[None if row[year] is None else str(row[year]) for row in rows] for year in range(3)]
    columns = _columns({f"202{year}": cells for year, cells in enumerate(texts)})
    long = apply_periods(columns, is_long=True)
    wide = [[column.cells[row].as_py() for column in columns] for row in range(len(rows))]
    if long.is_long:
        assert _rows(long.columns)["값"] == [cell for row in wide for cell in row]
