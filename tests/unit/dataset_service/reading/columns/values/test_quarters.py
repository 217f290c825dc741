import pytest

from dataset_service.reading.columns.values.quarters import read_quarters
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of


@pytest.mark.parametrize(
    "text",
    [
        "2024.2/4",
        "2024 2/4",
        "2024-2/4",
        "2024년 2/4",
        "2024. 2/4분기",
        "2024년 2/4 분기",
        "2024년 2분기",
        "2024년2분기",
        "2024년  2분기",
        "2024년 제2분기",
        "2024.2분기",
        "2024-Q2",
        "2024Q2",
        "2024 q2",
        "Q2 2024",
        "2Q 2024",
        "2024-2Q",
        "2024_Q2",
        "2Q24",
        "24Q2",
        "24.2분기",
        "24.2/4",
        "'24 2/4",
    ],
)
def test_quarter_is_read(text: str) -> None:
    assert cells_of(read_quarters, text) == ["2024-04-01 00:00:00"]


@pytest.mark.parametrize(
    "text",
    ["2024.5/4", "2024/2/4", "20242/4", "24 1/4", "24-1/4", "24/1/4", "2024년 상반기", "2분기", "2024.02", "1024.2/4"],
)
def test_text_that_is_no_quarter_or_more_than_one_is_not_read(text: str) -> None:
    assert cells_of(read_quarters, text) == [None]


def test_years_of_two_digits_are_told() -> None:
    assert told_of(read_quarters, "1Q24", "2Q24") == {"YEARS_OF_TWO_DIGITS": 2}
    assert told_of(read_quarters, "1Q 2024") == {}


def test_fraction_in_a_column_of_numbers_is_no_quarter() -> None:
    assert cells_of(read_quarters, "2024.1/4", name="도면번호") == [None]
