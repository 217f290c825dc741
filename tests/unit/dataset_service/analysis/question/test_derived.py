"""Columns by the names of parts: of dates, times and numbers."""

from typing import Any

import pyarrow as pa
import pytest

from dataset_service.analysis.frame.frames import Frame
from dataset_service.reading.columns.kinds import ColumnKind, Meaning, Precision
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.question.narrowing import cells, narrowed, refused
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "일시": dates("2019-01-01T00:30", "2019-03-05T13:00", None, "2016-12-31T23:59:59", "1969-02-28T05:00"),
        "글 일시": ["2019년 1월 1일 00시", "2019-03-05 13", None, "모름", "1969-02-28 05"],
        "날": dates("2019-01-01", "2019-03-05", None, "2016-12-31", "1969-02-28"),
        "달": dates("2019-01-01", "2019-03-01", None, "2016-12-01", "1969-02-01"),
        "분기": dates("2019-01-01", "2019-04-01", None, "2016-10-01", "1969-01-01"),
        "해": dates("2019-01-01", "2020-01-01", None, "2016-01-01", "1969-01-01"),
        "시각": ["08:30", "22:05:10", None, "00:00", "23:59"],
        "연령": [7, 20, None, 29, -3],
        "글 연령": ["7세", "20세", None, "29세", "모름"],
        "무게": [0.3, 1.25, None, float("inf"), -0.05],
        "야간": [True, False, None, True, False],
        "글자": ["가", "나", None, "다", "라"],
        "번호": ["1", "2", None, "3", "4"],
    },
    달=ColumnReading(precision=Precision.MONTH),
    분기=ColumnReading(precision=Precision.QUARTER),
    해=ColumnReading(precision=Precision.YEAR),
    시각=ColumnReading(kind=ColumnKind.TIME),
    번호=ColumnReading(meaning=Meaning.CODE),
)

PARTS = [
    ("일시:연도", [2019, 2019, None, 2016, 1969]),
    ("일시:분기", [1, 1, None, 4, 1]),
    ("일시:월", [1, 3, None, 12, 2]),
    ("일시:일", [1, 5, None, 31, 28]),
    ("일시:시", [0, 13, None, 23, 5]),
    ("일시:요일", ["화요일", "화요일", None, "토요일", "금요일"]),
    ("일시:연월", ["2019-01", "2019-03", None, "2016-12", "1969-02"]),
    ("일시:연분기", ["2019-Q1", "2019-Q1", None, "2016-Q4", "1969-Q1"]),
    ("글 일시:연월", ["2019-01", "2019-03", None, None, "1969-02"]),
    ("글 일시:시", [0, 13, None, None, 5]),
    ("날:요일", ["화요일", "화요일", None, "토요일", "금요일"]),
    ("달:월", [1, 3, None, 12, 2]),
    ("분기:연분기", ["2019-Q1", "2019-Q2", None, "2016-Q4", "1969-Q1"]),
    ("해:연도", [2019, 2020, None, 2016, 1969]),
    ("시각:시", [8, 22, None, 0, 23]),
    ("연령:10", ["0~9", "20~29", None, "20~29", "-10~-1"]),
    ("연령:1", ["7", "20", None, "29", "-3"]),
    ("글 연령:10", ["0~9", "20~29", None, "20~29", None]),
    ("무게:0.1", ["0.3~0.4", "1.2~1.3", None, None, "-0.1~0"]),
    ("무게:1", ["0~1", "1~2", None, None, "-1~0"]),
    ("일시:시:6", ["0~5", "12~17", None, "18~23", "0~5"]),
]


@pytest.mark.parametrize(("name", "values"), PARTS)
def test_part_of_a_column_is_a_column(name: str, values: list[Any]) -> None:
    assert cells(narrowed(FRAME, [name]), name) == values


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("일시:year", "일시:연도"),
        ("일시:quarter", "일시:분기"),
        ("일시:month", "일시:월"),
        ("일시:year_month", "일시:연월"),
        ("일시:year_quarter", "일시:연분기"),
        ("일시:day", "일시:일"),
        ("일시:weekday", "일시:요일"),
        ("일시:Hour", "일시:시"),
        ("일 시: 연월", "일시:연월"),
    ],
)
def test_english_words_and_other_spellings_mean_the_same(english: str, korean: str) -> None:
    found = narrowed(FRAME, [english, korean])
    assert cells(found, english) == cells(found, korean)
    assert list(found.frame.columns)[-1] == korean


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("달:일", "연도, 분기, 월, 연월, 연분기."),
        ("분기:월", "연도, 분기, 연분기."),
        ("해:연월", "연도."),
        ("날:시", "연도, 분기, 월, 연월, 연분기, 일, 요일."),
        ("시각:연도", "시."),
        ("글자:10", "없음."),
        ("번호:10", "없음."),
        ("야간:10", "없음."),
        ("연령:작게", "10 같은 너비."),
        ("글자:시군구", "없음."),
    ],
)
def test_part_that_a_column_does_not_have_is_refused_with_those_it_has(name: str, known: str) -> None:
    path, message = refused(FRAME, {name: "groups[1]"})
    assert path == "groups[1]"
    assert message.endswith(f"만들 수 있는 것: {known}")


@pytest.mark.parametrize(("width", "words"), [("0", "0보다 커야"), ("0.0", "0보다 커야"), ("1", "1,000개 이하")])
def test_width_that_does_not_help_is_refused(width: str, words: str) -> None:
    frame = frame_of({"금액": list(range(1001))})
    assert words in refused(frame, {f"금액:{width}": "groups[0]"})[1]


def test_part_of_a_column_that_is_not_there_is_refused_with_near_names() -> None:
    path, message = refused(FRAME, {"일싀:연월": "groups[0]"})
    assert path == "groups[0]"
    assert "`일싀` 열이 없습니다. 혹시 `일시`" in message


def test_column_of_the_file_wins() -> None:
    frame = frame_of({"일시": dates("2019-01-01"), "일시:연도": ["헤이세이 31"]})
    assert cells(narrowed(frame, ["일시:연도"]), "일시:연도") == ["헤이세이 31"]


def test_steps_and_weekdays_have_a_natural_order() -> None:
    found = narrowed(FRAME, ["일시:요일", "연령:10", "무게:0.1"]).frame.columns
    assert found["연령:10"].categories.to_pylist() == ["-10~-1", "0~9", "20~29"]
    assert found["무게:0.1"].categories.to_pylist() == ["-0.1~0", "0.3~0.4", "1.2~1.3"]
    assert all(found[name].has_order for name in ("일시:요일", "연령:10", "무게:0.1"))


def test_part_of_a_date_is_worked_out_once() -> None:
    first, second = (narrowed(FRAME, ["일시:연월"]).frame.columns["일시:연월"] for _ in range(2))
    assert first is second


def test_frame_without_rows_has_parts() -> None:
    empty = Frame(pa.table({name: column.array[:0] for name, column in FRAME.columns.items()}))
    assert cells(narrowed(empty, ["일시:연월", "연령:10"]), "일시:연월") == []
