"""Looks for a number among sums, differences and ratios of other numbers that are written close by."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, combinations
from typing import NamedTuple

from chat_service.number_check.from_tables import RATES, changes, first_within, shares
from chat_service.number_check.known_table import Numbers
from chat_service.number_check.written import WrittenNumber, hidden_scales

_MOST_NEAR = 8
_LONGEST_LIST = 12


class Operand(NamedTuple):
    """A number of the answer that is borne out: as it is written there and as it is known."""

    number: WrittenNumber
    known: float

    @property
    def values(self) -> set[float]:
        """Both of them: some calculate with rounded numbers."""
        return {self.known, self.number.value}


def find_in_written(number: WrittenNumber, operands: Sequence[Operand], totals: Numbers, nearby: str) -> float | None:
    """Returns the number as it is worked out of operands and totals; None if it is not.

    Operands are in order, `nearby` is the text around the number.
    """
    is_rate = "당" in nearby
    near = sorted(operands, key=lambda operand: abs(operand.number.start - number.start))[:_MOST_NEAR]
    same = [operand.known for operand in operands if operand.number.unit == number.unit]
    for scale in (1.0, *hidden_scales(number)):
        low, high = number.low / scale, number.high / scale
        if number.is_percentage:
            values = _percentages(near, low, high, totals)
        elif number.unit == "배":
            values = _times(near, low, high, totals)
        else:
            values = chain(_amounts(near, low, high, totals, RATES if is_rate else ()), _list_sums(same))
        found = first_within(values, low, high)
        if found is not None:
            return found * scale
    return None


def _percentages(near: Sequence[Operand], low: float, high: float, totals: Numbers) -> Iterator[float]:
    percentages = [operand for operand in near if operand.number.is_percentage]
    amounts = [value for operand in near if operand not in percentages for value in operand.values]
    yield from (100 - value for operand in percentages for value in operand.values)
    yield from shares(amounts, totals, low, high)
    yield from (part / whole * 100 for part in amounts for whole in amounts if 0 < part <= whole)
    for one, other in combinations(near, 2):
        if one.number.unit == other.number.unit:
            yield from changes(one.known, other.known)
    for one, other in combinations(percentages, 2):
        yield from (one.known - other.known, one.known + other.known)
        yield from (one.number.value - other.number.value, one.number.value + other.number.value)


def _times(near: Sequence[Operand], low: float, high: float, totals: Numbers) -> Iterator[float]:
    values = [value for operand in near for value in operand.values if value]
    yield from (one / other for one in values for other in values)
    for value in values:
        for one, other in (
            (totals.find(value * low, value * high), value),
            (value, totals.find(value / high, value / max(low, 1e-9))),
        ):
            if one and other:
                yield one / other


def _amounts(
    near: Sequence[Operand], low: float, high: float, totals: Numbers, rates: Sequence[float]
) -> Iterator[float]:
    values = [value for operand in near for value in operand.values]
    for one, other in combinations(values, 2):
        yield from (one + other, one - other)
    for value in values:
        ranges = ((low - value, high - value), (value + low, value + high), (value - high, value - low))
        for found in (totals.find(*bounds) for bounds in ranges):
            yield from () if found is None else (value + found, value - found)
        if value > 1:
            whole = totals.find(value * low, value * high)
            yield from () if whole is None else (whole / value,)
            yield from (other / value * rate for other in values for rate in (1.0, *rates))


def _list_sums(values: Sequence[float]) -> Iterator[float]:
    """Yields the sums of three or more that follow each other."""
    for first in range(len(values) - 2):
        yield from list(accumulate(values[first : first + _LONGEST_LIST]))[2:]
