"""A tidy file comes out as it went in.

Tidy, and not open to another reading, is a file in which

- every row has one cell for each name; the names differ, begin with a letter, have single blanks within
  at most, and are no words for nothing;
- a column holds texts, integers, decimals, dates or moments, each written in one way; a text has two letters at
  least, and is no number, no truth value, no word for nothing;
- a cell that holds a delimiter of any kind, a quote or a line break stands in quotes, and its quotes are doubled;
- the first row, the last row and the first column have no blank cell: blanks there are how titles, units, notes and
  merged cells look;
- no text begins with a mark of comments, notes or formulas, stands in apostrophes, or is a word for a total;
- a file of one column has no blank within its names and texts outside quotes, and no moments: they would be columns;
- its bytes are UTF-8, or CP949 that cannot be UTF-8.
"""

import re
import string
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.csv_file import read_csv

_SYLLABLES = "가나다라마바사아자차카타파하대구동서남북중시군읍면리도로길산강천공원학교병원시장사고건수인구면적높이뷁똠"
_LETTERS = _SYLLABLES + string.ascii_letters
_INNER = _LETTERS + string.digits + " _()./-"
_QUOTED = _INNER + ",;\t|\"'\n\\:#"
_NEEDS_QUOTES = re.compile(r"[,;\t|\"'\n\\]")
_OTHER_MEANING = re.compile(
    r"n/?a|nan|null|none|true|false|yes|no|on|off|inf(inity)?|[+-]?\d.*|total|sum|.*(합계|소계|총계|누계).*",
    re.IGNORECASE,
)


class _Column(NamedTuple):
    name: str
    cells: list[tuple[str, Any]]
    """Each as it is written, and as it must be read."""


def _is_plain(text: str) -> bool:
    return text == text.strip() and not _OTHER_MEANING.fullmatch(text)


@cache  # making a strategy takes longer than drawing from it
def _words(inner: str) -> st.SearchStrategy[str]:
    begin = st.text(_LETTERS, min_size=2, max_size=2)
    return st.builds(lambda a, b: (a + b).strip(), begin, st.text(inner, max_size=8)).filter(_is_plain)


@cache
def _names(width: int, inner: str) -> st.SearchStrategy[list[str]]:
    headers = _words(inner).filter(lambda name: "  " not in name)
    return st.lists(headers, min_size=width, max_size=width, unique=True)


def _without_blanks(inner: str) -> str:
    return inner.replace(" ", "")


@cache
def _columns(kind: str, inner: str) -> st.SearchStrategy[list[tuple[str, Any]]]:
    return st.lists(_cells(kind, inner), min_size=1, max_size=6)


def _cells(kind: str, inner: str) -> st.SearchStrategy[tuple[str, Any]]:
    match kind:
        case "integer":
            return st.integers(-9999, 99999).map(lambda value: (str(value), value))
        case "decimal":
            return st.integers(-99999, 999999).map(lambda value: (f"{value / 100:.2f}", value / 100))
        case "date":
            days = st.dates(date(1990, 1, 1), date(2030, 12, 31))
            return days.map(lambda day: (day.isoformat(), datetime.combine(day, time())))
        case "moment":
            moments = st.datetimes(datetime(1990, 1, 1), datetime(2030, 12, 31))  # noqa: DTZ001 - Seoul's, as all are
            return moments.map(lambda moment: moment.replace(second=0, microsecond=0)).map(
                lambda moment: (f"{moment:%Y-%m-%d %H:%M}", moment)
            )
        case _:
            return _words(inner).map(lambda word: (word, word))


@st.composite
def _tables(draw: st.DrawFn) -> list[_Column]:
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 40))
    is_wide = width > 1
    inner = _INNER if is_wide else _without_blanks(_INNER)
    names = draw(_names(width, inner))
    kinds = st.sampled_from(["text", "text", "integer", "decimal", "date", *(["moment"] if is_wide else [])])
    columns = []
    for index, name in enumerate(names):
        kind = draw(kinds)
        quoted = draw(st.sampled_from([inner, _QUOTED if is_wide else _without_blanks(_QUOTED)]))
        values = draw(_columns(kind, quoted))
        step = draw(st.integers(1, 5))
        cells = [values[row * step % len(values)] for row in range(height)]
        if index and height > 2:
            for row in draw(st.sets(st.integers(1, height - 2), max_size=5)):
                cells[row] = ("", None)
        columns.append(_Column(name, cells))
    return columns


@settings(max_examples=200)
@given(
    _tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "cp949"]),
)
def test_tidy_file_comes_out_as_it_went_in_without_a_warning(
    columns: list[_Column], delimiter: str, line_end: str, is_ended: bool, quotes_all: bool, encoding: str
) -> None:
    def written(cell: str) -> str:
        needs = quotes_all or _NEEDS_QUOTES.search(cell)
        return '"{}"'.format(cell.replace('"', '""')) if needs else cell

    lines = [[column.name for column in columns], *zip(*([cell for cell, _ in c.cells] for c in columns), strict=True)]
    text = line_end.join(delimiter.join(map(written, line)) for line in lines)
    content = (text + line_end * is_ended).encode(encoding)
    assume(encoding != "cp949" or content.isascii() or (not _is_utf8(content) and _has_common_hangul(text)))
    table = read_csv(content)
    got = [typed(name, cells) for name, cells in zip(table.columns, table.cells, strict=True)]
    assert list(table.columns) == [column.name for column in columns]
    for typed_column, column in zip(got, columns, strict=True):
        assert typed_column.cells.to_pylist() == [value for _, value in column.cells], column.name
    assert [*table.warnings, *(warning for column in got for warning in column.warnings)] == []


def _has_common_hangul(text: str) -> bool:
    """Tells whether a letter is in EUC-KR: the bytes of the others alone may be those of another encoding."""
    return any(len(letter.encode("euc_kr", errors="ignore")) == 2 for letter in text)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
