"""Looks for a number among sums, differences and ratios of the cells of a table."""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

from chat_service.number_check.known_table import Numbers, total
from chat_service.number_check.mentions import Mention
from chat_service.number_check.written import WrittenNumber, hidden_scales

RATES = (1e2, 1e3, 1e4, 1e5)
"""What a rate may be per, such as per 1,000."""


def find_in_tables(number: WrittenNumber, mentions: Iterable[Mention], totals: Numbers) -> float | None:
    """Returns the number as it is worked out of rows that are named nearby, or of a short table; None if it is not."""
    values = (_find_in_table(number, mention, totals) for mention in mentions)
    return next((value for value in values if value is not None), None)


def _find_in_table(number: WrittenNumber, mention: Mention, totals: Numbers) -> float | None:
    for scale in (1.0, *hidden_scales(number)):
        low, high = number.low / scale, number.high / scale
        if number.is_percentage:
            values = _percentages(mention, low, high, totals)
        elif number.unit == "배":
            values = _times(mention, low, high)
        else:
            values = _amounts(mention, low, high)
        found = first_within(values, low, high)
        if found is not None:
            return found * scale
    return None


def first_within(values: Iterable[float], low: float, high: float) -> float | None:
    """Returns the size of the first value whose size is within the range."""
    low, high = low - 1e-9, high * (1 + 1e-9)
    return next((size for value in values if low <= (size := abs(value)) <= high), None)


def changes(first: float, second: float) -> tuple[float, ...]:
    """Returns by how many per cent one is greater or less than the other, either way."""
    return ((second / first - 1) * 100, (first / second - 1) * 100) if first and second else ()


def shares(parts: Iterable[float], totals: Numbers, low: float, high: float) -> Iterator[float]:
    """Yields what percentages the parts are of totals, as far as they may be in the range."""
    for part in parts:
        whole = totals.find(max(part, part * 100 / high), part * 100 / max(low, 1e-9)) if part > 0 else None
        if whole:
            yield part / whole * 100


def _percentages(mention: Mention, low: float, high: float, totals: Numbers) -> Iterator[float]:
    table, rows = mention.table, mention.rows
    for place, column in enumerate(table.columns):
        cells = [column[row] for row in rows]
        if table.sums and (whole := table.sums[place]) > 0:
            yield from (part / whole * 100 for part in (*(column if table.is_short else cells), *_sums(mention, place)))
            first = table.first_sums[place].find(low * whole / 100, high * whole / 100)
            yield from () if first is None else (first / whole * 100,)
            yield from (change for cell in cells for change in changes(cell, table.means[place]))
        else:  # cut: the whole is told elsewhere
            yield from shares(cells, totals, low, high)
        for one, other in chain(combinations(cells, 2), _neighbours(mention, place)):
            yield from (one - other, one + other, *changes(one, other))
    for row in rows:
        whole = table.row_sum(row)
        yield from (column[row] / whole * 100 for column in table.columns if whole)
    yield from (ratio * 100 for ratios in table.ratios(rows) for ratio in ratios)


def _times(mention: Mention, low: float, high: float) -> Iterator[float]:
    found = mention.table.times.find(low, high)
    yield from () if found is None else (found,)
    for column in mention.table.columns:
        for one, other in combinations([column[row] for row in mention.rows], 2):
            if one and other:
                yield from (one / other, other / one)


def _amounts(mention: Mention, low: float, high: float) -> Iterator[float]:
    table, rows = mention.table, mention.rows
    for numbers in (*table.first_sums, table.pair_amounts, table.period_sums):
        found = numbers.find(low, high)
        yield from () if found is None else (found,)
    for place, column in enumerate(table.columns):
        yield from _sums(mention, place)
        for one, other in combinations([column[row] for row in rows], 2):
            yield from (one + other, one - other)
    yield from (*table.sums, *table.means, *map(table.row_sum, rows))
    for ratio in chain.from_iterable(table.ratios(range(len(table.labels)) if table.is_short else rows)):
        yield from (ratio, 1 / ratio, *(ratio * rate for rate in (RATES if mention.is_rate else ())))


def _sums(mention: Mention, place: int) -> Iterator[float]:
    """Yields sums over the rows between two that are named, also around the end, and over two such ranges.

    Also sums and means over rows that share a word.
    """
    column, running = mention.table.columns[place], mention.table.running[place]
    for first, last in combinations(mention.rows, 2):
        yield running[last + 1] - running[first]
        yield running[-1] - running[last] + running[first + 1]
    if len(mention.rows) == 4:
        a, b, c, d = mention.rows
        yield running[b + 1] - running[a] + running[d + 1] - running[c]
    for group in mention.groups:
        whole = total(column[row] for row in group)
        yield from (whole, whole / len(group))


def _neighbours(mention: Mention, place: int) -> Iterator[tuple[float, float]]:
    """Yields the first and the last row, and the rows beside those that are named."""
    column = mention.table.columns[place]
    yield column[0], column[-1]
    for row in mention.rows:
        if row:
            yield column[row - 1], column[row]
        if row + 1 < len(column):
            yield column[row], column[row + 1]
