"""Which inputs of a prediction a table must have."""

from collections.abc import Sequence

import pytest

from servicekit.prediction_inputs import DERIVED, INPUTS, LABELS, MOMENT, OCCURRED_AT, missing_inputs


@pytest.mark.parametrize(
    ("named", "is_date_only", "missing"),
    [
        (INPUTS, False, []),
        ((OCCURRED_AT, *LABELS), False, []),
        ((*MOMENT, *LABELS), False, []),
        ((OCCURRED_AT, *LABELS), True, ["accident_hour"]),
        ((OCCURRED_AT, "accident_hour", *LABELS), True, []),
        (("accident_year", *LABELS), False, ["accident_month", "accident_day", "accident_hour"]),
        ((*DERIVED, *LABELS[1:]), False, [OCCURRED_AT, LABELS[0]]),
    ],
)
def test_inputs_without_a_column_are_named(named: Sequence[str], is_date_only: bool, missing: list[str]) -> None:
    assert missing_inputs(named, is_date_only=is_date_only) == missing
