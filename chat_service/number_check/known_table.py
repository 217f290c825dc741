"""A table as numbers to compare."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations
from typing import Any

_SHORT = 12
_MOST_FIRST_ROWS = 20
_LONGEST_TIMELINE = 36
_PERIOD = re.compile(r"\d{4}(?:-Q?\d{1,2})?")
_TOLERANCE = 1e-9


class Numbers:
    """Sizes of numbers, sorted to be found by range."""

    def __init__(self, numbers: Iterable[float]) -> None:
        self._sorted = sorted({abs(number) for number in numbers if math.isfinite(number)})

    def find(self, low: float, high: float) -> float | None:
        """Returns a number of the range, ends included; None if there is none."""
        margin = _TOLERANCE * max(1.0, abs(high))
        place = bisect_left(self._sorted, low - margin)
        if place < len(self._sorted) and self._sorted[place] <= high + margin:
            return self._sorted[place]
        return None


@dataclass(frozen=True)
class KnownTable:
    """The head of a table: the names of its rows, and its columns of numbers by row (NaN where a cell has none).

    `sums` are those of the whole columns, none of a table that was cut.
    """

    labels: tuple[str, ...]
    columns: tuple[tuple[float, ...], ...]
    sums: tuple[float, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]], *, is_whole: bool) -> "KnownTable":
        """Returns what is known by the first rows of a table."""
        cells = [tuple(map(_number, column)) for column in list(zip(*rows, strict=True))[1:]]
        columns = tuple(column for column in cells if any(map(math.isfinite, column)))
        return cls(tuple(str(row[0]) for row in rows), columns, tuple(map(total, columns)) if is_whole else ())

    def row_sum(self, row: int) -> float:
        """Returns the sum of a row."""
        return total(column[row] for column in self.columns)

    @cached_property
    def means(self) -> list[float]:
        """The mean of each whole column."""
        return [whole / len(self.labels) for whole in self.sums]

    @property
    def is_short(self) -> bool:
        """Whether a reader sees all of it at once, and may compare any two of its rows."""
        return len(self.labels) <= _SHORT

    @cached_property
    def running(self) -> list[list[float]]:
        """By column, the sums of its first rows: of none, one, two and so on."""
        return [list(accumulate(map(_or_zero, column), initial=0.0)) for column in self.columns]

    @cached_property
    def first_sums(self) -> list[Numbers]:
        """The same to look for, of as many rows as people add up."""
        return [Numbers(sums[1:_MOST_FIRST_ROWS]) for sums in self.running]

    @cached_property
    def period_sums(self) -> Numbers:
        """Sums of rows that follow each other in a table by month, quarter or year."""
        is_timeline = len(self.labels) <= _LONGEST_TIMELINE and all(map(_PERIOD.fullmatch, self.labels))
        pairs = [(one, other) for sums in self.running for one, other in combinations(sums, 2)] if is_timeline else []
        return Numbers(later - earlier for earlier, later in pairs)

    @cached_property
    def pair_amounts(self) -> Numbers:
        """Sums and differences of any two rows of a short table."""
        pairs = [pair for column in self.columns for pair in combinations(column, 2)] if self.is_short else []
        return Numbers(value for first, second in pairs for value in (first + second, first - second))

    @cached_property
    def counts(self) -> list[int]:
        """The places of the columns that have whole numbers alone."""
        return [place for place, column in enumerate(self.columns) if all(cell == cell // 1 for cell in column)]

    def ratios(self, rows: Iterable[int]) -> list[list[float]]:
        """Returns, by row, which part one column of whole numbers is of another; those of the sums last."""
        cells = [[self.columns[place][row] for place in self.counts] for row in rows]
        cells.append([self.sums[place] for place in self.counts] if self.sums else [])
        return [[min(pair) / max(pair) if all(pair) else math.nan for pair in combinations(row, 2)] for row in cells]

    @cached_property
    def times(self) -> Numbers:
        """By how much one row of a short table is greater than another, in a column or in a ratio of two."""
        ratios = self.ratios(range(len(self.labels)))[:-1] if self.is_short else []
        columns = [*self.columns, *zip(*ratios, strict=True)] if self.is_short else []
        pairs = [pair for column in columns for pair in combinations(column, 2) if all(pair)]
        return Numbers(max(map(abs, pair)) / min(map(abs, pair)) for pair in pairs)


def _number(cell: Any) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else math.nan


def total(cells: Iterable[float]) -> float:
    """Returns the sum of the cells that have a number."""
    return sum(map(_or_zero, cells))


def _or_zero(cell: float) -> float:
    return cell if math.isfinite(cell) else 0.0
