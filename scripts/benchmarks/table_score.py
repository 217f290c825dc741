"""How much of a table was read right: F1 of header, records and cells, as the Pollock benchmark defines them.

Names, records and cells are compared as multisets. A record is its cells joined, so an empty cell too many does not
make it another one. Numbers are compared as numbers, texts without regard to case, missing cells as empty ones.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import chain

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_NEVER_READ = "\0"


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Names and rows; `columns` is None for a file without names, of which made-up ones are right."""

    columns: Sequence[str] | None
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1, all 0 for a file that was refused."""

    loaded: float
    header: float
    records: float
    cells: float


REFUSED = Score(0.0, 0.0, 0.0, 0.0)


def score(right: ReadTable, read: ReadTable) -> Score:
    """Compares what was read with what is right; if nothing is right, all of it is."""
    read_columns = read.columns or ()
    right_columns = _made_up(read_columns, right.rows[0]) if right.columns is None else right.columns
    header = _f1(map(_comparable, right_columns), map(_comparable, read_columns))
    records = _f1(map(_record, right.rows), map(_record, read.rows))
    cells = _f1(_cells(right_columns, right.rows), _cells(read_columns, read.rows))
    return Score(1.0, header, records, cells)


def mean(scores: Iterable[tuple[Score, float]]) -> Score:
    """Returns the mean of scores, each with its weight."""
    weighted = list(scores)
    total = sum(weight for _, weight in weighted)
    rows = [[share * weight for share in astuple(each)] for each, weight in weighted]
    return Score(*(sum(column) / total for column in zip(*rows, strict=True)))


def _made_up(names: Sequence[str], first_row: Sequence[str | None]) -> list[str]:
    """Returns one name for each cell: those that were read, unless they are the first row, taken for a header."""
    taken = set(map(_comparable, first_row))
    made_up = [name for name in names if _comparable(name) not in taken]
    return [*made_up, *[_NEVER_READ] * len(first_row)][: len(first_row)]


def _f1(right: Iterable[str], read: Iterable[str]) -> float:
    right_counts, read_counts = Counter(right), Counter(read)
    if not right_counts:
        return 1.0
    return 2 * (right_counts & read_counts).total() / (right_counts.total() + read_counts.total())


def _cells(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Iterable[str]:
    return map(_comparable, chain(columns, *rows))


def _record(row: Sequence[str | None]) -> str:
    return "".join(map(_comparable, row))


def _comparable(cell: str | None) -> str:
    if not cell:
        return ""
    return repr(float(cell)) if _NUMBER.fullmatch(cell) else cell.lower()
