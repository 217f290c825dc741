"""Rows of typed tables as accidents: every way in which files write date and hour, and what cannot be read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from daegu.prediction.v1 import accident_pb2, batch_pb2

from worker.accident_rows import Row, Unreadable, read_accidents, to_request

INPUTS = {
    "weather": "날씨",
    "road_surface": "노면",
    "road_type": "도로",
    "accident_type": "유형",
    "district": "시군구",
    "occurred_at": "일시",
}
CELLS: dict[str, Any] = {
    "날씨": ["맑음"],
    "노면": ["건조"],
    "도로": ["교차로 - 교차로안"],
    "유형": ["차대차"],
    "시군구": ["대구광역시 중구 동인동"],
    "일시": [datetime.fromisoformat("2024-05-15T14:30")],
}
DATE_PARTS = {"accident_year": "연", "accident_month": "월", "accident_day": "일", "accident_hour": "시"}


def read(
    cells: dict[str, Any] | None = None,
    inputs: dict[str, str] | None = None,
    *,
    is_date_only: bool = False,
    precisions: Mapping[str, str] | None = None,
) -> list[Row]:
    columns = [
        batch_pb2.InputColumn(input=name, column=column, is_date_only=is_date_only and name == "occurred_at")
        for name, column in (INPUTS | (inputs or {})).items()
    ]
    table = pa.table(CELLS | (cells or {}))
    encoded = {
        name: table.column(name).dictionary_encode() if pa.types.is_string(table.column(name).type) else table[name]
        for name in table.column_names
    }
    fields = [
        pa.field(name, column.type, metadata={"precision": (precisions or {}).get(name, "")})
        for name, column in encoded.items()
    ]
    return read_accidents(pa.table(list(encoded.values()), pa.schema(fields)), columns)


def moment_of(row: Row) -> tuple[int, ...] | Any:
    if isinstance(row, Unreadable):
        return list(row.problems)
    return row.accident_year, row.accident_month, row.accident_day, row.accident_hour


def test_row_becomes_an_accident_and_what_has_no_column_is_left_to_the_service() -> None:
    (row,) = read({"날씨": [" 맑음 "]})
    assert row == accident_pb2.Accident(
        weather="맑음",
        road_surface="건조",
        road_type="교차로 - 교차로안",
        accident_type="차대차",
        district="대구광역시 중구 동인동",
        accident_year=2024,
        accident_month=5,
        accident_day=15,
        accident_hour=14,
    )


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        (datetime.fromisoformat("2022-01-01"), (2022, 1, 1, 0)),
        ("2022-01-01 01", (2022, 1, 1, 1)),
        ("2022-01-01T13:00", (2022, 1, 1, 13)),
        ("2022/1/1 13:30:00", (2022, 1, 1, 13)),
        ("２０２２-01-01 01", (2022, 1, 1, 1)),
        ("2022년 1월 1일 13시", (2022, 1, 1, 13)),
        ("2022.1.1. 오후 1:30", (2022, 1, 1, 13)),
        ("2022-01-01 오전 12:10", (2022, 1, 1, 0)),
        ("2022-01-01 오후 12시", (2022, 1, 1, 12)),
        ("2022010113", (2022, 1, 1, 13)),
        (2022010113, (2022, 1, 1, 13)),
        ("2022-13-45 99", (2022, 13, 45, 99)),  # the service refuses it, and says why
        ("2022-01-01", [("accident_hour", "MISSING")]),
        ("어제", [("occurred_at", "DATE_EXPECTED")]),
        ("2024.2/4", [("occurred_at", "DATE_EXPECTED")]),  # a quarter
        ("2024/2/4 7시", (2024, 2, 4, 7)),
        (None, [("occurred_at", "MISSING")]),
    ],
)
def test_date_and_hour_in_one_column(cell: Any, moment: Any) -> None:
    column = pa.array([cell], pa.string()) if cell is None else [cell]
    assert [moment_of(row) for row in read({"일시": column})] == [moment]


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        (7, 7),
        (0, 0),
        ("07", 7),
        ("7시", 7),
        ("13:30", 13),
        (7.0, 7),
        (datetime.fromisoformat("2024-01-01T09:00"), 9),
        (2**40, 2**31 - 1),
        (-(2**40), -(2**31)),
        (7.5, [("accident_hour", "NUMBER_EXPECTED")]),
        ("일곱", [("accident_hour", "NUMBER_EXPECTED")]),
        (True, [("accident_hour", "NUMBER_EXPECTED")]),
        (None, [("accident_hour", "MISSING")]),
    ],
)
def test_hour_beside_a_date(cell: Any, hour: Any) -> None:
    column = pa.array([cell], pa.int64()) if cell is None else [cell]
    (row,) = read(
        {"일시": [datetime.fromisoformat("2024-05-15")], "시": column}, {"accident_hour": "시"}, is_date_only=True
    )
    assert moment_of(row) == ((2024, 5, 15, hour) if isinstance(hour, int) else hour)


def test_date_without_hours_is_no_midnight() -> None:
    assert [moment_of(row) for row in read(is_date_only=True)] == [[("accident_hour", "MISSING")]]


@pytest.mark.parametrize(
    ("precision", "missing"),
    [("month", ["day", "hour"]), ("quarter", ["month", "day", "hour"]), ("year", ["month", "day", "hour"])],
)
def test_date_that_names_no_day_is_none(precision: str, missing: list[str]) -> None:
    moment = {"일시": pa.array(CELLS["일시"], pa.timestamp("ms"))}
    assert [moment_of(row) for row in read(moment, precisions={"일시": precision})] == [
        [(f"accident_{part}", "MISSING") for part in missing]
    ]
    as_parts = {"accident_year": "일시", "accident_day": "일시"}
    (row,) = read(moment, as_parts, precisions={"일시": precision})
    assert isinstance(row, Unreadable)
    assert [problem for problem in row.problems if problem[0] in as_parts] == [("accident_day", "NUMBER_EXPECTED")]


def test_column_of_its_own_counts_more_and_every_fault_of_a_row_is_told() -> None:
    cells = {name: values * 2 for name, values in CELLS.items()}
    cells |= {"일시": ["어제", "2024-05-15 14"], "연": [2020, 2021], "월": ["열두", "12"], "시": [None, 0]}
    inputs = {name: column for name, column in DATE_PARTS.items() if name != "accident_day"}
    assert [moment_of(row) for row in read(cells, inputs)] == [
        [("accident_month", "NUMBER_EXPECTED"), ("occurred_at", "DATE_EXPECTED"), ("accident_hour", "MISSING")],
        (2021, 12, 15, 0),
    ]


def test_text_longer_than_the_service_reads_is_cut_and_a_missing_label_is_empty() -> None:
    cells = {name: [*values, *values] for name, values in CELLS.items()}
    first, second = read(cells | {"날씨": ["가" * 300, None]})
    assert isinstance(first, accident_pb2.Accident)
    assert isinstance(second, accident_pb2.Accident)
    assert (first.weather, second.weather) == ("가" * 201, "")


@pytest.mark.parametrize(
    "kind", [pa.null(), pa.bool_(), pa.float64(), pa.timestamp("ms"), pa.dictionary(pa.int32(), pa.string())]
)
def test_column_without_a_value_says_nothing_whatever_its_type(kind: pa.DataType) -> None:
    (row,) = read({"날씨": pa.nulls(1, kind)})
    assert isinstance(row, accident_pb2.Accident)
    assert row.weather == ""


def test_request_has_unreadable_rows_at_their_places() -> None:
    accident = accident_pb2.Accident(weather="맑음")
    rows: list[Row] = [Unreadable([("occurred_at", "MISSING")]), accident, Unreadable([("accident_hour", "MISSING")])]
    request = to_request("batch", 500, rows)
    assert (request.batch_id, request.offset, list(request.accidents)) == ("batch", 500, [accident])
    assert [(item.index, item.problems[0].field, item.problems[0].reason) for item in request.malformed_items] == [
        (0, "occurred_at", "MISSING"),
        (2, "accident_hour", "MISSING"),
    ]
