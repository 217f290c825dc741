import pytest

from dataset_service.reading.columns.values.moments import read_moments
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-01-02", "2019-01-02 00:00:00"),
        ("2019/1/2", "2019-01-02 00:00:00"),
        ("2019. 1. 2.", "2019-01-02 00:00:00"),
        ("2019년1월2일", "2019-01-02 00:00:00"),
        ("2019년  1월  2일  3시  5분", "2019-01-02 03:05:00"),
        ("2019년 1월 2일 3시 05분", "2019-01-02 03:05:00"),
        ("2019년1월2일3시5분9초", "2019-01-02 03:05:09"),
        ("2019-01-02(수)", "2019-01-02 00:00:00"),
        ("2019.1.2.(수) 09:30", "2019-01-02 09:30:00"),
        ("2019년 1월 2일 수요일 오후 3시", "2019-01-02 15:00:00"),
        ("2019-01-02 오전 12:00", "2019-01-02 00:00:00"),
        ("2019-01-02 오전 00:30", "2019-01-02 00:30:00"),
        ("2019-01-02 12:30 오후", "2019-01-02 12:30:00"),
        ("2019-01-02 09:05:07 PM", "2019-01-02 21:05:07"),
        ("2019-01-02 9:05 a.m.", "2019-01-02 09:05:00"),
        ("2019-01-02T20:00:01.123456789", "2019-01-02 20:00:01.123"),
        ("2019-01-02 0930", "2019-01-02 09:30:00"),
        ("20190102 09:30", "2019-01-02 09:30:00"),
        ("20190102T093010", "2019-01-02 09:30:10"),
        ("2019-01-02T09:00:00+09:00", "2019-01-02 09:00:00"),
        ("2019-01-02T09:00+0900", "2019-01-02 09:00:00"),
        ("2019-01-02 09:00:00.5 KST", "2019-01-02 09:00:00.500"),
        ("2019-01-02T09:00+09:00[Asia/Seoul]", "2019-01-02 09:00:00"),
        ("2019-01-02T20:00Z", "2019-01-03 05:00:00"),
        ("2024/01/01 3:05:00 오후 GMT+9", "2024-01-01 15:05:00"),
        ("2024-01-01 03:05:00 UTC", "2024-01-01 12:05:00"),
        ("2019-01-02T09:00-05:00", "2019-01-02 23:00:00"),
        ("2019-01-02 24:00", "2019-01-03 00:00:00"),
        ("2019-12-31 24시", "2020-01-01 00:00:00"),
    ],
)
def test_moment_is_read(text: str, moment: str) -> None:
    assert cells_of(read_moments, text, None) == [moment, None]


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-30",
        "2019-01/02",
        "2019.1/4",
        "2019-1/4",
        "2019-01-02 24:01",
        "2019-01-02 25:00",
        "2019-01-02 오후 13:00",
        "2019-01-02 오후 0:30",
        "2019-01-02 오전 9:00 PM",
        "2019-01-02 930",
        "2019-01-0209:30",
        "2019-01-02(목)",
        "2019-01-02 09:00-10:00",
        "2019-01-02 09-10",
        "2019-01-02 09:00+15:00",
        "20190102",
        "2019112 09:30",
        "01/02/2019",
        "1.2.3",
        "10.2.3",
    ],
)
def test_text_that_is_no_moment_or_more_than_one_is_not_read(text: str) -> None:
    assert cells_of(read_moments, text) == [None]


def test_midnights_at_the_end_of_a_day_are_told() -> None:
    assert told_of(read_moments, "2019-01-01 23:00", "2019-01-01 24:00", "2019-01-02 24:00") == {"HOUR_24_READ": 2}


def test_zone_is_told_unless_it_is_that_of_seoul() -> None:
    assert told_of(read_moments, "2019-01-02T09:00+09:00", "2019-01-02T09:00") == {}
    assert told_of(read_moments, "2019-01-02T09:00Z", "2019-01-02T09:00+09") == {"ZONE_CONVERTED": 1}


def test_moment_without_a_zone_beside_those_of_another_zone_is_not_read() -> None:
    assert cells_of(read_moments, "2019-01-02T09:00Z", "2019-01-02T09:00") == ["2019-01-02 18:00:00", None]


@pytest.mark.parametrize(
    "texts", [("19.01.02", "20.02.29"), ("'19.1.2", "'20.2.29"), ("19년 1월 2일", "20년 2월 29일")]
)
def test_years_of_two_digits_are_told(texts: tuple[str, str]) -> None:
    assert cells_of(read_moments, *texts) == ["2019-01-02 00:00:00", "2020-02-29 00:00:00"]
    assert told_of(read_moments, *texts) == {"YEARS_OF_TWO_DIGITS": 2}


@pytest.mark.parametrize(
    ("text", "year"), [("69-01-01", 1969), ("99-01-01", 1999), ("00-01-01", 2000), ("68-01-01", 2068)]
)
def test_years_from_69_on_are_of_the_last_century(text: str, year: int) -> None:
    assert cells_of(read_moments, text) == [f"{year}-01-01 00:00:00"]


def test_years_of_two_digits_without_zeros_need_a_name_of_days() -> None:
    assert cells_of(read_moments, "19.1.2", name="값") == [None]
    assert cells_of(read_moments, "19.1.2", name="접수일") == ["2019-01-02 00:00:00"]
    assert cells_of(read_moments, "19-01-02", name="관리번호") == [None]


def test_two_digits_in_front_that_differ_like_days_are_no_years() -> None:
    assert cells_of(read_moments, "01/02/19", "02/02/19", "03/02/19") == [None, None, None]


def test_years_of_two_digits_among_whole_ones_are_not_read() -> None:
    assert cells_of(read_moments, "2019.01.02", "19.01.03") == ["2019-01-02 00:00:00", None]
