"""Finds how a file is read: from its bytes to a `Reading`, and the cells that the reading is applied to.

What holds a table is read: lines above and below it are left out, uneven rows are evened, damage stays in its cell.
Each repair is a warning that names lines or columns and the part of a reading that takes it back.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.errors import CsvRefused
from dataset_service.reading.cells.body import Body, read_body
from dataset_service.reading.cells.dialect import ONE_COLUMN, find_dialect
from dataset_service.reading.cells.sheet import Row, Sheet, declared_delimiter, refuse_wide
from dataset_service.reading.cells.texts import encode, holds_values
from dataset_service.reading.choices import refuse_lines_beyond
from dataset_service.reading.columns.formula_guard import unguarded
from dataset_service.reading.columns.names import LONGEST_NAME, name_columns, plain_header
from dataset_service.reading.left_out import RULES, TableRows
from dataset_service.reading.left_out.totals import labels_of_totals
from dataset_service.reading.reading import Reading
from dataset_service.reading.regions.above import find_start, looks_of
from dataset_service.reading.regions.bottom import find_end
from dataset_service.reading.regions.header import find_header_rows
from dataset_service.reading.regions.looks import Looks
from dataset_service.reading.regions.merged_cells import filled_down, find_merged
from dataset_service.reading.regions.names import COMMENT_SIGNS, join_names, without_comment_sign
from dataset_service.reading.regions.units import find_unit_rows
from dataset_service.reading.text.decoding import MIXED, DecodedText, decode
from dataset_service.reading.warning import MOST_UNDONE, DatasetWarning, about_lines

LONGEST_FIELD_BYTES = 100_000
_DIALECT_BYTES = 1 << 18
_REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells between the first and the last row of a table, and how its columns are called."""

    body: Body
    names: Sequence[str]
    columns: Sequence[pa.DictionaryArray]
    """Distinct texts in NFC; null for a missing value."""
    units: Mapping[str, str]
    """What stands below the names, by column."""

    def filled(self, names: Collection[str] | None) -> list[pa.DictionaryArray]:
        """Returns the columns, the named ones with the value above in place of each blank.

        A value of one named column begins a group of the next ones.
        """
        columns, is_new_group = list(self.columns), np.zeros(len(self.columns[0]), bool)
        for index, name in enumerate(self.names):
            if name in (names or ()):
                columns[index] = filled_down(self.columns[index], is_new_group)
                is_new_group |= pc.is_valid(self.columns[index]).to_numpy(zero_copy_only=False)
        return columns


class Detected(NamedTuple):
    """How a file is read, what it is applied to, and what had to be repaired."""

    reading: Reading
    grid: Grid
    warnings: list[DatasetWarning]


class _Top(NamedTuple):
    """The head of the table: its names and units as they stand in the file, the width of its rows, where they begin."""

    looks: Looks
    names: list[str]
    units: Sequence[str]
    width: int
    rows_start: int


def detect(content: bytes, wanted: Reading, threads: Executor | None = None) -> Detected:
    """Returns the reading of a file; parts that are not chosen are found. Raises `CsvRefused`."""
    decoded = decode(content, wanted.encoding)
    warnings = _encoding_warnings(decoded)
    sheet, skipped = open_sheet(decoded.utf8, wanted)
    if wanted.start_line or wanted.end_line or wanted.left_out:
        refuse_lines_beyond(wanted, sheet.line_of(len(sheet.utf8) - 1))
    reading = replace(
        wanted,
        encoding=decoded.encoding,
        delimiter=sheet.dialect.delimiter,
        quote=sheet.dialect.quote,
        escape=sheet.dialect.escape,
    )
    if wanted.quote is None and (sheet.quote not in ("", '"') or sheet.dialect.escape):
        signs = " ".join(filter(None, (sheet.quote, sheet.dialect.escape)))
        warnings.append(DatasetWarning("QUOTES_UNUSUAL", used=signs, undo={"quote": '"', "escape": ""}))
    if sheet.dialect.are_lines_quoted:
        warnings.append(DatasetWarning("LINES_UNQUOTED", undo={"delimiter": ONE_COLUMN}))
    reading, top = _find_top(sheet, skipped, reading, warnings)
    if wanted.end_line:  # before the start that was found
        refuse_lines_beyond(reading, sheet.line_of(len(sheet.utf8) - 1))
    body = read_body(sheet, top.rows_start, top.width, top.looks.fits)
    if body.rows == 0:
        raise CsvRefused("CSV_UNREADABLE", "The file has a header but no rows.", problem="NO_ROWS")
    reading, end = _find_end(body, top, reading, warnings)
    grid = _grid(body, end, top, reading, warnings, threads)
    reading = _find_rows(grid, top, reading, warnings)
    _tell_uneven(body, end, reading, warnings)
    return Detected(reading, grid, warnings)


