"""Equal rows have equal numbers."""

import pyarrow as pa

from servicekit.row_numbers import number_rows


def test_rows_are_numbered_in_order_of_appearance_and_missing_equals_missing() -> None:
    found = number_rows(5, [(pa.array([1, 0, 1, None, None]), 2), (pa.array([0, 0, 0, 0, 0]), 1)])
    assert (found.numbers.tolist(), found.different) == ([0, 1, 0, 2, 2], 3)


def test_many_columns_of_many_values_do_not_overflow() -> None:
    codes = [pa.array([0, number, 0]) for number in range(20)]
    found = number_rows(3, [(one, 1_000_000) for one in codes])
    assert (found.numbers.tolist(), found.different) == ([0, 1, 0], 2)


def test_no_rows_have_no_numbers() -> None:
    assert number_rows(0, [(pa.array([], pa.int32()), 0)]).different == 0
