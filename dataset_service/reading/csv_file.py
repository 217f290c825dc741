"""Reads the bytes of a file into a table of texts: finds how it is to be read, then reads it so."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import pyarrow as pa

from dataset_service.reading.apply import apply
from dataset_service.reading.cells.sheet import Sheet
from dataset_service.reading.detect import detect
from dataset_service.reading.reading import Reading
from dataset_service.reading.warning import DatasetWarning

_NOTHING_CHOSEN = Reading()
_NOTES_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Unique column names, and the cells of each column as dictionary-encoded text; null for a missing value.

    `units` is what stands below the names in a row of units, by column.
    """

    columns: tuple[str, ...]
    cells: Sequence[pa.DictionaryArray]
    reading: Reading
    warnings: Sequence[DatasetWarning]
    units: Mapping[str, str]
    notes: str
    """Text around the table, as far as it is near."""


def read_csv(content: bytes, wanted: Reading = _NOTHING_CHOSEN, threads: Executor | None = None) -> CsvTable:
    """Returns the table in a file; parts of the reading that are not chosen are found. Raises `CsvRefused`."""
    reading, grid, warnings = detect(content, wanted, threads)
    cells, repairs = apply(grid, reading)
    return CsvTable(
        tuple(grid.names), cells, reading, [*warnings, *repairs], grid.units, _notes(grid.body.sheet, reading)
    )


def _notes(sheet: Sheet, reading: Reading) -> str:
    above = sheet.utf8[: sheet.start_of(reading.start_line or 1)][-_NOTES_BYTES:]
    below = sheet.utf8[sheet.start_of(reading.end_line + 1) :][:_NOTES_BYTES] if reading.end_line else b""
    return b"\n".join((above, below)).decode(errors="ignore")