def open_sheet(utf8: bytes, wanted: Reading) -> tuple[Sheet, int]:
    """Returns the rows of a text, and the length of a line `sep=;` at its beginning."""
    declared, skipped = declared_delimiter(utf8)
    beginning = utf8[skipped : skipped + _DIALECT_BYTES].decode(errors="ignore")
    delimiter = wanted.delimiter or declared
    dialect = find_dialect(beginning, delimiter=delimiter, quote=wanted.quote, escape=wanted.escape)
    return Sheet(utf8, dialect), skipped


# ---- above the rows


def _find_top(sheet: Sheet, skipped: int, reading: Reading, warnings: list[DatasetWarning]) -> tuple[Reading, _Top]:
    """Finds the first line and the rows of names and units. `skipped` is the length of a line `sep=;`."""
    if reading.start_line is None:
        rows = sheet.rows_from(skipped)
        start = find_start(looks_of(rows)) if rows else 0
        if start:
            above = [row.line for row in rows[:start]]
            warnings.append(about_lines("LINES_ABOVE", above, undo={"start_line": above[0]}))
        if rows and rows[start].start != skipped:  # as many rows as if the line had been chosen
            rows = sheet.rows_from(rows[start].start)
    else:
        rows = sheet.rows_from(max(skipped, sheet.start_of(reading.start_line)))
    if not rows:
        raise CsvRefused("CSV_UNREADABLE", "The file holds nothing.", problem="EMPTY")
    looks = looks_of(rows)
    header_rows, unit_rows = reading.header_rows, reading.unit_rows
    if header_rows is None:
        header_rows = find_header_rows(looks)
        lines = [row.line for row in rows[: max(1, header_rows)]]
        if header_rows == 0:
            warnings.append(about_lines("HEADER_MISSING", lines, undo={"header_rows": 1}))
        elif header_rows > 1:
            warnings.append(about_lines("HEADER_JOINED", lines, undo={"header_rows": 1}))
    if unit_rows is None:
        unit_rows = find_unit_rows(looks, header_rows)
        if unit_rows:
            warnings.append(about_lines("UNITS_BELOW_NAMES", [rows[header_rows].line], undo={"unit_rows": 0}))
    _refuse_long_names(rows[:header_rows])
    first = min(header_rows + unit_rows, len(rows))
    header = _header(sheet, rows[:header_rows], looks.width) if header_rows else []
    while len(header) > looks.width and not header[-1].strip():
        header.pop()
    names, width = _one_for_each_column(header, looks, rows[first:])
    if len(names) < len(header):
        warnings.append(about_lines("NAMES_MOVED", [rows[0].line], given=str(len(header) - len(names))))
    refuse_wide(width)
    units = next((row.cells for row in rows[header_rows:first] if len(row.cells) == width), ())
    rows_start = rows[first].start if first < len(rows) else len(sheet.utf8)
    reading = replace(reading, start_line=rows[0].line, header_rows=header_rows, unit_rows=unit_rows)
    return reading, _Top(looks, names, units, width, rows_start)


def _header(sheet: Sheet, rows: Sequence[Row], width: int) -> list[str]:
    is_comment = sheet.utf8[: rows[0].start].lstrip().startswith(tuple(map(str.encode, COMMENT_SIGNS)))
    first = without_comment_sign(rows[0].cells, width, is_comment=is_comment)
    return join_names([first, *(row.cells for row in rows[1:])], width)


def _one_for_each_column(header: list[str], looks: Looks, rows: Sequence[Row]) -> tuple[list[str], int]:
    """Returns a name for each column, empty where none is given, and the number of columns.

    If all rows have one cell more than there are names, the first column holds names of rows, as R writes them. If no
    row has as many cells as there are names, by just the empty ones, those are delimiters too many.
    """
    too_many = len(header) - looks.width
    if 0 < too_many == sum(not name.strip() for name in header) and all(len(row.cells) <= looks.width for row in rows):
        return [name for name in header if name.strip()], looks.width
    width = max(len(header), looks.width)
    lacking = width - len(header)
    are_full = all(len(row.cells) == width for row in rows) and any(row.cells[-1].strip() for row in rows)
    if lacking == 1 and header and are_full:
        return ["", *header], width
    return [*header, *[""] * lacking], width


