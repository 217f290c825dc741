"""Finds the delimiter and the quotation mark of a text.

Each candidate splits the first lines. The best one gives most of them the same number of cells, and cells that look
like values: the pattern score and the type score of van den Burg et al., "Wrangling messy CSV files by detecting row
and type patterns" (2019), with the even stretch of lines in place of their row patterns, so that notices above a table
count little.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

ONE_COLUMN = "\n"
"""The delimiter of a file of one column: no cell holds it without quotation marks."""

_SAMPLE_CHARACTERS, _SAMPLE_LINES = 1 << 16, 200
_LONGEST_RECORD = 20
# On a tie the first wins. Those with a low weight are common within texts.
_DELIMITERS = {
    ",": 1.0, ";": 1.0, "\t": 1.0, "|": 0.95, "\x1f": 0.9, "\x01": 0.9, "^": 0.8, "~": 0.8, "§": 0.8, "¦": 0.8,
    " ": 0.6, ":": 0.4,
}  # fmt: skip
_SEVERAL, _SEVERAL_WEIGHT = re.compile(r"[^\w\s\"'.()/\-]{2,4}"), 1.5
_PADDED, _PADDED_WEIGHT = ",;|", 1.01
_DOUBTFUL = 0.7
_QUOTES_WEIGHT, _CONSTANT_WEIGHT = 2.0, 1.5
_LEAST_SCORE, _LEAST_NUMBERS, _LEAST_INSIDE = 0.03, 0.3, 0.75
# Texts do not hold so many delimiters again and again; a moment has fewer blanks.
_UNLIKELY_WIDTH, _FEW, _MOSTLY = 5, 3, 0.9
_NUMBER = re.compile(r"\s*[-+]?[$€₩]?[0-9][0-9.,]*%?\s*")
_DIGITS = re.compile(r"\s*[-+]?[0-9][-0-9.,:/]*\s*")
_VALUE = re.compile(r"(?:[^,;\t|\"']|, )*")
_COLON_WITHIN = re.compile(r"[0-9]:[0-9]{2}|://")
_WHOLE_LINE = re.compile(r'"(?:[^"]|"")*"')
_MOST_JUDGED = 2_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is split into cells; `width` is the usual number of cells in a line of its beginning."""

    delimiter: str
    quote: str
    escape: str
    width: int
    are_lines_quoted: bool = False
    """Whether each line stands in quotation marks as a whole, as if it were one cell."""


class Cell(NamedTuple):
    """The text of a cell, and whether it stood in quotation marks."""

    text: str
    is_quoted: bool


def find_dialect(text: str, *, delimiter: str = "", quote: str | None = None, escape: str | None = None) -> Dialect:
    """Returns the dialect of the beginning of a text; given parts are kept."""
    sample = text[:_SAMPLE_CHARACTERS]
    lines = re.split(r"\r\n|\n|\r", sample)
    if len(sample) < len(text) and len(lines) > 1:
        lines.pop()  # cut off by the end of the sample
    lines = [line for line in lines if line.strip()][:_SAMPLE_LINES]
    lines = [line for line in lines if not line.startswith("#")] or lines
    marks = [quote] if quote is not None else [mark for mark in ('"', "'") if mark == '"' or mark in sample]
    best, found = 0.0 if delimiter else _LEAST_SCORE, Dialect(delimiter or ",", marks[0], "", 1)
    for mark in marks:
        records = list(_records(lines, mark))
        bare = re.sub(f"{mark}[^{mark}]*{mark}", "", "\n".join(records)) if mark else "\n".join(records)
        for candidate, weight in [(delimiter, 1.0)] if delimiter else _candidates(bare):
            rows = [split(record, candidate, mark) for record in records]
            score, width = _score(rows, weight)
            if mark == "'":
                score *= _weight_of_quotes(rows, candidate)
            if score > best:
                best, found = score, Dialect(candidate, mark, "", width)
    if found.width == 1 and delimiter != ONE_COLUMN and lines and all(map(_WHOLE_LINE.fullmatch, lines)):
        texts = [unquoted_line(line) for line in lines]
        inner = find_dialect("\n".join(texts), delimiter=delimiter, quote=quote, escape=escape)
        # Texts of one column may hold delimiters, but not as many each.
        if inner.width > 1 and {len(split(line, inner.delimiter, inner.quote)) for line in texts} == {inner.width}:
            return replace(inner, are_lines_quoted=True)
    if found.width == 1 and not delimiter and any(len(split(line, ",", '"')) > 1 for line in lines):
        found = Dialect(ONE_COLUMN, '"', "", 1)
    return _with_escape(found, lines, escape)


def unquoted_line(line: str) -> str:
    """Returns what stands in the quotation marks around a line."""
    return line[1:-1].replace('""', '"')


