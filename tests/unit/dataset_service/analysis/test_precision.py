"""Months, quarters, years and times of day: no result of a tool is more precise than they are."""

from typing import Any

import pytest

from dataset_service.analysis import Chart
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "번호": [1, 2, 3, 4, 5, 6],
        "분기": dates("2023-10-01", "2024-01-01", "2024-01-01", "2024-07-01", "2024-10-01", None),
        "연월": dates("2020-01-01", "2020-03-01", "2020-03-01", "2020-12-01", "2021-03-01", None),
        "연도": dates("2018-01-01", "2019-01-01", "2019-01-01", "2021-01-01", "2019-01-01", None),
        "시각": ["09:05", "23:59", "00:00", "09:40", "12:00", None],
        "자세한 시각": ["09:05:00", "23:59:59", "00:00:30", "09:40:00", "12:00:00", None],
        "값": [10, 20, 30, 40, 50, 60],
        "구": ["중구", "동구", "중구", "동구", "중구", "동구"],
    },
    분기=ColumnReading(kind="date", precision="quarter"),
    연월=ColumnReading(kind="date", precision="month"),
    연도=ColumnReading(kind="date", precision="year"),
    시각=ColumnReading(kind="time"),
    **{"자세한 시각": ColumnReading(kind="time")},
)


@pytest.mark.parametrize(
    ("column", "told", "rows"),
    [
        (
            "분기",
            "**2023-Q4 ~ 2024-Q4** (5개 분기). 이 가운데 4개 분기에 기록이 있고 1개 분기에는 없습니다.",
            ["2023-Q4", "2024-Q4", 5, 4, 1],
        ),
        (
            "연월",
            "**2020-01 ~ 2021-03** (15개월). 이 가운데 4개월에 기록이 있고 11개월에는 없습니다.",
            ["2020-01", "2021-03", 15, 4, 11],
        ),
        ("연도", "**2018 ~ 2021** (4년). 이 가운데 3년에 기록이 있고 1년에는 없습니다.", ["2018", "2021", 4, 3, 1]),
    ],
)
def test_range_counts_quarters_months_or_years(column: str, told: str, rows: list[Any]) -> None:
    result = checked("get_date_range", FRAME, column=column)
    assert told in result.text
    assert column_of(result, "값") == rows
    unit = {"분기": "분기", "연월": "개월", "연도": "년"}[column]
    assert column_of(result, "항목")[2] == f"기간({unit})"
    statistics = facts(checked("get_column_statistics", FRAME, column=column))
    assert [statistics["처음"], statistics["마지막"], list(statistics.values())[-1]] == rows[:3]


@pytest.mark.parametrize(
    ("column", "unit", "counts"),
    [
        ("분기", "분기", {1: 2, 2: 0, 3: 1, 4: 2}),
        ("연월", "월", {1: 1, 2: 0, 3: 3, **dict.fromkeys(range(4, 12), 0), 12: 1}),
        ("연도", "연도", {2018: 1, 2019: 3, 2021: 1}),
    ],
)
def test_pattern_knows_no_weekday_and_no_hour(column: str, unit: str, counts: dict[int, int]) -> None:
    result = checked("get_temporal_pattern", FRAME, column=column)
    assert (result.table.columns[0], facts(result)) == (unit, counts)
    assert "요일" not in result.text
    assert "시각" not in result.text
    assert ("- 월별" in result.text, "- 연도별" in result.text) == (False, unit != "연도")


def test_times_of_day_are_counted_by_hour() -> None:
    result = checked("get_temporal_pattern", FRAME, column="시각")
    assert {hour: count for hour, count in facts(result).items() if count} == {0: 1, 9: 2, 12: 1, 23: 1}
    assert "**9시**에 가장 많습니다 (2건, 40%)" in result.text


def test_times_of_day_have_a_first_and_a_last_one() -> None:
    statistics = facts(checked("get_column_statistics", FRAME, column="시각"))
    assert (statistics["최소"], statistics["최대"]) == ("00:00", "23:59")
    said = refusal("get_date_range", FRAME, column="시각")
    assert said.startswith("`시각` 열은 시각 열이라 날짜 범위를 알 수 없습니다.")


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [
        ("==", "2024-Q1", [2, 3]),
        ("==", "2024년 1분기", [2, 3]),
        ("==", "2024.1/4", [2, 3]),
        ("==", "2024-02", [2, 3]),
        ("==", "2024-03-15", [2, 3]),
        (">=", "2024-Q3", [4, 5]),
        (">", "2024-Q3", [5]),
        ("<=", "2024-01", [1, 2, 3]),
        ("!=", "2024", [1]),
        ("==", "2023-Q4~2024-Q1", [1, 2, 3]),
    ],
)
def test_condition_on_quarters_takes_quarters_and_what_is_within_one(
    operator: str, value: str, rows: list[int]
) -> None:
    result = checked("filter_dataframe", FRAME, column="분기", operator=operator, value=value)
    assert column_of(result, "번호") == rows


