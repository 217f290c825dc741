"""The rows of a table as columns of texts, all of one width."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dataset_service.errors import CsvRefused
from dataset_service.reading.cells.dialect import Cell, split
from dataset_service.reading.cells.sheet import MOST_CELLS, Sheet, refuse_wide

MOST_ADDED = 10
"""Cells too many in a row get columns of their own, up to so many; the last one has the rest of the row."""

# The fastest of the sizes tried. Arrow allocates memory per column and block, so wide tables need smaller blocks.
_BLOCK_BYTES, _WIDE_BLOCK_BYTES, _MANY_COLUMNS = 4 << 20, 512 << 10, 100
_SPACE, _LINE_FEED, _RETURN = 32, 10, 13


Fits = Callable[[Sequence[str]], bool]
"""Tells whether cells look like a row of the table."""


class _Rows(NamedTuple):
    """Position, width and blankness of each row; positions in the text of the sheet."""

    starts: Any
    widths: Any
    is_blank: Any


@dataclass(frozen=True)
class Body:
    """Columns of texts from a position of the sheet to its end; null is a missing value or a cell that a row lacks."""

    sheet: Sheet
    start: int
    columns: Sequence[pa.Array]
    short: Mapping[int, int] = field(default_factory=dict)
    """Rows, from 0, with fewer cells than columns, and their number of cells."""
    long: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Cells too many, by row."""
    moved: Sequence[int] = ()
    """Rows of which one blank cell too many was taken out, so that the others stand below their names."""
    cut: Sequence[int] = ()
    """Rows of which blank cells too many were cut off at the end."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0])

    @property
    def has_gaps(self) -> bool:
        """Tells quickly whether there may be blank lines among the rows: there are more lines than rows."""
        ends = self.sheet.utf8.count(b"\n", self.start)
        return ends != self.rows - (not self.sheet.utf8.endswith(b"\n"))

    @cached_property
    def starts(self) -> Any:
        """Position of each row in the text."""
        rows = _rows_from(self.sheet, self.start, len(self.columns))
        return rows.starts[~rows.is_blank]

    @cached_property
    def lines(self) -> Any:
        """First line of each row, from 1."""
        return np.searchsorted(self.sheet.ends, self.starts) + 1

    @cached_property
    def heights(self) -> Any:
        """Number of lines of each row."""
        all_starts = self.sheet.starts
        following = np.searchsorted(all_starts, self.starts) + 1
        stops = np.append(all_starts, len(self.sheet.utf8))[following]
        return np.searchsorted(self.sheet.ends, stops - 1) + 2 - self.lines

    def line(self, row: int) -> int:
        """Returns the first line of a row, from 1."""
        return int(self.lines[row])

    def last_line(self, row: int) -> int:
        """Returns the last line of a row, from 1."""
        return int(self.lines[row] + self.heights[row] - 1)

    def row_from(self, line: int) -> int:
        """Returns the first row that begins on a line or behind it."""
        return int(np.searchsorted(self.lines, line))

    def cells(self, row: int) -> list[str]:
        """Returns the cells that a row has; a missing value is an empty text."""
        columns = self.columns[: self.short.get(row, len(self.columns))]
        return [*(column[row].as_py() or "" for column in columns), *self.long.get(row, ())]


def read_body(sheet: Sheet, start: int, width: int, fits: Fits) -> Body:
    """Returns the rows from a position on, in `width` columns. Raises `CsvRefused`.

    Short rows are filled up. Cells too many are returned apart, unless they are blank; `fits` tells whether cells can
    be a row.
    """
    try:
        return Body(sheet, start, _parsed(sheet, memoryview(sheet.utf8)[start:], width))
    except pa.ArrowInvalid:  # rows of other widths
        return _read_uneven(sheet, start, width, fits)


def _read_uneven(sheet: Sheet, start: int, width: int, fits: Fits) -> Body:
    rows = _rows_from(sheet, start, width)
    stops = np.append(rows.starts[1:], len(sheet.utf8))
    numbers = np.cumsum(~rows.is_blank) - 1
    text, kept_to = memoryview(sheet.utf8), start
    pieces: list[Any] = []
    short, long, moved, cut = {}, {}, [], []
    for index in np.flatnonzero((rows.widths != width) | rows.is_blank).tolist():
        begin, end = int(rows.starts[index]), int(stops[index])
        pieces.append(text[kept_to:begin])
        if begin > kept_to and text[begin - 1] == _RETURN:
            pieces.append(b"\n")  # before an empty cell, the line feed behind that one would belong to this line end
        kept_to = end
        if rows.is_blank[index]:
            continue
        record = sheet.utf8[begin:end].rstrip(b"\r\n")
        number, found = int(numbers[index]), int(rows.widths[index])
        refuse_wide(found, MOST_CELLS)
        if found < width:
            short[number] = found
            pieces += [record, sheet.delimiter.encode() * (width - found), b"\n"]
            continue
        cells = split(record.decode(), sheet.delimiter, sheet.quote)
        place = _blank_too_many(cells, width, fits) if found == width + 1 else None
        if place is not None:
            del cells[place]
            moved.append(number)
        elif record.endswith(sheet.delimiter.encode() * (found - width)):
            cut.append(number)
        else:
            long[number] = _added(cells[width:], sheet)
        pieces += [sheet.joined(cells[:width]).encode(), b"\n"]
    try:
        columns = _parsed(sheet, memoryview(b"".join([*pieces, text[kept_to:]])), width, ignores_blank=False)
    except pa.ArrowInvalid as error:
        raise CsvRefused("CSV_UNREADABLE", f"The file cannot be read: {error}", problem="TOO_COMPLEX") from error
    body = Body(sheet, start, columns, short, {row: cells for row, cells in long.items() if any(cells)}, moved, cut)
    body.__dict__["starts"] = rows.starts[~rows.is_blank]  # known, so not to be found again
    return body


def _blank_too_many(cells: Sequence[Cell], width: int, fits: Fits) -> int | None:
    """Returns the place of a blank cell without which the others fit their columns, as they do not with it."""
    texts = [cell.text for cell in cells]
    if fits(texts[:width]):
        return None
    blanks = [place for place, text in enumerate(texts) if not text.strip()]
    return next((place for place in blanks if fits([*texts[:place], *texts[place + 1 :]])), None)


def _added(cells: Sequence[Cell], sheet: Sheet) -> Sequence[str]:
    texts = [sheet.restored(cell.text).strip() for cell in cells]
    if len(texts) > MOST_ADDED:
        texts[MOST_ADDED - 1 :] = [sheet.dialect.delimiter.join(texts[MOST_ADDED - 1 :])]
    return texts


def _rows_from(sheet: Sheet, start: int, width: int) -> _Rows:
    starts = sheet.starts[np.searchsorted(sheet.starts, start) :]
    if not len(starts):
        return _Rows(starts, np.zeros(0, int), np.zeros(0, bool))
    characters = np.frombuffer(sheet.utf8, np.uint8)[start:]
    is_delimiter = characters == ord(sheet.delimiter)
    if sheet.quote:
        is_delimiter &= ~np.logical_xor.accumulate(characters == ord(sheet.quote))
    places = starts - start
    widths = np.add.reduceat(is_delimiter, places, dtype=np.int32) + 1
    # In one column, Arrow leaves out only lines without any character.
    is_line_end = (characters == _LINE_FEED) | (characters == _RETURN)
    holds = (characters > _SPACE) | is_delimiter if width > 1 else ~is_line_end
    return _Rows(starts, widths, ~np.logical_or.reduceat(holds, places))


def _parsed(sheet: Sheet, text: memoryview, width: int, *, ignores_blank: bool = True) -> list[pa.Array]:
    names = [str(index) for index in range(width)]
    buffer = pa.py_buffer(text)
    if not text.nbytes:
        return [pa.array([], pa.string()) for _ in names]

    def parsed(block_bytes: int) -> pa.Table:
        return pyarrow.csv.read_csv(
            buffer,
            pyarrow.csv.ReadOptions(column_names=names, block_size=block_bytes),
            pyarrow.csv.ParseOptions(
                delimiter=sheet.delimiter,
                quote_char=sheet.quote or False,
                newlines_in_values=bool(sheet.quote),
                ignore_empty_lines=ignores_blank,
            ),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,  # already decoded
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )

    try:
        table = parsed(_BLOCK_BYTES if width <= _MANY_COLUMNS else _WIDE_BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error):
            raise
        table = parsed(text.nbytes + 1)  # a row is longer than a block
    return [_in_one_piece(column) for column in table.columns]


def _in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    texts = column.combine_chunks()
    return texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