def split(record: str, delimiter: str, quote: str) -> list[Cell]:
    """Returns the cells of a record; a mark that does not enclose a whole cell is an ordinary character."""
    if delimiter == " ":
        record = record.strip(" ")
    if not quote or quote not in record:
        texts = re.split(" +", record) if delimiter == " " else record.split(delimiter)
        return [Cell(text, is_quoted=False) for text in texts]
    enclosed = _enclosed(delimiter, quote)
    cells: list[Cell] = []
    start = 0
    while True:
        match = enclosed.match(record, start)
        if match is not None:
            cells.append(Cell(match[1].replace(quote + quote, quote), is_quoted=True))
            start = match.end()
        else:
            stop = record.find(delimiter, start)
            stop = len(record) if stop < 0 else stop
            cells.append(Cell(record[start:stop], is_quoted=False))
            start = stop
        if start >= len(record):
            return cells
        start += len(delimiter)
        while delimiter == " " and record.startswith(" ", start):
            start += 1


@cache
def _enclosed(delimiter: str, quote: str) -> re.Pattern[str]:
    # Possessive: a mark given back would be followed by a mark, never by the end of a cell.
    return re.compile(rf"{quote}((?:[^{quote}]++|{quote}{quote})*+){quote}(?={re.escape(delimiter)}|$)")


def _records(lines: Sequence[str], mark: str) -> Iterator[str]:
    """Yields the lines, those together that a quoted cell joins."""
    start = 0
    while start < len(lines):
        stop = start + 1
        if mark == '"' and lines[start].count(mark) % 2:
            following = range(stop, min(stop + _LONGEST_RECORD, len(lines)))
            stop = next((line + 1 for line in following if lines[line].count(mark) % 2), stop)
        yield "\n".join(lines[start:stop])
        start = stop


def _candidates(text: str) -> Iterator[tuple[str, float]]:
    for delimiter, weight in _DELIMITERS.items():
        if delimiter in text and not (delimiter == ":" and _COLON_WITHIN.search(text)):
            yield delimiter, weight
    for run in dict.fromkeys(_SEVERAL.findall(text)):  # in order: on a tie the first wins
        if set(run) - set(",;") and len({line.count(run) for line in text.splitlines() if run in line}) == 1:
            yield run, _SEVERAL_WEIGHT
    for delimiter in _PADDED:
        count = text.count(delimiter)
        if count and text.count(f" {delimiter} ") == count:
            yield f" {delimiter} ", _PADDED_WEIGHT
        elif count and text.count(f"{delimiter} ") == count:
            yield f"{delimiter} ", _PADDED_WEIGHT


def _score(rows: Sequence[Sequence[Cell]], weight: float) -> tuple[float, int]:
    """Returns how well the rows look like a table, and their usual width."""
    widths = [len(row) for row in rows]
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0, 1
    width, count = max(counts.items(), key=lambda item: (item[1] * (item[0] - 1) / item[0], item[0]))
    if count == 1 < len(rows) - 1:
        return 0.0, 1
    span = len(widths) - widths[::-1].index(width) - widths.index(width)
    inside = count / span
    is_chance = width < _UNLIKELY_WIDTH or count < _FEW
    if widths[0] == 1 and inside < _LEAST_INSIDE and is_chance:  # one column, of which some texts hold the delimiter
        return 0.0, 1
    cells = [cell for row in rows if len(row) == width for cell in row][:_MOST_JUDGED]
    values = sum(cell.is_quoted or bool(_VALUE.fullmatch(cell.text) or _NUMBER.fullmatch(cell.text)) for cell in cells)
    if weight < _DOUBTFUL:
        numbers = sum(cell.is_quoted or bool(_DIGITS.fullmatch(cell.text)) for cell in cells)
        has_names = widths[0] == width or widths[0] == width - 1 > 1
        are_below_titles = not is_chance and inside >= _MOSTLY and numbers >= _MOSTLY * len(cells)
        if not (has_names or are_below_titles) or numbers < _LEAST_NUMBERS * len(cells):
            return 0.0, 1
    if set(widths) == {width}:
        weight *= _CONSTANT_WEIGHT
    return weight * inside**2 * (count / len(rows)) * (1 - 1 / width) * (values / len(cells)), width


def _weight_of_quotes(rows: Sequence[Sequence[Cell]], delimiter: str) -> float:
    """Returns more than 1 if marks enclose cells in most rows, some of them with delimiters inside; 0 if none."""
    enclosed = sum(any(cell.is_quoted for cell in row) for row in rows)
    if not enclosed:
        return 0.0
    needed = any(cell.is_quoted and delimiter in cell.text for row in rows for cell in row)
    return _QUOTES_WEIGHT if needed and enclosed > len(rows) / 2 else 1.0


def _with_escape(found: Dialect, lines: Sequence[str], escape: str | None) -> Dialect:
    """Adds a backslash if it stands before marks that do not end a cell, or before delimiters that part none."""
    if escape is not None:
        return replace(found, escape=escape)
    delimiter = re.escape(found.delimiter)
    if found.quote and any(re.search(rf"\\{found.quote}(?!{delimiter}|$)", line) for line in lines):
        return replace(found, escape="\\")
    bare = [re.sub(rf"\\{delimiter}", "", line) for line in lines]
    widths = {len(split(line, found.delimiter, found.quote)) for line in bare}
    if bare == lines or len(widths) > 1 or widths == {1}:
        return found
    return replace(found, escape="\\", width=widths.pop())
