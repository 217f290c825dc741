import pytest

from dataset_service.reading.columns.values.compact import read_compact_moments
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20190102", "2019-01-02 00:00:00"),
        ("2019010213", "2019-01-02 13:00:00"),
        ("201901021330", "2019-01-02 13:30:00"),
        ("20190102133059", "2019-01-02 13:30:59"),
        ("201912312400", "2020-01-01 00:00:00"),
        ("20190230", None),
        ("2019010225", None),
        ("201901022401", None),
        ("99990101", None),
        ("201901020", None),
        ("2019-1-2", None),
    ],
)
def test_digits_are_read_if_they_are_a_moment(text: str, moment: str | None) -> None:
    assert cells_of(read_compact_moments, text, None) == [moment, None]


def test_digits_of_different_lengths_are_not_read() -> None:
    assert cells_of(read_compact_moments, "20190102", "2019010213") == [None, None]


@pytest.mark.parametrize(
    "name", ["사고번호", "금액", "우편코드", "id", "road_id", "Price", "인구", "매출액", "종가", "지번"]
)
def test_digits_in_a_column_named_like_another_number_are_not_read(name: str) -> None:
    assert cells_of(read_compact_moments, "20190101", name=name) == [None]


def test_hours_to_24_are_read_and_told() -> None:
    assert cells_of(read_compact_moments, "2019010123", "2019010124") == ["2019-01-01 23:00:00", "2019-01-02 00:00:00"]
    assert told_of(read_compact_moments, "2019010123", "2019010124") == {"HOUR_24_READ": 1}


def test_hours_from_0_to_24_are_not_read() -> None:
    assert cells_of(read_compact_moments, "2019010100", "2019010124") == ["2019-01-01 00:00:00", None]


@pytest.mark.parametrize("name", ["접수일자", "등록일", "생년월일", "reg_date", "USE_DT"])
def test_six_digits_are_dates_where_the_name_says_so_which_is_told(name: str) -> None:
    assert cells_of(read_compact_moments, "190102", "991231", name=name) == [
        "2019-01-02 00:00:00",
        "1999-12-31 00:00:00",
    ]
    assert told_of(read_compact_moments, "190102", "991231", name=name) == {"YEARS_OF_TWO_DIGITS": 2}


@pytest.mark.parametrize("name", ["값", "계약년월", "요일", "휴일", "관리번호"])
def test_six_digits_of_another_name_are_no_dates(name: str) -> None:
    assert cells_of(read_compact_moments, "190102", name=name) == [None]


def test_six_digits_with_the_year_last_are_no_dates() -> None:
    assert cells_of(read_compact_moments, "010219", "020219", name="접수일자") == [None, None]


def test_last_day_of_9999_stands_for_no_end() -> None:
    assert cells_of(read_compact_moments, "20251231", "99991231") == ["2025-12-31 00:00:00", "9999-12-31 00:00:00"]
