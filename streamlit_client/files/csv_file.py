"""Parses the bytes of a file into a validated table of texts."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from servicekit.spreadsheets import unguarded, would_run
from servicekit.visible_text import visible_line
from streamlit_client import texts

MOST_ROWS = 20_000
_MOST_COLUMNS = 500
_LONGEST_CELL = 131_072
_DELIMITERS = (",", ";", "\t")
_SEPARATOR = "\0"  # occurs in no text
# Spreadsheets, archives, images and documents that are often renamed to .csv.
_BINARY_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")


class CsvRefused(Exception):
    """The file cannot be used; the message is a Korean sentence that says how to fix it."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Unique column names, and rows of as many texts. `lines` has the last line number of each row, from 1."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    encoding: str


class _Rows(Sequence[Sequence[str]]):
    """Rows of texts, each stored as one string: lists would take ten times the size of a file with short cells."""

    def __init__(self) -> None:
        self._joined: list[str] = []

    def append(self, row: Sequence[str]) -> None:
        self._joined.append(_SEPARATOR.join(row))

    def replace(self, index: int, row: Sequence[str]) -> None:
        self._joined[index] = _SEPARATOR.join(row)

    def __len__(self) -> int:
        return len(self._joined)

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        if isinstance(index, slice):
            return [row.split(_SEPARATOR) for row in self._joined[index]]
        return self._joined[index].split(_SEPARATOR)


def read_csv(content: bytes | bytearray) -> CsvTable:
    """Returns the table in a file of at most `MOST_ROWS` rows. Raises `CsvRefused`."""
    text, encoding = _decode(content)
    lines = _lines(text)
    _, header = next(lines, (0, []))
    if not header:
        raise CsvRefused(texts.CSV_EMPTY)
    if len(header) > _MOST_COLUMNS:
        raise CsvRefused(texts.CSV_TOO_WIDE.format(columns=len(header)))
    numbers, rows = [], _Rows()
    guarded: dict[int, list[str]] = {}
    for line, row in itertools.islice(lines, MOST_ROWS):
        if len(row) != len(header):
            raise CsvRefused(texts.CSV_RAGGED.format(line=line, found=len(row), expected=len(header)))
        if any(map(would_run, row)):
            guarded[len(rows)] = row
        numbers.append(line)
        rows.append(row)
    beyond = sum(1 for _ in lines)
    if beyond:
        raise CsvRefused(texts.CSV_TOO_LONG.format(rows=MOST_ROWS + beyond))
    if not rows:
        raise CsvRefused(texts.CSV_NO_ROWS)
    unguarded([header, *guarded.values()])
    for index, row in guarded.items():
        rows.replace(index, row)
    return CsvTable(_unique(header), rows, numbers, encoding)


def _decode(content: bytes | bytearray) -> tuple[str, str]:
    if content.startswith(_BINARY_STARTS):
        raise CsvRefused(texts.CSV_ONLY)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp949"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise CsvRefused(texts.CSV_ONLY)
        return text, encoding
    raise CsvRefused(texts.CSV_ENCODING)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the line number and the cells of each non-blank row, the header first."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    started = 0
    try:
        for row in reader:
            started = reader.line_num
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise CsvRefused(texts.CSV_QUOTE.format(line=started + 1)) from error


def _delimiter(text: str) -> str:
    """Returns the delimiter that splits the header into the most columns, by default a comma."""
    header = re.search(r"\S[^\r\n]*", text)
    return max(_DELIMITERS, key=header[0].count) if header else _DELIMITERS[0]


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = visible_line(cell) or texts.NAMELESS_COLUMN.format(number=number)
        names.append(texts.REPEATED_COLUMN.format(name=name, number=number) if name in names else name)
    return tuple(names)
