"""Money in words is read to the 원, or not at all."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_service.reading.columns.values.money_words import read_money_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1억 2,000만원", 120_000_000),
        ("1억2000만 원", 120_000_000),
        ("9,800만원", 98_000_000),
        ("3조 5억원", 3_000_500_000_000),
        ("5만 3,200원", 53_200),
        ("300원", 300),
        ("0원", 0),
        ("-2억원", -200_000_000),
        ("1억 2,000", None),
        ("1억 20,000만원", None),
        ("1.5억원", None),
        ("억원", None),
        ("원", None),
        ("2,000만 1억원", None),
        ("수억원", None),
        (None, None),
    ],
)
def test_money_in_words_is_read_to_the_won(text: str | None, expected: int | None) -> None:
    values = read_money_words(pa.array([text], pa.string()), "금액")
    assert (values.cells.to_pylist(), values.unit) == ([expected], "원")


@given(st.lists(st.integers(1, 9999 * 10**12), min_size=1))
def test_any_amount_written_in_words_is_read_as_it_was(amounts: list[int]) -> None:
    def written(amount: int) -> str:
        parts = ((amount // 10**12, "조"), (amount // 10**8, "억"), (amount // 10**4, "만"), (amount, ""))
        return " ".join(f"{part % 10**4:,}{word}" for part, word in parts if part % 10**4) + "원"

    assert read_money_words(pa.array(map(written, amounts)), "금액").cells.to_pylist() == amounts
