from collections.abc import Sequence

import pyarrow as pa
import pytest

from dataset_service.analysis import Chart
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

# 2019-01-01 was a Tuesday.
MOMENTS = ("2019-01-01T18:00", "2019-01-02T18:30", None, "2020-01-07T00:00", "2019-03-09T23:59")
FRAME = frame_of(
    {
        "일시": dates(*MOMENTS),
        "글 일시": ["2019년 1월 1일 18시", "2019-01-02 18:30", None, "2020. 1. 7. 00:00", "2019-03-09T23:59"],
        "날": dates("2019-01-01", "2019-01-02", None, "2020-01-07", "2019-03-09"),
        "요일": ["화요일", "수요일", None, "화요일", "토요일"],
        "사고시": [18, 18, None, 0, 23],
        "발생월": [1, 1, None, 1, 3],
        "설치연도": [2019.0, 2019.0, None, 2020.0, 2019.0],
        "시작시각": ["18:00", "18:30", None, "0:00", "23:59:00"],
        "시간": [100, 200, None, 300, 400],
        "유형": ["가", "나", None, "다", "라"],
        "빈 날": pa.nulls(5, pa.timestamp("ms")),
    }
)


@pytest.mark.parametrize("column", ["일시", "글 일시"])
def test_moments_are_counted_by_hour_and_the_rest_is_told(column: str) -> None:
    result = checked("get_temporal_pattern", FRAME, column=column)
    hours = facts(result)
    assert list(hours) == list(range(24))
    assert {hour: count for hour, count in hours.items() if count} == {0: 1, 18: 2, 23: 1}
    assert column_of(result, "비율(%)")[18] == 50.0
    assert f"`{column}` 열을 시각별로 세면 **18시**에 가장 많습니다 (2건, 50%)." in result.text
    assert "- 요일별: 화요일에 가장 많습니다 (2건, 50%). 월요일 0, 화요일 2, 수요일 1" in result.text
    assert "- 월별: 1월에 가장 많습니다 (3건, 75%)." in result.text
    assert "2019년 3, 2020년 1" in result.text
    assert (result.rows_used, result.rows_missing) == (4, 1)
    assert result.chart == Chart("bar", "시각", "건수")


def test_days_without_times_are_counted_by_weekday() -> None:
    result = checked("get_temporal_pattern", FRAME, column="날")
    assert facts(result) == {"월요일": 0, "화요일": 2, "수요일": 1, "목요일": 0, "금요일": 0, "토요일": 1, "일요일": 0}
    assert "시각별" not in result.text


@pytest.mark.parametrize(
    ("column", "unit", "counts"),
    [
        ("요일", "요일", {"화요일": 2, "수요일": 1, "토요일": 1}),
        ("사고시", "시각", {0: 1, 18: 2, 23: 1}),
        ("시작시각", "시각", {0: 1, 18: 2, 23: 1}),
        ("발생월", "월", {1: 3, 3: 1}),
        ("설치연도", "연도", {2019: 3, 2020: 1}),
    ],
)
def test_part_of_a_date_in_its_own_column_is_counted(column: str, unit: str, counts: dict[object, int]) -> None:
    result = checked("get_temporal_pattern", FRAME, column=column)
    assert result.table.columns[0] == unit
    assert {label: count for label, count in facts(result).items() if count} == counts


@pytest.mark.parametrize("column", ["유형", "시간"])
def test_other_columns_are_refused_with_those_that_would_do(column: str) -> None:
    said = refusal("get_temporal_pattern", FRAME, column=column)
    assert "시간 흐름을 볼 수 없습니다." in said
    assert "`일시`, `글 일시`, `날`, `요일`, `사고시`, `발생월`, `설치연도`, `시작시각`" in said


@pytest.mark.parametrize(
    ("meaning", "values", "unit", "labels"),
    [
        ("hour", [0, 18, 23], "시각", range(24)),
        ("hour", [1, 18, 24], "시각", range(25)),
        ("day", [1, 31, 31], "일", range(1, 32)),
        ("month", [1, 12, 12], "월", range(1, 13)),
        ("year", [2019, 2021, 2021], "연도", [2019, 2021]),
    ],
)
def test_meaning_of_numbers_says_what_part_of_a_date_they_are(
    meaning: str, values: list[int], unit: str, labels: Sequence[int]
) -> None:
    frame = frame_of({"값": values}, 값=ColumnReading(meaning=meaning))
    result = checked("get_temporal_pattern", frame, column="값")
    assert (result.table.columns[0], column_of(result, unit)) == (unit, list(labels))


def test_meaning_comes_before_the_name() -> None:
    frame = frame_of({"월": [1, 2, 3]}, 월=ColumnReading(meaning="money", unit="원"))
    assert "시간 흐름을 볼 수 없습니다." in refusal("get_temporal_pattern", frame, column="월")


def test_hours_that_are_equally_many_are_all_named() -> None:
    frame = frame_of({"사고시": [1, 2, 3, 4, 5]})
    assert (
        "**1시, 2시, 3시 외 2개**에 가장 많습니다 (1건, 20%)"
        in checked("get_temporal_pattern", frame, column="사고시").text
    )


def test_dates_that_are_all_missing_have_no_pattern() -> None:
    result = checked("get_temporal_pattern", FRAME, column="빈 날")
    assert "셀 값이 하나도 없습니다." in result.text
    assert (result.rows_used, result.rows_missing) == (0, 5)


def test_dates_before_1970_fall_on_their_weekday_and_hour() -> None:
    frame = frame_of({"일시": dates("1969-12-31T23:30", "1919-03-01T14:00")})  # a Wednesday and a Saturday
    result = checked("get_temporal_pattern", frame, column="일시")
    assert {hour for hour, count in facts(result).items() if count} == {14, 23}
    assert "수요일 1, 목요일 0, 금요일 0, 토요일 1" in result.text


def test_range_of_dates_tells_the_days_without_a_record() -> None:
    result = checked("get_date_range", FRAME, column="일시")
    assert facts(result) == {
        "처음": "2019-01-01 18:00",
        "마지막": "2020-01-07 00:00",
        "기간(일)": 372,
        "기록이 있는 날": 4,
        "기록이 없는 날": 368,
    }
    assert (result.rows_used, result.rows_missing) == (4, 1)


def test_range_of_days_is_told_without_times() -> None:
    result = facts(checked("get_date_range", FRAME, column="날"))
    assert (result["처음"], result["마지막"]) == ("2019-01-01", "2020-01-07")


def test_range_of_dates_in_text_says_what_is_no_date() -> None:
    frame = frame_of({"일시": ["2019-01-01", "모름", "2019-01-03", None]})
    result = checked("get_date_range", frame, column="일시")
    assert facts(result)["기록이 없는 날"] == 1
    assert "날짜로 읽히지 않는 글자 1행 제외" in result.text


def test_range_of_what_is_no_date_is_refused_with_the_date_columns() -> None:
    said = refusal("get_date_range", FRAME, column="사고시")
    assert said == "`사고시` 열은 정수 열이라 날짜 범위를 알 수 없습니다. 날짜 열: `일시`, `날`, `빈 날`, `글 일시`"


def test_range_without_dates_is_empty() -> None:
    result = checked("get_date_range", FRAME, column="빈 날")
    assert set(facts(result).values()) == {None}
    assert "날짜가 하나도 없습니다." in result.text