def test_condition_tells_the_quarter_that_was_understood() -> None:
    result = checked("filter_dataframe", FRAME, column="분기", operator="==", value="2024-02")
    assert "`분기` == 2024-Q1 조건" in result.text
    assert result.table.rows[0][1:4] == ("2024-Q1", "2020-03", "2019")
    none = checked("filter_dataframe", FRAME, column="분기", operator="==", value="1999")
    assert "값의 범위: 2023-Q4 ~ 2024-Q4." in none.text


@pytest.mark.parametrize(
    ("value", "told", "rows"),
    [
        ("2020년 3월", "2020-03", [2, 3]),
        ("2020-03-31", "2020-03", [2, 3]),
        ("2020", "2020", [1, 2, 3, 4]),
        ("2020-01 ~ 2020-03", "2020-Q1", [1, 2, 3]),
        ("2020-03~2020-12", "2020-03 ~ 2020-12", [2, 3, 4]),
        ("2020.03.05~2020.12.31", "2020-03 ~ 2020-12", [2, 3, 4]),
    ],
)
def test_condition_on_months_takes_months_and_ranges_of_them(value: str, told: str, rows: list[int]) -> None:
    result = checked("filter_dataframe", FRAME, column="연월", operator="==", value=value)
    assert f"`연월` == {told} 조건" in result.text
    assert column_of(result, "번호") == rows


def test_range_that_ends_before_it_begins_is_refused() -> None:
    assert "날짜로 읽을 수 없습니다." in refusal(
        "filter_dataframe", FRAME, column="연월", operator="==", value="2020-12~2020-03"
    )


@pytest.mark.parametrize("column", ["시각", "자세한 시각"])
@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [
        ("==", "09:05", [1]),
        ("==", "9:05", [1]),
        ("==", "오전 9시 5분", [1]),
        ("==", "9시", [1, 4]),
        ("!=", "9시", [2, 3, 5]),
        (">=", "22:00", [2]),
        ("<", "9", [3]),
        ("<=", "9", [1, 3, 4]),
        (">", 12, [2]),
        ("<", "24:00", [1, 2, 3, 4, 5]),
        (">=", "24시", []),
        ("contains", ":59", [2]),
    ],
)
def test_condition_on_times_takes_minutes_and_whole_hours(
    column: str, operator: str, value: Any, rows: list[int]
) -> None:
    found = checked("filter_dataframe", FRAME, column=column, operator=operator, value=value)
    assert column_of(found, "번호") == rows


def test_end_of_the_day_is_found_as_its_beginning() -> None:
    assert column_of(checked("filter_dataframe", FRAME, column="시각", operator="==", value="24:00"), "번호") == [3]


@pytest.mark.parametrize("value", ["25:00", "아침", True])
def test_what_is_no_time_is_refused_with_how_to_write_one(value: Any) -> None:
    said = refusal("filter_dataframe", FRAME, column="시각", operator=">", value=value)
    assert "시각으로 읽을 수 없습니다. 09:05, 09:05:30 또는 9시" in said


def test_values_groups_and_sorted_rows_are_written_as_precisely_as_they_are() -> None:
    counts = checked("get_value_counts", FRAME, column="분기")
    assert counts.table.rows[0][:2] == ("2024-Q1", 2)
    assert column_of(checked("get_unique_values", FRAME, column="연월"), "연월") == [
        "2020-01",
        "2020-03",
        "2020-12",
        "2021-03",
    ]
    sums = checked("group_by_aggregate", FRAME, group_column="연도", agg_column="값", operation="sum")
    assert sums.table.rows == (("2018", 10, 1), ("2019", 100, 3), ("2021", 40, 1))
    assert sums.chart == Chart("line", "연도", "값 합계")
    last = checked("group_by_aggregate", FRAME, group_column="구", agg_column="분기", operation="max")
    assert facts(last) == {"중구": "2024-Q4", "동구": "2024-Q3"}
    assert "첫 값은 `2021-03`입니다." in checked("sort_dataframe", FRAME, column="연월", ascending=False).text
    assert column_of(checked("sort_dataframe", FRAME, column="시각"), "번호") == [3, 1, 4, 5, 2]


@pytest.mark.parametrize(
    ("column", "headers"),
    [
        ("분기", ("2023-Q4", "2024-Q1", "2024-Q3", "2024-Q4")),
        ("연월", ("2020-01", "2020-03", "2020-12", "2021-03")),
        ("연도", ("2018", "2019", "2021")),
    ],
)
def test_cross_table_is_headed_by_quarters_months_or_years(column: str, headers: tuple[str, ...]) -> None:
    across = checked("cross_tabulation", FRAME, row_column="구", col_column=column)
    assert across.table.columns == ("구", *headers)
    down = checked("cross_tabulation", FRAME, row_column=column, col_column="구")
    assert column_of(down, column) == list(headers)
