"""Finds columns whose merged cells were left blank below their first row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.regions.looks import Look, look_of

_LEAST_BLANK, _LEAST_BLANKS = 0.4, 2
_SAMPLE = 100
_MOST_COLUMNS = 3
_MOSTLY = 0.5


def find_merged(columns: Sequence[pa.Array]) -> int:
    """Returns how many leading columns have merged cells.

    A merged cell has its value in its first row and blanks below it. So the first row is filled, no value stands twice
    in its group, many cells are blank, and the column behind it is filled where this one is blank.
    """
    if not columns or not len(columns[0]):
        return 0
    count = 0
    new_group: np.ndarray | None = None
    for number, column in enumerate(columns[: min(_MOST_COLUMNS, len(columns) - 1)]):
        is_filled = pc.is_valid(column).to_numpy(zero_copy_only=False)
        if not _is_merged(column, is_filled, new_group):
            break
        beside = pc.is_valid(columns[number + 1]).to_numpy(zero_copy_only=False)
        if number + 1 == len(columns) - 1 and not beside[~is_filled].all():
            break
        if _holds_amounts(column) and not _repeats(columns[number + 1]):
            break
        new_group = is_filled if new_group is None else is_filled | new_group
        count += 1
    if count == 1 and new_group is not None and int(new_group.sum()) == 1:
        return 0
    while (
        count
        and not pc.is_valid(columns[count])
        .to_numpy(zero_copy_only=False)[~pc.is_valid(columns[count - 1]).to_numpy(zero_copy_only=False)]
        .all()
    ):
        count -= 1
    return count


def _is_merged(column: pa.Array, is_filled: np.ndarray, new_group: np.ndarray | None) -> bool:
    rows = len(column)
    blanks = rows - int(is_filled.sum())
    if not is_filled[0] or blanks < max(_LEAST_BLANKS, _LEAST_BLANK * rows):
        return False
    codes = column.filter(pa.array(is_filled)).dictionary_encode()
    if new_group is None:
        return len(pc.unique(codes.indices)) == len(codes)
    if not is_filled[new_group].all():
        return False
    group = np.cumsum(new_group)[is_filled]
    pairs = group.astype(np.int64) * (len(codes.dictionary) + 1) + codes.indices.to_numpy()
    return len(np.unique(pairs)) == len(pairs)


def _holds_amounts(column: pa.Array) -> bool:
    """Tells whether the values are numbers or dates, whose blanks are unknown more often than merged cells."""
    texts = pc.unique(column).drop_null().cast(pa.string())[:_SAMPLE].to_pylist()
    return sum(look_of(text) in (Look.NUMBER, Look.MOMENT) for text in texts) > _MOSTLY * len(texts)


def _repeats(column: pa.Array) -> bool:
    return len(pc.unique(column)) < len(column)


def filled_down(column: pa.Array, is_new_group: Any) -> pa.Array:
    """Returns the column with the value above in place of each blank; none is carried into another group."""
    is_filled = pc.is_valid(column).to_numpy(zero_copy_only=False)
    sources = np.maximum.accumulate(np.where(is_filled | is_new_group, np.arange(len(column)), 0))
    return column.take(pa.array(sources))
