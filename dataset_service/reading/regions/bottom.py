"""Finds the end of the table: notes below it, or another table."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from dataset_service.reading.cells.body import Body
from dataset_service.reading.cells.texts import holds_values
from dataset_service.reading.regions.looks import Cells, Look, Looks, filled, is_sentence, look_of, trimmed

_NOTE = re.compile(
    r"[※＊☞▶►■□◇◆○●•①#]|\*+(?:\s|[^\s0-9*])|[-_=*─━═―]{3,}|\[?[0-9]+\]\s|[0-9]+[).](?:\s|$)|a\)\s|\([0-9]+ rows?\)|"
    r"주\s?[0-9]*\s?[):.]|주석|비고\s?[:)]|참고|출처|자료\s?[:：)]|자료원|자료출처|(?:데이터)?\s?기준\s?일|"
    r"(?:작성|제공|관리)\s?(?:일|자|기관|부서)|담당|문의|"
    r"[\[(<〈【]\s?(?:출처|자료|비고|참고|주)\b|"
    r"source\b|(?:foot\s?)?notes?\b|notas?\b|fuentes?\b|quellen?\b|fu(?:ß|ss)noten?\b|last updated",
    re.IGNORECASE,
)
_LINE_NOTE = re.compile(r"[-·•]\s*[^-\s0-9.,].*|[^:：]{1,12}\s?[:：]\s?\S.*|\S+\s.*\s.*(?:니다|[임음함됨])\.?")
_LONE_NOTE = re.compile(
    r"[^:：]{1,12}\s?[:：]\s\S.*|[-=<(\[\s]*(?:끝|이\s*상|이\s*하\s*(?:여\s*백|빈\s*칸)|총\s*[0-9,]+\s*(?:건|개|개소|명|행))[\s.>)\]=-]*"
)
_PAGE = re.compile(r"[-–]\s*[0-9]+\s*[-–]|(?:page|쪽|페이지)\s*[0-9]+|[0-9]+\s*(?:쪽|페이지)", re.IGNORECASE)
_MOST_NOTES, _MOST_GAPS, _MOST_UNEVEN, _SEEN_ROWS, _FEW_ROWS = 60, 50, 500, 12, 3
_LONG_NOTE = 25


class End(NamedTuple):
    """The first row that is not the table's, and the first row of another table behind it, if there is one."""

    row: int
    next_table: int | None = None


def find_end(body: Body, looks: Looks, names: Sequence[str]) -> End:
    """Returns where the table ends: at the number of rows if it goes to the end of the file."""
    gaps = _rows_behind_gaps(body)
    again = _repeated_names(body, names)
    titles = [
        row
        for row, width in body.short.items()
        if width == 1 and row + 1 not in gaps and not is_note_text(body.cells(row)[0].strip())
    ]
    candidates = sorted({*gaps[:_MOST_GAPS], *titles[:_MOST_GAPS]})
    other = next((row for row in candidates if 0 < row < again and _is_other_table(body, row, looks, names)), again)
    other = next((row for row in _changes_of_width(body) if row < other and _has_other_names(body, row)), other)
    end = next((row for row in gaps[:_MOST_GAPS] if 0 < row < other and _head_notes(body, row, other, looks)), other)
    return End(_first_note(body, end, looks, set(gaps)), other if other < body.rows else None)


def _head_notes(body: Body, row: int, end: int, looks: Looks) -> bool:
    """Tells whether a row behind a gap is the heading of notes, because those below have few cells and no values."""
    heading = body.cells(row)
    return (
        end - row <= _MOST_NOTES
        and filled(heading) == 1
        and is_note_text(heading[0].strip())
        and all(
            len(trimmed(cells)) < looks.width and not any(map(_is_value, cells[1:], looks.columns[1:]))
            for cells in map(body.cells, range(row, end))
        )
    )


def _is_value(cell: str, look: Look) -> bool:
    return look is not Look.TEXT and look_of(cell) is look


def _repeated_names(body: Body, names: Sequence[str]) -> int:
    """Returns the first row of another width that begins with the names; else the number of rows."""
    if sum(bool(name.strip()) for name in names) < 2 or not names[0].strip():
        return body.rows
    for row in np.flatnonzero(pc.fill_null(pc.equal(body.columns[0], names[0]), False))[:_MOST_GAPS].tolist():
        cells = body.cells(row)
        pairs = list(zip(cells, names, strict=False))
        if len(cells) != len(names) and len(pairs) > 1 and all(cell.strip() == name.strip() for cell, name in pairs):
            return int(row)
    return body.rows


def _rows_behind_gaps(body: Body) -> list[int]:
    """Returns the rows that a blank line, or a row of delimiters alone, comes before."""
    rows: set[int] = set()
    if body.has_gaps:
        lines = body.lines
        rows.update((np.flatnonzero(np.diff(lines) > body.heights[:-1]) + 1).tolist())
    holds = holds_values(body.columns)
    if holds is not None:
        holds[list(body.long)] = True
        rows.update((np.flatnonzero(~holds[:-1] & holds[1:]) + 1).tolist())
    return sorted(rows)


