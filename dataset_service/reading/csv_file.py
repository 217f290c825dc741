"""Parses the bytes of a file into a validated table of texts; refusals name the line.

Documented repairs, each with a warning: columns without a name get one, repeated names are numbered, overlong names are
truncated, nameless columns and rows without any value are left out, decomposed Hangul is composed. Blank lines are
skipped, and so is a line `sep=;`, which tells Excel the delimiter. A row with more or fewer fields than the header is
refused, because it is unknown which cell is missing. The apostrophes of our own downloads are removed.
"""

import csv
import io
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from dataset_service.errors import CsvRefused
from dataset_service.reading.formula_guard import unguarded
from dataset_service.reading.text_decoding import decode, line_of
from dataset_service.reading.warning import DatasetWarning
from servicekit.visible_text import visible_line

DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 1_000
LONGEST_NAME = 200
LONGEST_FIELD_BYTES = 100_000
MISSING_MARKERS = ("", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null")
NAMELESS = "(이름 없는 열 {number})"
REPEATED = "{name} ({number})"

_DECLARED_DELIMITER = re.compile(r'"?sep=([,;\t])"?\r?\n')
# On a tie, the delimiter that is rarest within cells wins.
_RANKS = {",": 0, ";": 1, "\t": 2}
_SNIFFED_BYTES, _SNIFFED_ROWS = 1 << 20, 20
# The fastest of the sizes tried. Arrow allocates memory per column and block, so wide tables need smaller blocks.
_BLOCK_BYTES, _WIDE_BLOCK_BYTES, _MANY_COLUMNS = 4 << 20, 512 << 10, 100
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Unique column names, and the cells of each column as dictionary-encoded text; null for a missing value."""

    columns: tuple[str, ...]
    cells: Sequence[pa.DictionaryArray]
    encoding: str
    delimiter: str
    warnings: Sequence[DatasetWarning]


class _Layout(NamedTuple):
    delimiter: str
    header: list[str]
    body_start: int
    """Offset of the first row in the UTF-8 bytes."""


def read_csv(content: bytes, encoding: str = "", threads: Executor | None = None) -> CsvTable:
    """Returns the table in a file; an empty `encoding` is detected. Raises `CsvRefused`."""
    decoded = decode(content, encoding)
    layout = _find_layout(decoded.utf8)
    has_quotes = check_quotes(decoded.utf8, layout.delimiter)
    texts = _parse(decoded.utf8, layout, has_quotes=has_quotes)
    if texts.num_rows == 0:
        raise CsvRefused("CSV_UNREADABLE", "The file has a header but no rows.", problem="NO_ROWS")
    encoded = list((threads.map if threads else map)(_encode, texts.columns))
    del texts
    _refuse_long_fields(encoded, decoded.utf8, layout)
    header, cells = _unguard(layout.header, [column.cells for column in encoded])
    columns, warnings = _name_columns(header)
    if any(column.was_composed for column in encoded):
        warnings.append(DatasetWarning("TEXT_COMPOSED"))
    if decoded.is_guess:
        warnings.append(DatasetWarning("ENCODING_GUESSED", used=decoded.encoding))
    names, cells = _without_empty_columns(header, columns, cells, warnings)
    return CsvTable(tuple(names), _without_empty_rows(cells, warnings), decoded.encoding, layout.delimiter, warnings)


# ---- header and delimiter


def _find_layout(utf8: bytes) -> _Layout:
    """Returns the delimiter that splits the first rows most evenly, and the header."""
    head = utf8[:_SNIFFED_BYTES].decode(errors="ignore")
    is_whole = len(utf8) <= _SNIFFED_BYTES
    declared = _DECLARED_DELIMITER.match(head)
    start = declared.end() if declared else 0
    found = []
    for delimiter in (declared[1],) if declared else DELIMITERS:
        rows = list(_first_rows(head[start:], delimiter, is_whole=is_whole))
        if rows:
            header, length = rows[0]
            is_even = len(header) > 1 and all(len(row) == len(header) for row, _ in rows)
            rank = _RANKS[delimiter] if len(header) > 1 else -_RANKS[delimiter]
            body_start = len(head[: start + length].encode())
            found.append(((is_even, len(header), rank), _Layout(delimiter, header, body_start)))
        elif is_whole:  # blank apart from this delimiter
            raise CsvRefused("CSV_UNREADABLE", "The file holds nothing.", problem="EMPTY")
    if not found or len(max(found)[1].header) > MOST_COLUMNS:
        raise CsvRefused(
            "CSV_UNREADABLE",
            f"The file has more than {MOST_COLUMNS} columns.",
            problem="TOO_WIDE",
            limit=str(MOST_COLUMNS),
        )
    return max(found)[1]


def _first_rows(head: str, delimiter: str, *, is_whole: bool) -> Iterator[tuple[list[str], int]]:
    """Yields the first non-blank rows, each with the index in `head` where the next one begins."""
    consumed = 0

    def lines() -> Iterator[str]:
        nonlocal consumed
        for line in io.StringIO(head, newline=""):
            consumed += len(line)
            yield line

    count = 0
    for row in _reader(lines(), delimiter):
        if consumed == len(head) and not is_whole:
            return  # cut off by the end of the head
        if any(cell.strip() for cell in row):
            yield row, consumed
            count += 1
            if count == _SNIFFED_ROWS:
                return


def _reader(lines: Iterable[str], delimiter: str) -> Any:
    csv.field_size_limit(sys.maxsize)
    return csv.reader(lines, delimiter=delimiter)


def _name_columns(header: Sequence[str]) -> tuple[list[str], list[DatasetWarning]]:
    """Returns a unique name for each column, and the repairs."""
    given = [_plain_name(cell) for cell in header]
    taken: set[str] = set()
    names, warnings = [], []
    for number, name in enumerate(given, start=1):
        used = name
        if not name:
            used = _free_name(NAMELESS, "", number, taken)
            warnings.append(DatasetWarning("HEADER_EMPTY", column=used, used=used))
        elif len(name) > LONGEST_NAME:
            used = name[:LONGEST_NAME]
            warnings.append(DatasetWarning("HEADER_SHORTENED", column=used, given=used, used=used))
        if used in taken:
            repeated, used = used, _free_name(REPEATED, used, 2, taken.union(given))
            warnings.append(DatasetWarning("HEADER_REPEATED", column=used, given=repeated, used=used))
        taken.add(used)
        names.append(used)
    return names, warnings


def _plain_name(cell: str) -> str:
    """Returns the name in NFC, on one line, without surrounding white space and invisible characters."""
    return unicodedata.normalize("NFC", visible_line(cell))


def _free_name(pattern: str, name: str, number: int, taken: set[str]) -> str:
    while (free := pattern.format(name=name, number=number)) in taken:
        number += 1
    return free


# ---- quotation marks


def check_quotes(utf8: bytes, delimiter: str) -> bool:
    """Tells whether there are quotation marks. Raises `CSV_UNREADABLE` if one is never closed.

    A mark opens a quoted field only at the start of the field; elsewhere it is an ordinary character. Within a quoted
    field, a doubled mark stands for one.
    """
    if b'"' not in utf8:
        return False
    characters = np.frombuffer(utf8, np.uint8)
    marks = np.flatnonzero(characters == _QUOTE)
    starts_field = np.zeros(256, bool)
    starts_field[[ord(delimiter), _NEWLINE, _RETURN]] = True
    may_open, may_close = starts_field.copy(), starts_field.copy()
    may_open[_QUOTE] = may_close[_QUOTE] = True
    opening, closing = marks[0::2], marks[1::2]
    before = characters[np.maximum(opening - 1, 0)]
    after = characters[np.minimum(closing + 1, len(characters) - 1)]
    is_regular = (
        len(opening) == len(closing)
        and bool(np.all(may_open[before] | (opening == 0)))
        and bool(np.all(may_close[after] | (closing == len(characters) - 1)))
    )
    if not is_regular:
        unclosed = _unclosed_mark(characters, marks, starts_field)
        if unclosed is not None:
            line = line_of(utf8, unclosed)
            raise CsvRefused(
                "CSV_UNREADABLE",
                f"The quotation mark on line {line} is never closed.",
                problem="QUOTE_UNCLOSED",
                line=str(line),
            )
    return True


def _unclosed_mark(characters: Any, marks: Any, starts_field: Any) -> int | None:
    opened: int | None = None
    following = iter(marks.tolist())
    pending = next(following, None)
    while pending is not None:
        mark, pending = pending, next(following, None)
        if opened is None:
            if mark == 0 or starts_field[characters[mark - 1]]:
                opened = mark
        elif pending == mark + 1:
            pending = next(following, None)  # a doubled mark
        else:
            opened = None
    return opened


# ---- rows


def _parse(utf8: bytes, layout: _Layout, *, has_quotes: bool) -> pa.Table:
    names = [str(index) for index in range(len(layout.header))]
    body = pa.py_buffer(utf8).slice(layout.body_start)
    if not body.size:
        return pa.table({name: pa.array([], pa.string()) for name in names})

    def parsed(block_bytes: int) -> pa.Table:
        return pyarrow.csv.read_csv(
            body,
            pyarrow.csv.ReadOptions(column_names=names, block_size=block_bytes),
            pyarrow.csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=has_quotes),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,  # already decoded
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=MISSING_MARKERS,
            ),
        )

    try:
        return parsed(_BLOCK_BYTES if len(names) <= _MANY_COLUMNS else _WIDE_BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        fault = _find_fault(utf8, layout)
        if fault is not None:
            raise fault from error
    try:  # a row may be longer than a block
        return parsed(body.size + 1)
    except pa.ArrowInvalid as error:
        raise CsvRefused("CSV_UNREADABLE", f"The file cannot be read: {error}", problem="TOO_COMPLEX") from error


def _find_fault(utf8: bytes, layout: _Layout) -> CsvRefused | None:
    """Returns the first invalid row as an error, with a slow pass over all rows."""
    expected = len(layout.header)
    line = first_line = line_of(utf8, layout.body_start)
    rows = _reader(io.StringIO(utf8[layout.body_start :].decode(), newline=""), layout.delimiter)
    for row in rows:
        if row and len(row) != expected:
            return CsvRefused(
                "CSV_UNREADABLE",
                f"Line {line} has {len(row)} fields, the header {expected}.",
                problem="RAGGED",
                line=str(line),
                found=str(len(row)),
                expected=str(expected),
            )
        for name, cell in zip(layout.header, row, strict=False):
            if len(cell) * 4 > LONGEST_FIELD_BYTES and len(cell.encode()) > LONGEST_FIELD_BYTES:
                return CsvRefused(
                    "CSV_UNREADABLE",
                    f"A field on line {line} is longer than {LONGEST_FIELD_BYTES} bytes.",
                    problem="FIELD_TOO_LONG",
                    line=str(line),
                    column=_plain_name(name)[:LONGEST_NAME],
                    limit=str(LONGEST_FIELD_BYTES),
                )
        line = first_line + rows.line_num
    return None


# ---- cells


class _Encoded(NamedTuple):
    cells: pa.DictionaryArray
    was_composed: bool


def _encode(column: pa.ChunkedArray) -> _Encoded:
    """Returns the cells dictionary-encoded and in NFC; white space alone is a missing value."""
    texts = column.combine_chunks()
    cells = (texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts).dictionary_encode()
    blank = pc.utf8_is_space(cells.dictionary)
    padded = pc.and_(
        pc.less_equal(pc.binary_length(cells.dictionary), 16),
        pc.is_in(pc.utf8_trim_whitespace(cells.dictionary), pa.array(MISSING_MARKERS)),
    )
    is_missing = pc.or_(blank, padded)
    if pc.any(is_missing).as_py():
        cells = with_values(cells, pc.if_else(is_missing, pa.scalar(None, pa.string()), cells.dictionary))
    if _is_composed(cells.dictionary):
        return _Encoded(cells, was_composed=False)
    return _Encoded(with_values(cells, pc.utf8_normalize(cells.dictionary, "NFC")), was_composed=True)


def with_values(cells: pa.DictionaryArray, values: pa.Array) -> pa.DictionaryArray:
    """Returns the cells with a new dictionary of the same order. Equal values are merged, null ones become null."""
    merged = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(merged.indices.take(cells.indices), merged.dictionary)


def _unguard(
    header: Sequence[str], cells: Sequence[pa.DictionaryArray]
) -> tuple[Sequence[str], Sequence[pa.DictionaryArray]]:
    """Removes the apostrophes that our own downloads have before formulas."""
    names, *values = unguarded([pa.array(header, pa.string()), *(column.dictionary for column in cells)])
    return names.to_pylist(), [
        pa.DictionaryArray.from_arrays(column.indices, texts) for column, texts in zip(cells, values, strict=True)
    ]


def _is_composed(texts: pa.Array) -> bool:
    start, end = (texts.buffers()[1], texts.offset), len(texts)
    offsets = np.frombuffer(start[0], np.int32)[start[1] : start[1] + end + 1] if end else None
    if offsets is None:
        return True
    joined = texts.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    return joined.isascii() or unicodedata.is_normalized("NFC", joined.decode())


def _refuse_long_fields(encoded: Sequence[_Encoded], utf8: bytes, layout: _Layout) -> None:
    for column in encoded:
        longest = pc.max(pc.binary_length(column.cells.dictionary)).as_py() or 0
        if longest > LONGEST_FIELD_BYTES:
            fault = _find_fault(utf8, layout)
            if fault is not None:
                raise fault


def _without_empty_columns(
    header: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[pa.DictionaryArray],
    warnings: list[DatasetWarning],
) -> tuple[list[str], list[pa.DictionaryArray]]:
    kept_names, kept_cells = [], []
    for number, (given, name, column) in enumerate(zip(header, columns, cells, strict=True), start=1):
        if not _plain_name(given) and column.null_count == len(column) and len(cells) > 1:
            warnings[:] = [warning for warning in warnings if warning.column != name]
            warnings.append(DatasetWarning("COLUMN_DROPPED", given=str(number)))
        else:
            kept_names.append(name)
            kept_cells.append(column)
    if not kept_cells:
        raise CsvRefused("CSV_UNREADABLE", "No column has a name or a value.", problem="EMPTY")
    return kept_names, kept_cells


def _without_empty_rows(
    cells: Sequence[pa.DictionaryArray], warnings: list[DatasetWarning]
) -> Sequence[pa.DictionaryArray]:
    if any(column.null_count == 0 for column in cells):
        return cells
    is_kept = pc.is_valid(cells[0])
    for column in cells[1:]:
        is_kept = pc.or_(is_kept, pc.is_valid(column))
    dropped = len(is_kept) - pc.sum(is_kept).as_py()
    if dropped == 0:
        return cells
    if dropped == len(is_kept):
        raise CsvRefused("CSV_UNREADABLE", "No row holds a value.", problem="NO_ROWS")
    warnings.append(DatasetWarning("ROWS_DROPPED", given=str(dropped)))
    return [column.filter(is_kept) for column in cells]
