"""Applies a reading to the cells of a file: fills merged cells, leaves rows out."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from dataset_service.errors import CsvRefused
from dataset_service.reading.cells.texts import holds_values, kept_rows
from dataset_service.reading.detect import Grid
from dataset_service.reading.reading import Reading
from dataset_service.reading.warning import DatasetWarning


def apply(grid: Grid, reading: Reading) -> tuple[Sequence[pa.DictionaryArray], list[DatasetWarning]]:
    """Returns the columns of the table. Raises `CSV_UNREADABLE` if no row holds a value.

    Lines that are left out, and rows without any value, are not in it; the latter are told.
    """
    columns = grid.filled(reading.filled)
    is_kept = np.ones(len(columns[0]), bool)
    if reading.left_out:
        is_kept = ~np.isin(grid.body.lines[: len(is_kept)], reading.left_out)
    holds = holds_values(grid.columns)
    warnings = []
    if holds is not None:
        blank = int((is_kept & ~holds).sum())
        warnings = [DatasetWarning("ROWS_DROPPED", given=str(blank))] if blank else []
        is_kept &= holds
    if not is_kept.any():
        raise CsvRefused("CSV_UNREADABLE", "No row holds a value.", problem="NO_ROWS")
    return columns if is_kept.all() else kept_rows(columns, is_kept), warnings
