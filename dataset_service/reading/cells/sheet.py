"""The rows of a text, before it is known which of them are the table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dataset_service.errors import CsvRefused
from dataset_service.reading.cells.dialect import Cell, Dialect, split
from dataset_service.reading.cells.quotes import has_opening_quotes, joined, line_ends, regular_quotes

MOST_COLUMNS, MOST_CELLS = 1_000, 20_000
"""Of a table, and of a single line: lines that are no rows of it may be wider, within reason."""
_HEAD_ROWS, _HEAD_BYTES = 200, 1 << 20
_DECLARED_DELIMITER = re.compile(rb'"?sep=([^\r\n"])"?\r?\n')
_LINE_END = re.compile(rb"\r\n|\n|\r")
# Stand for delimiters of several characters or behind a backslash; texts hardly hold any.
_STAND_INS = ("\x1f", "\x1e", "\x1d", "\x1c", "\x02", "\x03")


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its cells, its first line, and its place in the text."""

    line: int
    start: int
    stop: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Tells whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


class Sheet:
    """A text in regular form: one character between cells, quotation marks that are never damaged."""

    def __init__(self, utf8: bytes, dialect: Dialect) -> None:
        self.dialect = dialect
        if utf8.endswith((b"\n\n", b"\n\r\n")):
            utf8 = utf8.rstrip(b"\r\n") + b"\n"
        if dialect.are_lines_quoted:
            utf8 = re.sub(rb'(?m)^"(.*?)"(\r?)$', rb"\1\2", utf8).replace(b'""', b'"')
        self.quote = dialect.quote if dialect.quote and dialect.quote.encode() in utf8 else ""
        self._stand_ins: dict[str, str] = {}
        if dialect.escape and self.quote:
            utf8 = _doubled(utf8, self.quote.encode())
        if dialect.escape and f"\\{dialect.delimiter}".encode() in utf8:
            utf8 = self._with_stand_in(utf8, f"\\{dialect.delimiter}", dialect.delimiter)
        self.delimiter, utf8 = self._with_single_delimiter(utf8)
        if self.quote and not has_opening_quotes(utf8, self.delimiter, self.quote):
            self.quote = ""  # all are letters, for example inches
        self.utf8, self.damaged_lines = regular_quotes(utf8, self.delimiter, self.quote, dialect.width)

    @cached_property
    def ends(self) -> Any:
        """Position of the last byte of each line."""
        return line_ends(self.utf8)

    @cached_property
    def starts(self) -> Any:
        """Position of the first byte of each row; a quoted line end ends no row."""
        ends = self.ends
        if self.quote:
            marks = np.flatnonzero(np.frombuffer(self.utf8, np.uint8) == ord(self.quote))
            ends = ends[np.searchsorted(marks, ends) % 2 == 0]
        starts = np.concatenate(([0], ends + 1))
        return starts[:-1] if starts[-1] >= len(self.utf8) else starts

    def rows_from(self, start: int) -> Sequence[Row]:
        """Returns the first rows from a position on that are not blank."""
        rows: list[Row] = []
        for begin, stop, line in self._records(start):
            refuse_wide(self.utf8.count(self.delimiter.encode(), begin, stop), MOST_CELLS)
            row = self._row(begin, stop, line)
            if not row.is_blank:
                rows.append(row)
            if len(rows) == _HEAD_ROWS or stop > start + _HEAD_BYTES:
                break
        return rows

    def line_of(self, position: int) -> int:
        """Returns the line, from 1, of a byte."""
        return int(np.searchsorted(self.ends, position)) + 1

    def start_of(self, line: int) -> int:
        """Returns the position of the first byte of a line; the end of the text for a line behind it."""
        return 0 if line <= 1 else int(self.ends[line - 2]) + 1 if line - 2 < len(self.ends) else len(self.utf8)

    def _row(self, start: int, stop: int, line: int) -> Row:
        text = self.utf8[start:stop].decode().rstrip("\r\n")
        cells = [cell.text for cell in split(text, self.delimiter, self.quote)]
        return Row(line, start, stop, tuple(self.restored(cell) for cell in cells))

    def joined(self, cells: Sequence[Cell]) -> str:
        """Returns the cells as a row of this text."""
        return joined(cells, self.delimiter, self.quote)

    def _records(self, start: int) -> Iterator[tuple[int, int, int]]:
        """Yields start, end and first line of each row; without the index of all rows, which takes longer."""
        line = self.line_of(start) if start else 1
        quote = self.quote.encode()
        while start < len(self.utf8):
            stop, lines = self._line_end(start), 1
            is_open = bool(quote) and self.utf8.count(quote, start, stop) % 2 == 1
            while is_open and stop < len(self.utf8):
                following = self._line_end(stop)
                is_open ^= self.utf8.count(quote, stop, following) % 2 == 1
                stop, lines = following, lines + 1
            yield start, stop, line
            start, line = stop, line + lines

    def _line_end(self, start: int) -> int:
        match = _LINE_END.search(self.utf8, start)
        return match.end() if match else len(self.utf8)

    def restored(self, text: str) -> str:
        """Returns the text of a cell without stand-ins."""
        for stand_in, original in self._stand_ins.items():
            text = text.replace(stand_in, original)
        return text

    @property
    def stand_ins(self) -> Mapping[str, str]:
        """Characters that stand for others in the text, and those others."""
        return self._stand_ins

    def _with_stand_in(self, utf8: bytes, text: str, original: str) -> bytes:
        free = next(one for one in _STAND_INS if one.encode() not in utf8 or one == _STAND_INS[-1])
        self._stand_ins[free] = original
        return utf8.replace(text.encode(), free.encode())

    def _with_single_delimiter(self, utf8: bytes) -> tuple[str, bytes]:
        """Returns a delimiter of one byte, and the text with it."""
        delimiter = self.dialect.delimiter
        if delimiter == " ":
            return delimiter, re.sub(rb"(?m)^ +| +$", b"", re.sub(rb" {2,}", b" ", utf8))
        bare = delimiter.strip(" ")
        if bare and delimiter[0] == delimiter[-1] == " ":
            utf8 = re.sub(rb"(?m)^ +| +$", b"", re.sub(b" *" + re.escape(bare.encode()) + b" *", bare.encode(), utf8))
            return bare, utf8
        if len(delimiter.encode()) == 1 and delimiter != "\n":
            return delimiter, utf8
        utf8 = self._with_stand_in(utf8, delimiter if delimiter != "\n" else "\0", delimiter)
        return list(self._stand_ins)[-1], utf8


def refuse_wide(width: int, most: int = MOST_COLUMNS) -> None:
    """Raises `TOO_WIDE` for more cells than a table may have columns."""
    if width > most:
        raise CsvRefused(
            "CSV_UNREADABLE",
            f"The file has more than {MOST_COLUMNS} columns.",
            problem="TOO_WIDE",
            limit=str(MOST_COLUMNS),
        )


def declared_delimiter(utf8: bytes) -> tuple[str, int]:
    """Returns the delimiter of a first line `sep=;`, which tells it to Excel, and the length of that line."""
    match = _DECLARED_DELIMITER.match(utf8)
    return (match[1].decode(errors="replace"), match.end()) if match else ("", 0)


def _doubled(utf8: bytes, quote: bytes) -> bytes:
    """Returns the text with quotation marks doubled in place of those behind a backslash."""
    return re.sub(rb"((?:\\\\)*)\\" + quote, rb"\1" + quote + quote, utf8)
