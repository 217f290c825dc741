"""Finds the first row of the table, its rows of names, and its row of units."""

import re
from collections.abc import Sequence
from itertools import pairwise

from dataset_service.reading.cells.sheet import Row
from dataset_service.reading.regions.bottom import is_note_text
from dataset_service.reading.regions.looks import Cells, Look, Looks, filled, look_of, trimmed

MOST_HEADER_ROWS = 3
_COMMENT = ("#", "//", "%%")
_UNITS = re.compile(
    r"\(.{1,12}\)|\[.{1,12}\]|단위|명|건|개|개소|대|원|천원|백만원|억원|만원|천명|만명|세대|가구|호|필지|동|면|세|년|월|일|시간|분|초|회|점|위|"
    r"%|％|℃|°C?|㎡|㎢|ha|km2?|km²|㎞|m2?|m²|m/s|㎧|㎜|mm|cm|㎝|kg|㎏|t|톤|ton|kW|kWh|㎾h?|MWh|hPa|ppm|ppb|㎍/㎥|μg/m3|µg/㎥|dB|lux|L|ℓ|㎥"
)
_UNIT_WORD = re.compile(r"[\[(]?(?:단위|units?)[\])]?:?", re.IGNORECASE)
_UNIT_NOTE = re.compile(r"[\[(<〈]?\s*단위\b")
_SETTING = re.compile(r"[^:：]{1,12}\s?[:：]\s?\S")
_HALF = 0.5


def find_start(looks: Looks) -> int:
    """Returns the number, among the rows that are not blank, of the first row of the table."""
    start = 0
    while start < len(looks.rows) - 1 and _is_above(looks, start):
        start += 1
    return start


def looks_of(rows: Sequence[Row]) -> Looks:
    """Returns what the first rows look like that are not blank, without the tables below the first one."""
    table = _first_table(rows)
    gaps = {number for number in range(1, len(table)) if table[number].start > table[number - 1].stop}
    return Looks([row.cells for row in table], gaps)


def _first_table(rows: Sequence[Row]) -> Sequence[Row]:
    """Returns the rows up to the end of the first table, if several tables stand below one another."""
    ends = [*_boundaries(rows), len(rows)]
    start = 0
    for end in ends[:-1]:
        block = Looks([row.cells for row in rows[start:end]])
        table = Looks(block.rows[find_start(block) :])
        width = max(len(trimmed(cells)) for cells in table.rows)
        # Lines of a name and a value above a wider table are none themselves.
        may_be_settings = width == 2 < len(trimmed(rows[-1].cells)) and any(map(str.isdigit, "".join(table.rows[0])))
        least = 3 if may_be_settings else 2
        if len(table.rows) > least and table.width > 1 and table.holds_names(0) and _is_uniform(table):
            return rows[:end]
        start = end
    return rows


def _boundaries(rows: Sequence[Row]) -> list[int]:
    """Returns where blank lines part rows, or many rows of one width follow many of another."""
    widths = [len(row.cells) for row in rows]
    return [
        index
        for index in range(1, len(rows))
        if rows[index].start > rows[index - 1].stop
        or (
            widths[index] != widths[index - 1]
            and len(set(widths[max(0, index - 3) : index])) == 1 == len(set(widths[index : index + 3]))
        )
    ]


def _is_uniform(table: Looks) -> bool:
    """Tells whether the columns hold values of one sort each, unlike lines of a name and a value."""
    for column, look in enumerate(table.columns):
        looks = {look_of(row[column]) for row in table.rows[1:] if column < len(row)} - {Look.BLANK}
        if look is not Look.TEXT and looks == {look}:
            return True
    return False


def find_header_rows(looks: Looks) -> int:
    """Returns how many of the first rows hold names."""
    if len(looks.rows) == 1:
        found = [look_of(cell) for cell in looks.rows[0]]
        return int(sum(look in (Look.NUMBER, Look.MOMENT) for look in found) < _HALF * len(found))
    if len(looks.rows[0]) == looks.width and looks.holds_values(0):
        return 0
    count = 1
    while (
        count < MOST_HEADER_ROWS
        and count + 1 < len(looks.rows)
        and count not in looks.gaps
        and _continues_names(looks, count)
    ):
        count += 1
    return count


def find_unit_rows(looks: Looks, header_rows: int) -> int:
    """Returns 1 if units follow the names, else 0."""
    if header_rows == 0 or header_rows + 1 >= len(looks.rows):
        return 0
    row = looks.rows[header_rows]
    given = [cell.strip() for cell in row if cell.strip()]
    valued = [
        cell.strip()
        for cell, look in zip(row, looks.columns, strict=False)
        if look is not Look.TEXT and look_of(cell) is not Look.BLANK
    ]
    if any(look_of(cell) is not Look.TEXT for cell in given) or not given:
        return 0
    if _UNIT_WORD.fullmatch(given[0]) and len(given) > 1:
        return 1
    units = sum(bool(_UNITS.fullmatch(cell)) for cell in valued)
    return int(units > _HALF * len(valued) and sum(bool(_UNITS.fullmatch(cell)) for cell in given) > _HALF * len(given))


