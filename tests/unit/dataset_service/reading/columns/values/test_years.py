import pytest

from dataset_service.reading.columns.values.years import read_years
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2019년", 2019),
        ("2019년도", 2019),
        ("2019 년", 2019),
        ("1592년", 1592),
        ("'99년", 1999),
        ("68년도", 2068),
        ("2019", None),
        ("19년", None),
        ("9999년", None),
        ("2019학년도", None),
        ("2019년 1월", None),
    ],
)
def test_year_in_words_is_read(text: str, year: int | None) -> None:
    assert cells_of(read_years, text) == [year and f"{year}-01-01 00:00:00"]


def test_digits_alone_are_years_where_dates_are_chosen() -> None:
    assert cells_of(read_years, "2019", "2019년", "3000", name="") == ["2019-01-01 00:00:00"] * 2 + [None]


def test_years_of_two_digits_are_told() -> None:
    assert told_of(read_years, "18년도", "19년도") == {"YEARS_OF_TWO_DIGITS": 2}


@pytest.mark.parametrize(
    ("name", "are_years"), [("연도", True), ("기준 년", True), ("경력년수", False), ("소요 기간", False)]
)
def test_years_of_two_digits_in_words_need_a_name_that_says_so(name: str, are_years: bool) -> None:
    assert cells_of(read_years, "21년", name=name) == ["2021-01-01 00:00:00" if are_years else None]