def _refuse_long_names(rows: Sequence[Row]) -> None:
    for row in rows:
        for name in row.cells:
            if len(name) * 4 > LONGEST_FIELD_BYTES and len(name.encode()) > LONGEST_FIELD_BYTES:
                raise _too_long(row.line, name)


# ---- below the rows


def _find_end(body: Body, top: _Top, reading: Reading, warnings: list[DatasetWarning]) -> tuple[Reading, int]:
    """Returns the number of rows that are the table's."""
    if reading.end_line is not None:
        return reading, max(1, body.row_from(reading.end_line + 1)) if reading.end_line else body.rows
    found = find_end(body, top.looks, top.names)
    other = body.rows if found.next_table is None else found.next_table
    if found.row < other:
        below = [body.line(row) for row in range(found.row, other)]
        warnings.append(about_lines("LINES_BELOW", below, undo={"end_line": body.last_line(other - 1)}))
    if found.next_table is not None:
        line = body.line(other)
        offered = {"start_line": line, "header_rows": None, "unit_rows": None, "end_line": None}
        warnings.append(about_lines("NEXT_TABLE", [line], undo=offered))
    return replace(reading, end_line=0 if found.row == body.rows else body.last_line(found.row - 1)), found.row


# ---- the cells


def _grid(
    body: Body, end: int, top: _Top, reading: Reading, warnings: list[DatasetWarning], threads: Executor | None
) -> Grid:
    long = {row: cells for row, cells in body.long.items() if row < end}
    added = max(map(len, long.values()), default=0)
    texts = [column.slice(0, end) for column in body.columns]
    texts += [
        _sparse({row: cells[index] for row, cells in long.items() if index < len(cells)}, end) for index in range(added)
    ]
    encoded = list((threads.map if threads else map)(encode, texts))
    if any(column.was_composed for column in encoded):
        warnings.append(DatasetWarning("TEXT_COMPOSED"))
    if marks := sum((column.marks for column in encoded), Counter()):
        told = ", ".join(f"{mark} ×{count:,}" for mark, count in marks.most_common())
        warnings.append(DatasetWarning("MARKS_READ_AS_MISSING", given=f"{marks.total():,}", used=told))
    header, columns = _unguard(
        [*top.names, *[""] * added], [_restored(column.cells, body.sheet.stand_ins) for column in encoded]
    )
    _refuse_long_fields(header, columns, body)
    names, name_warnings = name_columns(header, reading.columns or (), are_told=bool(reading.header_rows))
    warnings += name_warnings
    units = dict(zip(names, top.units, strict=False))
    names, columns = _without_empty_columns(header, names, columns, warnings)
    return Grid(body, names, columns, units)


def _sparse(values: Mapping[int, str], rows: int) -> pa.Array:
    """Returns a column with values in some rows."""
    indices = np.full(rows, -1)
    indices[list(values)] = np.arange(len(values))
    return pa.array(list(values.values()), pa.string()).take(pa.array(indices, mask=indices < 0))


def _restored(cells: pa.DictionaryArray, stand_ins: Mapping[str, str]) -> pa.DictionaryArray:
    texts = cells.dictionary
    for stand_in, original in stand_ins.items():
        texts = pc.replace_substring(texts, stand_in, original)
    return pa.DictionaryArray.from_arrays(cells.indices, texts) if stand_ins else cells


def _unguard(header: Sequence[str], cells: Sequence[pa.DictionaryArray]) -> tuple[list[str], list[pa.DictionaryArray]]:
    """Removes the apostrophes that our own downloads have before formulas."""
    names, *values = unguarded([pa.array(header, pa.string()), *(column.dictionary for column in cells)])
    return names.to_pylist(), [
        pa.DictionaryArray.from_arrays(column.indices, texts) for column, texts in zip(cells, values, strict=True)
    ]


def _refuse_long_fields(header: Sequence[str], columns: Sequence[pa.DictionaryArray], body: Body) -> None:
    for name, column in zip(header, columns, strict=True):
        is_long = pc.greater(pc.binary_length(column.dictionary), LONGEST_FIELD_BYTES)
        if pc.any(is_long).as_py():
            rows = pc.fill_null(is_long.take(column.indices), False)
            raise _too_long(body.line(pc.index(rows, True).as_py()), name)


def _too_long(line: int, name: str) -> CsvRefused:
    return CsvRefused(
        "CSV_UNREADABLE",
        f"A field on line {line} is longer than {LONGEST_FIELD_BYTES} bytes.",
        problem="FIELD_TOO_LONG",
        line=str(line),
        column=plain_header(name[:LONGEST_NAME]),
        limit=str(LONGEST_FIELD_BYTES),
    )


