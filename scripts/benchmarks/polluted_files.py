"""One tidy table in all the ways that the Pollock benchmark pollutes it, each with what is right to read.

After Vitagliano et al., "Pollock: A Data Loading Benchmark", VLDB 2023: as many files of a kind as there, so nearly all
have one delimiter or quote too many or too few. The right result is the tidy table unless the kind changes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scripts.benchmarks.table_score import ReadTable

_QUOTE = '"'
_CRLF = "\r\n"
_ADDED = "추가"


@dataclass(frozen=True, slots=True)
class TidyTable:
    """Texts in columns; cells of the `quoted` columns, by number, are written in quotes even where none are needed."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    quoted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PollutedFile:
    """The bytes of a file, and the table in it. `kind` is what Pollock calls the pollution, `place` where it is."""

    kind: str
    content: bytes
    right: ReadTable
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    cells: tuple[str, ...]
    """As written, with their quotes."""
    gaps: tuple[str, ...]
    """One before each cell; the first is empty."""

    def __str__(self) -> str:
        return "".join(gap + cell for gap, cell in zip(self.gaps, self.cells, strict=True))


def polluted_files(tidy: TidyTable) -> Iterator[PollutedFile]:
    """Yields the files of all kinds, those of a kind in one run."""
    right = ReadTable(tidy.columns, tidy.rows)
    yield PollutedFile("source", _content(_lines(tidy)), right)
    yield from _files_around_the_table(tidy, right)
    yield from _files_in_another_dialect(tidy, right)
    yield from _files_with_one_damaged_line(tidy, right)


def _files_around_the_table(tidy: TidyTable, right: ReadTable) -> Iterator[PollutedFile]:
    lines = _lines(tidy)
    header, first = lines[:2]
    empty = "," * (len(tidy.columns) - 1)
    yield PollutedFile("file_no_payload", b"", ReadTable((), ()))
    yield PollutedFile("file_no_trailing_newline", _content(lines).removesuffix(_CRLF.encode()), right)
    yield PollutedFile("file_double_trailing_newline", _content([*lines, ""]), right)
    yield PollutedFile("file_no_header", _content(lines[1:]), replace(right, columns=None))
    for count in (2, 3):
        names = ["_".join([name] * count) for name in tidy.columns]
        repeated = [",".join(tidy.columns)] * (count - 1)
        yield PollutedFile(
            f"file_header_multirow_{count}", _content([*repeated, *lines]), replace(right, columns=names)
        )
    yield PollutedFile("file_preamble", _content([f"PREAMBLE{empty}", empty, *lines]), right)
    second = _lines(replace(tidy, quoted=frozenset()))[:-1]
    more = [f"{line},{line.cells[-1] if number else _ADDED}" for number, line in enumerate(second)]
    less = [_Line(line.cells[:-1], line.gaps[:-1]) for line in second]
    for kind, table in (("less", less), ("same", second), ("more", more)):
        yield PollutedFile(f"file_multitable_{kind}", _content([*lines, *table]), right)
    yield PollutedFile("file_header_only", _content([header]), replace(right, rows=()))
    yield PollutedFile("file_one_data_row", _content([header, first]), replace(right, rows=tidy.rows[:1]))


def _files_in_another_dialect(tidy: TidyTable, right: ReadTable) -> Iterator[PollutedFile]:
    for delimiter, code in ((" ", "0x20"), (", ", "0x2C_0x20"), (";", "0x3B"), ("\t", "0x9")):
        content = _content([_delimited(line, delimiter) for line in _lines(tidy)])
        yield PollutedFile(f"file_field_delimiter_{code}", content, right)
    yield PollutedFile("file_quotation_char_0x27", _content(_lines(tidy, quote="'", escape="")), right)
    for escape, code in (("\\", "0x5C"), ("", "0x00")):
        yield PollutedFile(f"file_escape_char_{code}", _content(_lines(tidy, escape=escape)), right)
    for end, code in (("\n", "0xA"), ("\r", "0xD")):
        yield PollutedFile(f"file_record_delimiter_{code}", _content(_lines(tidy), end), right)


def _files_with_one_damaged_line(tidy: TidyTable, right: ReadTable) -> Iterator[PollutedFile]:
    lines = _lines(tidy)
    texts = list(map(str, lines))  # written once for all the thousands of files
    places = [(row, column) for row in range(len(lines)) for column in range(len(tidy.columns))]

    def damaged(kind: str, row: int, line: _Line, column: int = 0, right: ReadTable = right) -> PollutedFile:
        content = _content([*texts[:row], line, *texts[row + 1 :]])
        return PollutedFile(kind, content, right, f"line {row + 1}, column {column + 1}")

    for row, column in places:
        if column:
            gaps = _with(lines[row].gaps, column, "")
            yield damaged("row_less_sep", row, replace(lines[row], gaps=gaps), column)
    for row, column in places:
        gaps = _with(lines[row].gaps, column, lines[row].gaps[column] + ",")
        yield damaged("row_more_sep", row, replace(lines[row], gaps=gaps), column)
    for row, column in places:
        cells = _with(lines[row].cells, column, _QUOTE + lines[row].cells[column])
        quoted = _with_quote(right, row, column)
        yield damaged("row_extra_quote", row, replace(lines[row], cells=cells), column, quoted)
    for row, line in enumerate(lines):
        yield damaged("row_field_delimiter_0x20", row, _delimited(line, " "))


def _lines(tidy: TidyTable, quote: str = _QUOTE, escape: str = _QUOTE) -> list[_Line]:
    def write(column: int, text: str) -> str:
        needs_quotes = column in tidy.quoted or "," in text or _QUOTE in text
        return quote + text.replace(_QUOTE, escape + _QUOTE) + quote if needs_quotes else text

    gaps = ("", *[","] * (len(tidy.columns) - 1))
    return [_Line(tuple(write(*cell) for cell in enumerate(row)), gaps) for row in (tidy.columns, *tidy.rows)]


def _content(lines: Sequence[object], end: str = _CRLF) -> bytes:
    return "".join(f"{line}{end}" for line in lines).encode()


def _delimited(line: _Line, delimiter: str) -> _Line:
    return replace(line, gaps=("", *[delimiter] * (len(line.gaps) - 1)))


def _with(values: tuple[str, ...], place: int, value: str) -> tuple[str, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _with_quote(right: ReadTable, row: int, column: int) -> ReadTable:
    rows = [right.columns or (), *right.rows]
    rows[row] = _with(tuple(map(str, rows[row])), column, f"{_QUOTE}{rows[row][column]}")
    return ReadTable([str(name) for name in rows[0]], rows[1:])