def _is_above(looks: Looks, number: int) -> bool:
    """Tells whether a row at the top is a notice, a title or the like, because a better first row follows."""
    row, following = looks.rows[number], looks.rows[number + 1]
    first = next(cell.strip() for cell in row if cell.strip())
    if looks.width == 1:
        return False
    if filled(row) <= 2 and any(_UNIT_NOTE.match(cell.strip()) for cell in row):
        return not looks.holds_names(number) or filled(row) < looks.width
    if first.startswith(_COMMENT):
        continues = any(cell.strip().startswith(_COMMENT) for cell in following[:1])
        return continues or len(row) != looks.width or _names_follow(looks, number)
    if filled(row) == 1:
        return len(row) == 1 or (looks.width > 2 and not _is_upper(row, following)) or _names_follow(looks, number)
    if len(row) != looks.width:
        if looks.has_values:
            return _names_follow(looks, number)
        return abs(len(row) - looks.width) > 1
    if not _names_follow(looks, number):
        return False
    if is_note_text(first) or _SETTING.match(first):
        return True
    if filled(row) == len(row):
        return False
    if number + 1 in looks.gaps or any(look_of(cell) is Look.MOMENT for cell in row):
        return True
    return filled(row) == len(trimmed(row)) and not _is_upper(row, following)


def _names_follow(looks: Looks, number: int) -> bool:
    """Tells whether a row of names comes before any row of values."""
    for later in range(number + 1, len(looks.rows)):
        if looks.holds_names(later):
            return True
        if len(looks.rows[later]) == looks.width and looks.holds_values(later):
            return False
    return False


def _is_upper(row: Cells, below: Cells) -> bool:
    """Tells whether a row has names of groups above the names of columns."""
    pairs = list(zip(row, below, strict=False))
    blank_below = any(upper.strip() and not lower.strip() for upper, lower in pairs)
    blank_above = any(lower.strip() and not upper.strip() for upper, lower in pairs)
    return (blank_below and blank_above) or any(upper.strip() == lower.strip() != "" for upper, lower in pairs)


def _continues_names(looks: Looks, number: int) -> bool:
    """Tells whether a row below names has names as well: it goes on with merged or repeated cells."""
    row = looks.rows[number]
    if len(row) != looks.width or find_unit_rows(looks, number):
        return False
    if not looks.has_values:
        above = [cell.strip() for cell in looks.rows[number - 1]]
        is_repeated = any(one == other != "" for one, other in pairwise(above))
        return is_repeated and above[0] == row[0].strip() != ""
    texts = [
        look_of(cell) is Look.TEXT
        for cell, look in zip(row, looks.columns, strict=True)
        if look is not Look.TEXT and cell.strip()
    ]
    are_words = all(cell.strip()[:1].isalpha() for cell in row)
    if len(texts) > 1 and all(texts) and are_words and number + 2 < len(looks.rows):
        return True
    if not texts or not all(texts):
        has_series = looks.holds_names(number) and looks.holds_values(number + 1)
        return has_series and _is_merged(looks.rows[number - 1], row)
    return _is_merged(looks.rows[number - 1], row)


def _is_merged(upper: Cells, lower: Cells) -> bool:
    """Tells whether cells of two rows of names were merged: blank or repeated beside or below one another."""
    cells = [cell.strip() for cell in upper]
    repeated = any(one == other != "" for one, other in pairwise(cells))
    return "" in cells or repeated or any(one == other.strip() != "" for one, other in zip(cells, lower, strict=False))


def join_names(rows: Sequence[Cells], width: int) -> list[str]:
    """Returns the names of the columns: the different cells above one another, joined; merged cells are repeated."""
    if len(rows) == 1:
        return list(rows[0])
    columns: list[list[str]] = [[] for _ in range(width)]
    for level, row in enumerate(rows):
        current = ""
        cells = [*row, *[""] * width][:width]
        for column, cell in enumerate(cells):
            text = cell.strip()
            has_below = any(column < len(other) and other[column].strip() for other in rows[level + 1 :])
            if text:
                current = text
            elif not has_below:
                current = ""
            name = text or (current if has_below else "")
            if name and name not in columns[column][-1:]:
                columns[column].append(name)
    return ["_".join(parts) for parts in columns]
