"""Makes the quotation marks of a text regular, so that a damaged cell spoils no other row.

Regular is a mark that opens a cell at its start, closes one at its end, or is doubled within one. A line with any other
mark is split by itself, as the usual number of cells suggests, and written again in regular form.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from dataset_service.errors import CsvRefused
from dataset_service.reading.cells.dialect import Cell, split

_LINE_FEED, _RETURN = 10, 13
_LONGEST_CELL_LINES, _LONGEST_CELL_BYTES = 200, 100_000
_BLOCK_BYTES = 1 << 18
_MOST_MARKS, _LONGEST_TRIED = 40, 1 << 20
_MOST_IRREGULAR, _MOST_TRIED = 10_000_000, 20_000


class RegularText(NamedTuple):
    """The text in regular form, and the lines whose marks were damaged; lines count from 1."""

    utf8: bytes
    damaged: list[int]


def has_opening_quotes(utf8: bytes, delimiter: str, quote: str) -> bool:
    """Tells whether any mark stands at the start of a cell."""
    return utf8.startswith(quote.encode()) or any(
        f"{before}{quote}".encode() in utf8 for before in (delimiter, "\n", "\r")
    )


def regular_quotes(utf8: bytes, delimiter: str, quote: str, width: int) -> RegularText:
    """Returns the text with regular quotation marks; a single-byte delimiter is required. Raises `CSV_UNREADABLE`."""
    if not quote:
        return RegularText(utf8, [])
    characters = np.frombuffer(utf8, np.uint8)
    starts_cell = np.zeros(256, bool)
    starts_cell[[ord(delimiter), _LINE_FEED, _RETURN]] = True
    if _is_regular(characters, starts_cell, quote):
        return RegularText(utf8, [])
    marks = np.flatnonzero(characters == ord(quote))
    if len(marks) > _MOST_IRREGULAR:
        raise CsvRefused("CSV_UNREADABLE", "Too many quotation marks are damaged.", problem="TOO_COMPLEX")
    ends = line_ends(utf8)
    lines = np.searchsorted(ends, marks)
    place_in_line = np.arange(len(marks)) - np.searchsorted(lines, lines)
    is_regular = np.where(
        place_in_line % 2 == 0,
        _may_open(characters, marks, starts_cell, quote),
        _may_close(characters, marks, starts_cell, quote),
    )
    is_suspect = np.bincount(lines, minlength=len(ends) + 1) % 2 == 1
    is_suspect[lines[~is_regular]] = True
    return _mended(utf8, delimiter, quote, width, ends, np.flatnonzero(is_suspect))


def _is_regular(characters: Any, starts_cell: Any, quote: str) -> bool:
    """Tells whether each second mark may open a cell and the others may close one; in blocks that fit a cache."""
    count = 0
    for start in range(0, len(characters), _BLOCK_BYTES):
        marks = np.flatnonzero(characters[start : start + _BLOCK_BYTES] == ord(quote)) + start
        opening, closing = marks[count % 2 :: 2], marks[1 - count % 2 :: 2]
        if not _may_open(characters, opening, starts_cell, quote).all():
            return False
        if not _may_close(characters, closing, starts_cell, quote).all():
            return False
        count += len(marks)
    return count % 2 == 0


def _may_open(characters: Any, marks: Any, starts_cell: Any, quote: str) -> Any:
    before = characters[np.maximum(marks - 1, 0)]
    return starts_cell[before] | (before == ord(quote)) | (marks == 0)


def _may_close(characters: Any, marks: Any, starts_cell: Any, quote: str) -> Any:
    after = characters[np.minimum(marks + 1, len(characters) - 1)]
    return starts_cell[after] | (after == ord(quote)) | (marks == len(characters) - 1)


def line_ends(utf8: bytes) -> Any:
    """Returns the position of the last byte of each line; lines end with LF, CR LF or CR."""
    characters = np.frombuffer(utf8, np.uint8)
    ends = np.flatnonzero(characters == _LINE_FEED)
    if b"\r" in utf8:
        returns = np.flatnonzero(characters == _RETURN)
        following = characters[np.minimum(returns + 1, len(characters) - 1)]
        alone = returns[(following != _LINE_FEED) | (returns == len(characters) - 1)]
        if len(alone):
            ends = np.sort(np.concatenate((ends, alone)))
    return ends


def _mended(utf8: bytes, delimiter: str, quote: str, width: int, ends: Any, suspects: Any) -> RegularText:
    pieces: list[bytes] = []
    damaged: list[int] = []
    kept_to, read_to, tried = 0, -1, 0
    numbers = suspects.tolist()
    for position, line in enumerate(numbers):
        if line <= read_to:
            continue
        start, stop = _bounds(ends, line, len(utf8))
        last = None
        if tried < _MOST_TRIED:
            ahead = numbers[position : position + _LONGEST_CELL_LINES]
            tried += len(ahead)
            last = _last_line_of_cell(utf8, delimiter, quote, width, ends, ahead)
        if last is not None:
            read_to = last
            continue
        text = utf8[start:stop].decode()
        bare = text.rstrip("\r\n")
        cells, is_damaged = _split_damaged(bare, delimiter, quote, width)
        pieces += [utf8[kept_to:start], joined(cells, delimiter, quote).encode(), text[len(bare) :].encode()]
        kept_to = stop
        if is_damaged:
            damaged.append(line + 1)
    return RegularText(b"".join([*pieces, utf8[kept_to:]]), damaged)


def _bounds(ends: Any, line: int, length: int) -> tuple[int, int]:
    return (int(ends[line - 1]) + 1 if line else 0, int(ends[line]) + 1 if line < len(ends) else length)


def _last_line_of_cell(
    utf8: bytes, delimiter: str, quote: str, width: int, ends: Any, suspects: Sequence[int]
) -> int | None:
    """Returns the line with the end of a regular record that begins on the first suspect line, if there is one."""
    start, _ = _bounds(ends, suspects[0], len(utf8))
    mark, sign = quote.encode(), delimiter.encode()
    read_to, outside, is_open = start, 0, False
    for line in suspects:
        stop = _bounds(ends, line, len(utf8))[1]
        if line - suspects[0] > _LONGEST_CELL_LINES or stop - start > _LONGEST_CELL_BYTES:
            return None
        for number, piece in enumerate(utf8[read_to:stop].split(mark)):
            is_open ^= number > 0
            outside += 0 if is_open else piece.count(sign)
        read_to = stop
        if outside >= width or (line == suspects[0] and not is_open):
            return None
        if not is_open:
            cells = split(utf8[start:stop].decode().rstrip("\r\n"), delimiter, quote)
            if len(cells) == width and not any("\n" in cell.text and not cell.is_quoted for cell in cells):
                return line
    return None


def _split_damaged(line: str, delimiter: str, quote: str, width: int) -> tuple[list[Cell], bool]:
    """Returns the cells of a line with irregular marks, and whether one of the marks had to be read as a letter."""
    cells = split(line, delimiter, quote)
    if len(line) > _LONGEST_TRIED:
        return cells, True
    around = _split_around(line, delimiter, quote)
    if len(around) == width - 1 < len(cells):  # a delimiter is lost before a quoted cell
        return around, True
    if len(cells) == width and not any(cell.text.startswith(quote) and not cell.is_quoted for cell in cells):
        return cells, False
    has_pairs = any(
        len(cell.text) > 1 and cell.text[0] == cell.text[-1] == quote and not cell.is_quoted for cell in cells
    )
    if len(cells) == width and not has_pairs:
        return cells, True
    tried = chain([_split_at_ends(line, delimiter, quote), cells], _with_a_letter(line, delimiter, quote))
    fitting = next((other for other in tried if len(other) == width), None)
    return fitting or (around if len(around) <= width < len(cells) else cells), True


def _split_around(line: str, delimiter: str, quote: str) -> list[Cell]:
    """Returns the cells if a quoted part may begin within a cell, as behind a lost delimiter."""
    sign = re.escape(delimiter)
    quoted = rf"{quote}(?:(?=[^\s{quote}{sign}])(?:[^{quote}]++|{quote}{quote})*+){quote}(?={sign}|$)"
    parts = re.split(f"({quoted})", line)
    masked = "".join(part.replace(delimiter, "\0") if number % 2 else part for number, part in enumerate(parts))
    return [Cell(text.replace("\0", delimiter), is_quoted=False) for text in masked.split(delimiter)]


def _split_at_ends(line: str, delimiter: str, quote: str) -> list[Cell]:
    """Returns the cells if marks within cells are not doubled."""
    pattern = re.compile(rf"{quote}(.*?){quote}(?={re.escape(delimiter)}|$)|([^{re.escape(delimiter)}]*)", re.DOTALL)
    cells: list[Cell] = []
    start = 0
    while True:
        match = pattern.match(line, start)
        if match is None:
            return cells
        is_quoted = match[1] is not None
        cells.append(Cell(match[1].replace(quote * 2, quote) if is_quoted else match[2], is_quoted))
        if match.end() >= len(line):
            return cells
        start = match.end() + len(delimiter)


def _with_a_letter(line: str, delimiter: str, quote: str) -> Iterator[list[Cell]]:
    """Yields the cells with each of the marks read as a letter."""
    positions = [match.start() for match in re.finditer(quote, line)][:_MOST_MARKS]
    for position in positions:
        cells = split(f"{line[:position]}\0{line[position + 1 :]}", delimiter, quote)
        yield [Cell(cell.text.replace("\0", quote), cell.is_quoted) for cell in cells]


def joined(cells: Sequence[Cell], delimiter: str, quote: str) -> str:
    """Returns the cells as a row in regular form."""
    special = {delimiter, quote, "\n", "\r"} if quote else set()
    return delimiter.join(
        quote + cell.text.replace(quote, quote * 2) + quote
        if cell.is_quoted or any(sign in cell.text for sign in special)
        else cell.text
        for cell in cells
    )
