"""Shows how a file is read: lines of the original with what each is, and the first rows of the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import pyarrow as pa

from dataset_service.reading.cells.quotes import line_ends
from dataset_service.reading.columns.profile import Profile
from dataset_service.reading.detect import open_sheet
from dataset_service.reading.reading import Reading
from dataset_service.reading.table_file import in_words
from dataset_service.reading.text.decoding import decode
from dataset_service.reading.warning import DatasetWarning

MOST_ROWS = 20
_FIRST_LINES, _MOST_LINES, _LONGEST_LINE = 40, 200, 500
_MOST_CELLS, _LONGEST_CELL = 4_000, 200


class LineRole(StrEnum):
    """What a line of a file is to its reading."""

    ABOVE = "above"
    HEADER = "header"
    UNIT = "unit"
    ROW = "row"
    LEFT_OUT = "left_out"
    BELOW = "below"
    BLANK = "blank"
    OTHER_TABLE = "other_table"


class OriginalLine(NamedTuple):
    """A line of a file, from 1; long texts are cut."""

    line: int
    role: LineRole
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file is read; the table has names, rows of JSON values, and their total number."""

    reading: Reading
    profile: Profile
    lines: Sequence[OriginalLine]
    table: dict[str, Any]


def original_lines(content: bytes, reading: Reading, warnings: Iterable[DatasetWarning]) -> list[OriginalLine]:
    """Returns the first lines of a file, and those around the ends of its table and the lines of warnings."""
    warnings = list(warnings)
    utf8 = decode(content, reading.encoding).utf8
    ends = line_ends(utf8)
    count = len(ends) + int(not len(ends) or ends[-1] + 1 < len(utf8))
    told = [line for warning in warnings for line in (*warning.lines, warning.line) if line]
    around = [
        line + step for line in (reading.start_line or 1, reading.end_line or count, *told) for step in (-1, 0, 1)
    ]
    shown = dict.fromkeys(line for line in (*range(1, _FIRST_LINES + 1), *around) if 1 <= line <= count)
    other = next((warning.line for warning in warnings if warning.reason == "NEXT_TABLE"), count + 1)
    role_of = _Roles(utf8, reading, other)
    lines = []
    for line in sorted(list(shown)[:_MOST_LINES]):
        start = int(ends[line - 2]) + 1 if line > 1 else 0
        stop = int(ends[line - 1]) + 1 if line <= len(ends) else len(utf8)
        text = utf8[start:stop].decode(errors="replace").rstrip("\r\n")
        lines.append(OriginalLine(line, role_of(line, text), _cut(text, _LONGEST_LINE)))
    return lines


class _Roles:
    """Tells what lines of a file are."""

    def __init__(self, utf8: bytes, reading: Reading, other_table: int) -> None:
        self._reading = reading
        self._other_table = other_table
        self._start = reading.start_line or 1
        sheet, skipped = open_sheet(utf8, reading)
        rows = [row.line for row in sheet.rows_from(max(skipped, sheet.start_of(self._start)))]
        names, units = reading.header_rows or 0, reading.unit_rows or 0
        self._units = (*rows, *[rows[-1] + 1 if rows else 1] * 4)[names]
        self._rows = (*rows, *[rows[-1] + 1 if rows else 1] * 4)[names + units]

    def __call__(self, line: int, text: str) -> LineRole:
        bare = text
        for separator in filter(None, (self._reading.delimiter, self._reading.quote)):
            bare = bare.replace(separator, " ")
        if not bare.strip():
            return LineRole.BLANK
        if line < self._start:
            return LineRole.ABOVE
        if line >= self._other_table:
            return LineRole.OTHER_TABLE
        if self._reading.end_line and line > self._reading.end_line:
            return LineRole.BELOW
        if line < self._rows:
            return LineRole.HEADER if line < self._units else LineRole.UNIT
        return LineRole.LEFT_OUT if line in (self._reading.left_out or ()) else LineRole.ROW


def first_rows(table: pa.Table, total_rows: int) -> dict[str, Any]:
    """Returns the first rows of a table, or of its beginning, as JSON values, dates as text; fewer of a wide one."""
    rows = max(1, min(MOST_ROWS, _MOST_CELLS // table.num_columns))
    cells = [
        [_cut(value, _LONGEST_CELL) if isinstance(value, str) else value for value in column.to_pylist()]
        for column in in_words(table.slice(0, rows)).columns
    ]
    return {
        "columns": table.column_names,
        "rows": [list(row) for row in zip(*cells, strict=True)],
        "total_rows": total_rows,
    }


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
