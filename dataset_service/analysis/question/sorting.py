"""Puts rows in order: by several columns, missing values last, ties in the order of the file."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, dates_of, numbers_of

Keys = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]


def sort_rows(
    frame: Frame, sorts: Sequence[tuple[Column, bool]], rows: Rows | None = None, wanted: int | None = None
) -> Rows:
    """Returns the numbers of the rows in the order of columns, each ascending or (True) descending.

    Texts are sorted as numbers or dates if they are read as such, weekdays from Monday, others by code point. Only the
    first `wanted` of the order are returned, which is faster.
    """
    keys = [key for column, descending in sorts for key in _keys(frame, column, descending)]
    if rows is None:
        rows = np.arange(frame.rows)
    else:
        keys = [key[rows] for key in keys]
    return rows[first_in_order(keys, len(rows), wanted)]


def _keys(frame: Frame, column: Column, descending: bool) -> list[Keys]:
    """Returns numbers that sort the rows: whether the value is missing, if any is, and the value."""
    values, present = frame.once(("sort keys", column), lambda: _ascending_keys(column))
    ordered = np.where(present, values, 0)
    if descending:
        ordered = -ordered if ordered.dtype.kind == "f" else ~ordered
    return [ordered] if present.all() else [~present, ordered]


def sorted_as(column: Column) -> Reading | None:
    """Returns the dates or numbers that rows are sorted by; None for texts as they are."""
    return dates_of(column) or numbers_of(column, with_infinities=True) if column.natural_places is None else None


def _ascending_keys(column: Column) -> tuple[Keys, npt.NDArray[np.bool_]]:
    if reading := sorted_as(column):
        values = reading.values.view(np.int64) if reading.values.dtype.kind == "M" else reading.values
        return values, np.asarray(reading.present)
    return np.append(column.text_places, 0)[column.codes], np.asarray(column.present)


def first_in_order(keys: Sequence[Keys], rows: int, wanted: int | None) -> Rows:
    """Returns the first `wanted` of so many rows (or groups) in ascending order of keys, ties in their own order."""
    places = _those_first(keys, np.arange(rows), rows if wanted is None else wanted)
    if not keys:
        return places
    return np.asarray(places[np.lexsort([key[places] for key in reversed(keys)])])


def _those_first(keys: Sequence[Keys], rows: Rows, wanted: int) -> Rows:
    """Returns the rows that come first, in the order of the file."""
    if len(rows) <= wanted:
        return rows
    if not keys or not wanted:
        return rows[:wanted]
    values = keys[0][rows]
    bound = np.partition(values, wanted - 1)[wanted - 1]
    before = rows[values < bound]
    level = _those_first(keys[1:], rows[values == bound], wanted - len(before))
    return np.sort(np.concatenate([before, level]))
