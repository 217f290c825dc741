from collections.abc import Sequence

import pytest

from streamlit_client.files.csv_columns import (
    LABELS,
    MOMENT,
    OCCURRED_AT,
    find_columns,
    missing_sources,
    read_accidents,
)
from streamlit_client.files.csv_file import CsvTable

LABEL_CELLS = ["맑음", "건조", "교차로 - 교차로안", "차대차", "대구광역시 수성구 상동"]


def table_of(columns: Sequence[str], *rows: Sequence[str]) -> CsvTable:
    return CsvTable(tuple(columns), rows, range(2, len(rows) + 2), "utf-8")


def moment_table(*cells: str) -> CsvTable:
    return table_of([OCCURRED_AT, *LABELS], *([cell, *LABEL_CELLS] for cell in cells))


def test_columns_of_the_competition_file_are_found() -> None:
    columns = ("ID", "사고일시", "요일", "기상상태", "시군구", "도로형태", "노면상태", "사고유형")
    assert find_columns(columns) == {
        OCCURRED_AT: 1,
        "day_of_week": 2,
        "weather": 3,
        "district": 4,
        "road_type": 5,
        "road_surface": 6,
        "accident_type": 7,
    }


def test_columns_with_names_of_the_contract_are_found() -> None:
    names = [*LABELS, *MOMENT, "day_of_week", "time_period"]
    assert find_columns(names) == {name: index for index, name in enumerate(names)}


def test_spaces_case_and_brackets_in_column_names_do_not_matter() -> None:
    assert find_columns([" 기상 상태 ", "Road_Type", "[시군구]"]) == {"weather": 0, "road_type": 1, "district": 2}


def test_own_name_of_an_input_goes_before_a_synonym() -> None:
    assert find_columns(["날씨", "기상상태", "기상상태 (3)"])["weather"] == 1


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2022-01-01 01", (2022, 1, 1, 1)),
        ("2016년 1월 1일 01시", (2016, 1, 1, 1)),
        ("2022-01-01T13:30:00", (2022, 1, 1, 13)),
        ("2022/1/1 7:05", (2022, 1, 1, 7)),
        ("2022. 1. 1. 오후 1:30:00", (2022, 1, 1, 13)),
        ("2022-01-01 오전 12:05", (2022, 1, 1, 0)),
        ("2022-01-01 오후 12:05", (2022, 1, 1, 12)),
        ("2022년 3월 5일(토) 13시", (2022, 3, 5, 13)),
        ("2022010113", (2022, 1, 1, 13)),
        ("20220101 13", (2022, 1, 1, 13)),
        ("２０２２-01-01 05", (2022, 1, 1, 5)),
        (" 2022-01-01 00 ", (2022, 1, 1, 0)),
    ],
)
def test_moment_is_read_however_it_is_written(cell: str, expected: tuple[int, ...]) -> None:
    table = moment_table(cell)
    (accident,) = read_accidents(table, find_columns(table.columns)).accidents
    assert tuple(getattr(accident, part) for part in MOMENT) == expected


@pytest.mark.parametrize("cell", ["", "어제", "2022-1-123", "2022", "1/2", "12-01-01 05"])
def test_row_whose_moment_cannot_be_read_is_named_and_left_out(cell: str) -> None:
    table = moment_table("2022-01-01 01", cell, "2022-01-01 03")
    read = read_accidents(table, find_columns(table.columns))
    assert [accident.accident_hour for accident in read.accidents] == [1, 3]
    assert read.rows == [0, 2]
    assert [(row.row, row.source, row.value) for row in read.unreadable] == [(1, OCCURRED_AT, cell.strip())]


def test_weekday_and_period_are_derived_where_no_column_has_them() -> None:
    table = moment_table("2024-05-15 14", "2024-05-17 18", "2024-05-18 23", "2024-05-19 8")
    accidents = read_accidents(table, find_columns(table.columns)).accidents
    assert [accident.day_of_week for accident in accidents] == ["수요일", "금요일", "토요일", "일요일"]
    assert [accident.time_period for accident in accidents] == ["일반시간대", "퇴근시간대", "심야", "출근시간대"]


def test_weekday_and_period_of_the_file_are_sent_as_they_are() -> None:
    columns = [OCCURRED_AT, *LABELS, "요일", "시간대"]
    table = table_of(columns, ["2024-05-15 14", *LABEL_CELLS, "목", "낮"], ["2024-05-15 14", *LABEL_CELLS, "", " "])
    first, second = read_accidents(table, find_columns(columns)).accidents
    assert (first.day_of_week, first.time_period) == ("목", "낮")
    assert (second.day_of_week, second.time_period) == ("수요일", "일반시간대")


def test_labels_are_sent_as_they_are_also_unknown_ones() -> None:
    table = table_of([OCCURRED_AT, *LABELS], ["2016-01-01 01", " 맑음", "습기", "횡단보도상", "차대차 - 추돌", "중구"])
    (accident,) = read_accidents(table, find_columns(table.columns)).accidents
    assert (accident.weather, accident.road_surface, accident.accident_type) == ("맑음", "습기", "차대차 - 추돌")


def test_day_that_is_in_no_calendar_is_left_to_the_server() -> None:
    table = moment_table("2022-02-30 01")
    (accident,) = read_accidents(table, find_columns(table.columns)).accidents
    assert (accident.accident_day, accident.day_of_week) == (30, "")


def test_separate_columns_for_year_month_day_hour_are_read() -> None:
    columns = ["년", "월", "일", "시", *LABELS]
    table = table_of(
        columns, ["2022년", "3월", "05", "07시", *LABEL_CELLS], ["2022", "3.0", "5", "13:30", *LABEL_CELLS]
    )
    found = find_columns(columns)
    assert missing_sources(table, found) == []
    first, second = read_accidents(table, found).accidents
    assert (first.accident_month, first.accident_day, first.accident_hour) == (3, 5, 7)
    assert (second.accident_month, second.accident_hour) == (3, 13)


def test_number_that_cannot_be_read_names_its_column() -> None:
    columns = ["년", "월", "일", "시", *LABELS]
    table = table_of(columns, ["2022", "3", "5", "밤", *LABEL_CELLS])
    (row,) = read_accidents(table, find_columns(columns)).unreadable
    assert (row.source, row.value) == ("accident_hour", "밤")


def test_hour_column_completes_a_column_of_dates() -> None:
    columns = ["사고일자", *LABELS]
    table = table_of(columns, ["2022-01-01", *LABEL_CELLS])
    assert missing_sources(table, find_columns(columns)) == ["accident_hour"]

    columns = ["사고일자", "시각", *LABELS]
    table = table_of(columns, ["2022-01-01", "15", *LABEL_CELLS])
    found = find_columns(columns)
    assert missing_sources(table, found) == []
    assert read_accidents(table, found).accidents[0].accident_hour == 15


def test_what_no_column_holds_is_missing() -> None:
    table = table_of(["일시", "날씨"], ["2022-01-01 01", "맑음"])
    assert missing_sources(table, find_columns(table.columns)) == [name for name in LABELS if name != "weather"]
    assert missing_sources(table, {}) == [OCCURRED_AT, *LABELS]
    assert missing_sources(table, {"accident_year": 0})[:3] == ["accident_month", "accident_day", "accident_hour"]


def test_label_longer_than_the_contract_allows_is_left_out_instead_of_refusing_the_file() -> None:
    table = table_of([OCCURRED_AT, *LABELS], ["2022-01-01 01", "가" * 201, *LABEL_CELLS[1:]])
    read = read_accidents(table, find_columns(table.columns))
    assert read.accidents == []
    assert read.unreadable[0].source == "weather"