def _changes_of_width(body: Body) -> list[int]:
    """Returns the first rows of several that have another width than the row before them, one like the other."""
    rows = sorted([*islice(body.short, _MOST_UNEVEN), *islice(body.long, _MOST_UNEVEN)])

    def width(row: int) -> int:
        return body.short.get(row, len(body.columns) + len(body.long.get(row, ())))

    return [
        row
        for row in rows
        if row and width(row - 1) != width(row) and all(width(row + more) == width(row) for more in range(1, _FEW_ROWS))
    ][:_MOST_GAPS]


def _has_other_names(body: Body, row: int) -> bool:
    """Tells whether a row of another width than those above has texts in all cells, unlike the even rows below it."""
    below = Looks([body.cells(number) for number in range(row, min(row + _SEEN_ROWS, body.rows))])
    valued = [look for look in below.columns if look is not Look.TEXT]
    return (
        len({len(cells) for cells in below.rows}) == 1 < len(valued)
        and all(look_of(cell) is Look.TEXT for cell in below.rows[0])
        and all(map(below.holds_values, range(1, len(below.rows))))
    )


def _is_other_table(body: Body, row: int, looks: Looks, names: Sequence[str]) -> bool:
    """Tells whether rows behind a gap are another table: of another width, or with names of its own."""
    below = Looks([body.cells(number) for number in range(row, min(row + _SEEN_ROWS, body.rows))])
    if len(below.rows) < 2 or below.width < 2:
        return False
    start = 1 if filled(below.rows[0]) == 1 and len(below.rows) > 2 else 0
    if list(below.rows[start]) == list(names):  # below a title of its own: another table, not another page
        return start == 1 and not is_page_number(below.rows[0][0])
    if below.rows[0][0].strip() == names[0].strip() != "":
        return True
    narrow = Looks([trimmed(cells) for cells in below.rows])
    if narrow.width < below.width == looks.width and narrow.width > 1:
        return narrow.holds_names(0) and narrow.holds_values(1)
    table = Looks(below.rows[start:])
    if len(table.rows[0]) == table.width != looks.width:
        return table.holds_names(0) or not table.has_values
    return _are_names(below.rows[start], below.rows[start + 1], looks)


def _are_names(row: Cells, following: Cells, looks: Looks) -> bool:
    """Tells whether a row has texts in every column of values, and the next one values again."""
    if len(row) != looks.width or filled(row) < len(row):
        return False
    valued = [look_of(cell) for cell, look in zip(row, looks.columns, strict=True) if look is not Look.TEXT]
    return bool(valued) and set(valued) == {Look.TEXT} and any(look_of(cell) is not Look.TEXT for cell in following)


def _first_note(body: Body, end: int, looks: Looks, gaps: set[int]) -> int:
    """Returns the first row of the notes before `end`, or `end`."""
    first = end
    if looks.width == 1:
        return end
    for row in range(end - 1, max(0, end - 1 - _MOST_NOTES), -1):
        cells = body.cells(row)
        if not filled(cells):
            continue
        if _is_note(cells, looks, follows_gap=row in gaps):
            first = row
        elif not (len(cells) == 1 < looks.width and is_note_text(body.cells(row - 1)[0].strip())):  # their heading
            break
    return first


def is_note_text(text: str) -> bool:
    """Tells whether a text begins as notes and notices do."""
    return bool(_NOTE.match(text))


def is_page_number(text: str) -> bool:
    """Tells whether a text is the number of a page."""
    return bool(_PAGE.fullmatch(text.strip()))


def _is_note(cells: Cells, looks: Looks, *, follows_gap: bool) -> bool:
    column, text = next((number, cell.strip()) for number, cell in enumerate(cells) if cell.strip())
    valued = [(look_of(cell), look) for cell, look in zip(cells, looks.columns, strict=False) if look is not Look.TEXT]
    fits = any(found is look for found, look in valued)
    misfits = any(found not in (look, Look.BLANK) for found, look in valued)
    is_note = is_note_text(text)
    if "\ufffd" in text:  # the file was cut off within this row
        return False
    if follows_gap and misfits and len(cells) < looks.width:
        return True
    if fits and not (is_note and (is_sentence(cells, looks.rows[0]) or (follows_gap and misfits))):
        return False
    is_uneven = len(cells) != looks.width
    if is_note and (is_uneven or filled(cells) < len(cells) or (misfits and _has_mark(text))):
        return True
    if is_uneven and _LINE_NOTE.fullmatch(",".join(cells)):
        return True
    if filled(cells) != 1:
        return False
    is_text = any(found is Look.TEXT for found, _ in valued)
    is_long = len(text) >= _LONG_NOTE and " " in text
    return is_text or ((is_uneven or column == 0) and (follows_gap or is_long or bool(_LONE_NOTE.fullmatch(text))))


def _has_mark(text: str) -> bool:
    """Tells whether more than a word makes a note of a text: in a full row, a word may be a cell."""
    return not text[0].isalpha() or ":" in text or "：" in text