def _without_empty_columns(
    header: Sequence[str],
    names: Sequence[str],
    columns: Sequence[pa.DictionaryArray],
    warnings: list[DatasetWarning],
) -> tuple[list[str], list[pa.DictionaryArray]]:
    kept_names, kept_columns, dropped = [], [], []
    for number, (given, name, column) in enumerate(zip(header, names, columns, strict=True), start=1):
        if not plain_header(given) and column.null_count == len(column) and len(columns) > 1:
            warnings[:] = [warning for warning in warnings if warning.column != name]
            dropped.append(number)
        else:
            kept_names.append(name)
            kept_columns.append(column)
    if not kept_columns:
        raise CsvRefused("CSV_UNREADABLE", "No column has a name or a value.", problem="EMPTY")
    if dropped:
        warnings.append(DatasetWarning("COLUMN_DROPPED", given=",".join(map(str, dropped))))
    return kept_names, kept_columns


# ---- among the rows


def _find_rows(grid: Grid, top: _Top, reading: Reading, warnings: list[DatasetWarning]) -> Reading:
    """Finds the columns to fill and the lines to leave out."""
    if reading.filled is None:
        filled = tuple(grid.names[: find_merged(_without_blanks_and_totals(grid.columns))])
        reading = replace(reading, filled=filled)
        if filled:
            warnings.append(
                DatasetWarning("CELLS_FILLED", column=filled[0], given=", ".join(filled), undo={"filled": []})
            )
    if reading.left_out is not None:
        return reading
    names = top.names if reading.header_rows else ()
    rows = TableRows(grid.body, names, grid.filled(reading.filled), grid.names)
    found = {rule.REASON: [grid.body.line(row) for row in rule.find(rows)] for rule in RULES}
    left_out = sorted({line for lines in found.values() for line in lines})
    for reason, lines in found.items():
        if lines:
            others = sorted(set(left_out).difference(lines))
            warnings.append(about_lines(reason, lines, undo={"left_out": others} if len(others) <= MOST_UNDONE else {}))
    return replace(reading, left_out=tuple(left_out))


def _without_blanks_and_totals(columns: Sequence[pa.DictionaryArray]) -> Sequence[pa.DictionaryArray]:
    """Returns the rows that show a pattern of merged cells: a total with nothing beside its label has no part in it."""
    holds = holds_values(columns)
    is_kept = np.ones(len(columns[0]), bool) if holds is None else holds
    if len(columns) > 1 and columns[0].null_count and (is_label := labels_of_totals(columns[0])) is not None:
        is_kept &= ~is_label | pc.is_valid(columns[1]).to_numpy(zero_copy_only=False)
    return columns if is_kept.all() else [column.filter(pa.array(is_kept)) for column in columns]


# ---- what is told of bytes and rows


def _encoding_warnings(decoded: DecodedText) -> list[DatasetWarning]:
    warnings = []
    if decoded.is_guess:
        warnings.append(DatasetWarning("ENCODING_GUESSED", used=decoded.encoding))
    if decoded.encoding == MIXED:
        warnings.append(DatasetWarning("ENCODINGS_MIXED", used=decoded.encoding))
    if decoded.replaced:
        lines = [number for number, line in enumerate(decoded.utf8.splitlines(), start=1) if _REPLACEMENT in line]
        warnings.append(about_lines("BYTES_REPLACED", lines, given=str(decoded.replaced)))
    return warnings


def _tell_uneven(body: Body, end: int, reading: Reading, warnings: list[DatasetWarning]) -> None:
    left_out = set(reading.left_out or ())

    def lines_of(rows: Iterable[int]) -> list[int]:
        return [line for row in sorted(rows) if row < end and (line := body.line(row)) not in left_out]

    def undo(lines: Sequence[int]) -> Mapping[str, Any]:
        both = sorted(left_out.union(lines))
        return {"left_out": both} if len(both) <= MOST_UNDONE else {}

    if short := lines_of(body.short):
        warnings.append(about_lines("ROWS_SHORT", short, undo=undo(short)))
    if long := lines_of(body.long):
        warnings.append(about_lines("ROWS_LONG", long, undo=undo(long)))
    if moved := lines_of(body.moved):
        warnings.append(about_lines("ROWS_MOVED", moved, undo=undo(moved)))
    if 0 < len(cut := lines_of(body.cut)) <= end / 2:  # in most rows, it is how the file ends its lines
        warnings.append(about_lines("ROWS_CUT", cut, undo=undo(cut)))
    if damaged := [line for line in body.sheet.damaged_lines if line not in left_out]:
        warnings.append(about_lines("QUOTES_DAMAGED", damaged, undo=undo(damaged)))
