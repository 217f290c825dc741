"""Numbers the rows of a table by the values that they have together."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_KEY = 2**62


class RowNumbers(NamedTuple):
    """For each row a number from 0, in order of appearance, equal for equal rows; and the number of different rows."""

    numbers: Any
    different: int


def number_rows(rows: int, columns: Iterable[tuple[pa.Array, int]]) -> RowNumbers:
    """Numbers rows by columns of codes, each with its number of distinct values; missing equals missing."""
    key, bound = np.zeros(rows, np.int64), 1
    for codes, values in columns:
        choices = values + 1
        if bound * choices > _MOST_KEY:  # renumbered before the key would overflow
            key, bound = _renumbered(key)
            if bound == rows:
                return RowNumbers(key, rows)
        key = key * choices + pc.fill_null(codes, choices - 1).to_numpy()
        bound *= choices
    return RowNumbers(*_renumbered(key))


def _renumbered(key: Any) -> tuple[Any, int]:
    encoded = pa.array(key).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
