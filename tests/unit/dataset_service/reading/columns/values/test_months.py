import pytest

from dataset_service.reading.columns.values.months import read_months
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of

_YEAR = [f"2019{month:02}" for month in range(1, 13)]


def _months(*texts: str, name: str = "열") -> list[str | None]:
    return [cell and cell.removesuffix("-01 00:00:00") for cell in cells_of(read_months, *texts, name=name)]


@pytest.mark.parametrize(
    "text",
    [
        "2019-12",
        "2019/12",
        "2019M12",
        "2019-M12",
        "2019. 12",
        "2019. 12.",
        "2019.12.",
        "2019.12월",
        "2019-12월",
        "2019 12월",
        "2019년 12월",
        "2019년12월",
        "2019 년 12 월",
        "2019년  12월",
        "19.12월",
        "19년 12월",
        "'19.12",
        "’19년 12월",
    ],
)
def test_month_is_read(text: str) -> None:
    assert _months(text) == ["2019-12"]


@pytest.mark.parametrize(
    "text",
    [
        "2019-13",
        "201912월",
        "2019 12",
        "2019- 12",
        "2019-00",
        "0019-12",
        "2019년 12",
        "19-12",
        "12월",
        "2019-12-01",
        "2019",
    ],
)
def test_text_that_is_no_month_or_more_than_one_is_not_read(text: str) -> None:
    assert _months(text) == [None]


@pytest.mark.parametrize("name", ["계약년월", "기준월", "기준월(월)", "시점", "STD_YM", "사용일자", "조회기간"])
@pytest.mark.parametrize(
    "texts", [("201901", "201902"), ("2019.01", "2019.02"), ("2019.1", "2019.2"), ("2019-1", "2019-2")]
)
def test_numbers_are_months_where_the_name_says_so(name: str, texts: tuple[str, str]) -> None:
    assert _months(*texts, name=name) == ["2019-01", "2019-02"]
    assert told_of(read_months, *texts, name=name) == {}


@pytest.mark.parametrize(
    "texts", [("201901", "201912"), ("2019.01", "2019.12"), (*_YEAR, "201913"), (*_YEAR, "250000")]
)
def test_few_or_impossible_numbers_of_another_name_are_no_months(texts: tuple[str, ...]) -> None:
    assert set(_months(*texts, name="값")) == {None}


@pytest.mark.parametrize("texts", [_YEAR, [f"{text[:4]}.{text[4:]}" for text in _YEAR]])
def test_many_numbers_that_could_all_be_months_are_months_which_is_told(texts: list[str]) -> None:
    assert _months(*texts, name="값") == [f"2019-{month:02}" for month in range(1, 13)]
    assert told_of(read_months, *texts, name="값") == {"MONTHS_GUESSED": 12}
    assert set(_months(*texts, name="인구수")) == {None}


@pytest.mark.parametrize("texts", [("2019.1",), ("2019.1", "2019.02"), ("2019.1", "2019.11", "2019.12")])
def test_months_that_lost_their_last_zero_are_not_read(texts: tuple[str, ...]) -> None:
    assert set(_months(*texts, name="기준월")) == {None}


@pytest.mark.parametrize(
    ("texts", "are_months"),
    [
        (("2019-1", "2019-2"), False),
        (("2019-9", "2019-10"), True),
        (("2010-11", "2011-12"), False),
        (("2010-11", "2010-12"), True),
    ],
)
def test_terms_and_seasons_are_no_months(texts: tuple[str, str], are_months: bool) -> None:
    assert (None not in _months(*texts)) is are_months
    assert _months(*texts, name="고시번호") == [None, None]


def test_years_of_two_digits_are_told() -> None:
    assert told_of(read_months, "24.1월", "24.12월") == {"YEARS_OF_TWO_DIGITS": 2}
