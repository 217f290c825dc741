"""Groups of rows: those with the same values in one or two columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.frame.column import Cell, Codes, Column, count_codes, order_of_codes
from dataset_service.analysis.frame.readings import Reading

_DENSE, _FEW = 4, 65_536
"""Pairs of values are counted by index if there are at most so many times as many as rows, or so many; else hashed."""


class Groups:
    """The groups that the rows of a frame form; without columns, all rows are one group.

    `numbers` has the number of the group of each row, -1 where a column has no value. `rows` are the rows by group,
    `codes` the codes by group of each column.
    """

    def __init__(self, rows: int, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.numbers, self.rows, self.codes = _numbered(rows, self.columns)
        self.used = int(self.rows.sum())
        """How many rows are in a group."""
        self._sorted: dict[str, npt.NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.codes[0]) if self.codes else 1

    @property
    def missing(self) -> int:
        """Number of rows that are in no group, because a column has no value."""
        return len(self.numbers) - self.used

    def labels(self, place: int, groups: npt.NDArray[np.int64]) -> list[Cell]:
        """Returns the values of the column at a place in these groups."""
        return self.columns[place].labels(self.codes[place][groups])

    def sorted_rows(self, reading: Reading) -> npt.NDArray[Any]:
        """Returns the rows in a group that have a value, by group and then by value."""
        key = reading.column.name
        if key not in self._sorted:
            numbers = self.numbers[reading.order]
            order = reading.order[numbers >= 0] if self.missing else reading.order
            numbers = numbers[numbers >= 0] if self.missing else numbers
            self._sorted[key] = order[order_of_codes(numbers, len(self))]
        return self._sorted[key]


def _numbered(rows: int, columns: tuple[Column, ...]) -> tuple[Codes, npt.NDArray[np.int64], tuple[Codes, ...]]:
    if not columns:
        return np.zeros(rows, np.int32), np.array([rows]), ()
    if len(columns) == 1:
        numbers, counts, found = _renumbered(columns[0].codes, columns[0].different)
        return numbers, counts, (found.astype(np.int32),)
    first, second = columns
    width = max(1, second.different)
    key = first.codes.astype(np.int64) * width + second.codes
    if first.missing or second.missing:
        key[(first.codes < 0) | (second.codes < 0)] = -1
    numbers, counts, found = _renumbered(key, first.different * width)
    return numbers, counts, ((found // width).astype(np.int32), (found % width).astype(np.int32))


def _renumbered(key: npt.NDArray[Any], size: int) -> tuple[Codes, npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Returns numbers without gaps for keys from 0 to `size` - 1, -1 staying -1; and by number its rows and its key."""
    if size > max(_FEW, _DENSE * len(key)):
        encoded = pa.array(key, mask=key < 0).dictionary_encode()
        numbers, found = encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary.to_numpy()
        return numbers, count_codes(numbers, len(found)), found
    counts = count_codes(key, size)
    found = np.flatnonzero(counts)
    if len(found) == size:
        return key.astype(np.int32, copy=False), counts, found
    numbers = np.full(size + 1, -1, np.int32)  # key -1 indexes the last element
    numbers[found] = np.arange(len(found))
    return numbers[key], counts[found], found
