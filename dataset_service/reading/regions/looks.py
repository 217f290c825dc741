"""What the cells of the first rows look like: which columns hold values, and which rows hold names."""

import re
from collections import Counter
from collections.abc import Sequence, Set
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from dataset_service.reading.columns.values.gaps import is_gap

_NUMBER = re.compile(r"[-+△▲▽▼(]?\s?[$€₩￦\\]?[0-9０-９][0-9０-９,.]*(?:[eE][-+]?[0-9]+)?\s?\)?%?")
_ENGLISH_MOMENT = r"|(?:[0-9]{1,2}[-/ .])?[A-Z][a-z]{2,8}[-/ .,]+(?:[0-9]{1,2}[-/ .,]+)?[0-9]{2,4}"
_MOMENT = re.compile(
    r"(?:오전|오후)?\s?'?[0-9]{1,4}\s?[-/.:년월시](?:[\s0-9:./\-년월일시분초TZ+]|오전|오후)*" + _ENGLISH_MOMENT
)
_COMMENT = re.compile(r"\s*(?:#+|//|%%)(?:\s|$)")
_YEARS = range(1900, 2101)
_LEAST_SHARE = 0.5
_STEP_TOLERANCE = 1e-6


class Look(StrEnum):
    """What a cell looks like."""

    BLANK = "blank"
    NUMBER = "number"
    MOMENT = "moment"
    TEXT = "text"


def look_of(cell: str) -> Look:
    """Returns what a cell looks like; a word for a missing value looks blank."""
    text = cell.strip()
    if not text or is_gap(text):
        return Look.BLANK
    if _NUMBER.fullmatch(text):
        return Look.NUMBER
    return Look.MOMENT if _MOMENT.fullmatch(text) else Look.TEXT


Cells = Sequence[str]
"""The cells of a row as they stand in the file."""


def filled(row: Cells) -> int:
    """Returns the number of cells that hold something."""
    return sum(bool(cell.strip()) for cell in row)


def trimmed(cells: Cells) -> list[str]:
    """Returns the cells without blank ones at the end."""
    last = max((number for number, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return list(cells[:last])


def is_comment(row: Cells) -> bool:
    """Tells whether a row begins with a sign of comments that stands alone."""
    return bool(_COMMENT.match(row[0]))


def is_sentence(row: Cells, other: Cells) -> bool:
    """Tells whether commas of a sentence made the cells: all begin with a blank, as those of another row do not."""
    behind = [cell for cell in row[1:] if cell]
    return bool(behind) and all(cell[0] == " " for cell in behind) and not any(cell[:1] == " " for cell in other)


class Looks:
    """The rows of a beginning that are not blank, and what their columns hold."""

    def __init__(self, rows: Sequence[Cells], gaps: Set[int] = frozenset()) -> None:
        self.rows = [row for row in rows if filled(row)]
        self.gaps = gaps
        """Numbers of the rows right behind a blank line, if no row is blank."""
        widths = Counter(
            len(row)
            for row in self.rows
            if filled(row) > 1 and not is_comment(row) and not is_sentence(row, self.rows[-1])
        )
        self.width = max(widths, key=lambda width: widths[width] * (width - 1)) if widths else 1  # a tie: the first
        """Usual number of cells in a row."""

    @cached_property
    def columns(self) -> Sequence[Look]:
        """What each column mostly holds, names apart; TEXT where it holds no values."""
        rows = [row for row in self.rows if len(row) == self.width]
        rows = rows[max(1, len(rows) // 2) :]
        looks = []
        for column in range(self.width):
            found = Counter(look_of(row[column]) for row in rows)
            del found[Look.BLANK]
            values = max((Look.NUMBER, Look.MOMENT), key=lambda look: found[look])
            looks.append(values if found and found[values] >= _LEAST_SHARE * found.total() else Look.TEXT)
        return looks

    @cached_property
    def margin(self) -> int:
        """Number of first columns that hold nothing."""
        return min(next(number for number, cell in enumerate(row) if cell.strip()) for row in self.rows)

    @property
    def has_values(self) -> bool:
        """Tells whether any column holds numbers or moments, so that names differ from what is below them."""
        return any(look is not Look.TEXT for look in self.columns)

    def holds_names(self, number: int) -> bool:
        """Tells whether a row of the usual width has texts above columns of values, or a series such as years."""
        row = self.rows[number]
        if len(row) != self.width:
            return False
        above = [(look_of(cell), look, cell) for cell, look in zip(row, self.columns, strict=True)]
        valued = [
            (found, look, cell) for found, look, cell in above if look is not Look.TEXT and found is not Look.BLANK
        ]
        if not valued:
            return False
        other = sum(found is not look for found, look, _ in valued)
        return other >= _LEAST_SHARE * len(valued) or self._is_series(
            number, [cell for found, look, cell in valued if found is look]
        )

    def holds_values(self, number: int) -> bool:
        """Tells whether a row is like those below it: values in columns of values, and no series such as years."""
        row = self.rows[number]
        pairs = [(look_of(cell), look) for cell, look in zip(row, self.columns, strict=False)]
        valued = [found is look for found, look in pairs if look is not Look.TEXT and found is not Look.BLANK]
        return bool(valued) and all(valued) and not self.holds_names(number)

    def fits(self, cells: Cells) -> bool:
        """Tells whether cells have nothing but values in columns of values."""
        pairs = zip(cells, self.columns, strict=False)
        return all(look is Look.TEXT or look_of(cell) in (look, Look.BLANK) for cell, look in pairs)

    def _is_series(self, number: int, cells: Sequence[str]) -> bool:
        """Tells whether numbers in a row are years, months or the like in sequence, which those below are not.

        Groups of columns may repeat them.
        """
        numbers = _numbers(cells)
        if not numbers or number + 1 == len(self.rows):
            return False
        series = _without_repetition(numbers)
        below = _numbers([cell for cell in self.rows[-1] if look_of(cell) is Look.NUMBER][-len(numbers) :])
        if all(cell in _YEARS for cell in series):
            return series == sorted(series) and not (below and all(cell in _YEARS for cell in below))
        return _is_sequence(series) and not (below and _is_sequence(below))


def _numbers(cells: Sequence[str]) -> list[float] | None:
    try:
        return [float(cell.strip()) for cell in cells]
    except ValueError:
        return None


def _without_repetition(numbers: list[float]) -> list[float]:
    """Returns the numbers up to where they begin again, if the rest repeats them."""
    period = numbers.index(numbers[0], 1) if numbers[0] in numbers[1:] else len(numbers)
    return numbers[:period] if numbers == numbers[:period] * (len(numbers) // period) else numbers


def _is_sequence(numbers: Sequence[float]) -> bool:
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    return len(steps) > 1 and steps[0] != 0 and all(abs(step - steps[0]) < _STEP_TOLERANCE for step in steps)
