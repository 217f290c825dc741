"""Finds the first row of the table, below notices, titles, search conditions and comments.

A rule looks at a row and says whether it stands above the table, or None if it cannot tell; the first to tell decides.
"""

import re
from collections.abc import Callable, Sequence

from dataset_service.reading.cells.sheet import Row
from dataset_service.reading.regions.bottom import is_note_text
from dataset_service.reading.regions.header import MOST_HEADER_ROWS
from dataset_service.reading.regions.looks import Cells, Look, Looks, filled, is_sentence, look_of, trimmed
from dataset_service.reading.regions.names import COMMENT_SIGNS, without_comment_sign

_UNIT_NOTE = re.compile(r"[\[(<〈]?\s*단위\b")
_SETTING = re.compile(r"[^:：]{1,12}\s?[:：]\s?\S")


def find_start(looks: Looks) -> int:
    """Returns the number, among the rows that are not blank, of the first row of the table."""
    start = _count_settings(looks)
    while start < len(looks.rows) - 1 and _is_above(looks, start):
        start += 1
    return start


def _count_settings(looks: Looks) -> int:
    """Returns how many lines of a name and values stand above a table whose first column has digits in each row.

    There are more than a header has rows, none with a digit in its name, most without values as the rows have.
    """
    has_digit = [any(map(str.isdigit, row[0])) for row in looks.rows]
    count = has_digit.index(True) if True in has_digit else 0
    are_even = all(len(row) == looks.width > 1 for row in looks.rows[:count])
    if count <= MOST_HEADER_ROWS or not are_even or not all(has_digit[count:]):
        return 0
    last = looks.rows[count - 1]
    if looks.holds_values(0) or 2 * sum(map(looks.holds_values, range(count))) > count:
        return 0
    are_names = looks.holds_names(count - 1) and all(look_of(cell) is Look.TEXT for cell in last[1:])
    return count - 1 if are_names else count


def looks_of(rows: Sequence[Row]) -> Looks:
    """Returns what the first rows look like that are not blank, without the tables below the first one."""
    table = _first_table(rows)
    gaps = {number for number in range(1, len(table)) if table[number].start > table[number - 1].stop}
    return Looks([row.cells for row in table], gaps)


# ---- the first of several tables


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


# ---- rules of a row above the table


def _one_column(looks: Looks, _number: int) -> bool | None:
    return False if looks.width == 1 else None


def _note_of_units(looks: Looks, number: int) -> bool | None:
    row = looks.rows[number]
    if filled(row) <= 2 and any(_UNIT_NOTE.match(cell.strip()) for cell in row):
        return not looks.holds_names(number) or filled(row) < looks.width
    return None


def _comment(looks: Looks, number: int) -> bool | None:
    row, following = looks.rows[number], looks.rows[number + 1]
    if not _first(row).startswith(COMMENT_SIGNS):
        return None
    if following[0].strip().startswith(COMMENT_SIGNS):
        return True
    if len(names := without_comment_sign(row, looks.width, is_comment=True)) == looks.width and looks.holds_values(
        number + 1
    ):
        return is_sentence(names, following)
    return len(row) != looks.width or _names_follow(looks, number)


def _single_cell(looks: Looks, number: int) -> bool | None:
    row = looks.rows[number]
    if filled(row) != 1:
        return None
    return len(row) == 1 or (looks.width > 2 and not _is_upper(looks, number)) or _names_follow(looks, number)


def _other_width(looks: Looks, number: int) -> bool | None:
    if len(looks.rows[number]) == looks.width:
        return None
    if looks.has_values:
        return _names_follow(looks, number) or _is_mixture(looks, looks.rows[number])
    return abs(len(looks.rows[number]) - looks.width) > 1


def _no_names_below(looks: Looks, number: int) -> bool | None:
    return None if _names_follow(looks, number) else False


def _note_or_setting(looks: Looks, number: int) -> bool | None:
    first = _first(looks.rows[number])
    return True if is_note_text(first) or _SETTING.match(first) else None


def _sentence(looks: Looks, number: int) -> bool | None:
    return True if is_sentence(looks.rows[number], looks.rows[number + 1]) else None


def _full_row(looks: Looks, number: int) -> bool | None:
    return False if filled(looks.rows[number]) == len(looks.rows[number]) else None


def _before_gap(looks: Looks, number: int) -> bool | None:
    return True if number + 1 in looks.gaps else None


def _names_of_groups(looks: Looks, number: int) -> bool | None:
    return False if _is_upper(looks, number) else None


def _date_or_ragged(looks: Looks, number: int) -> bool | None:
    row = looks.rows[number]
    return filled(row) == len(trimmed(row)) - looks.margin or any(look_of(cell) is Look.MOMENT for cell in row)


_RULES: Sequence[Callable[[Looks, int], bool | None]] = (
    _one_column,
    _note_of_units,
    _comment,
    _single_cell,
    _other_width,
    _no_names_below,
    _note_or_setting,
    _sentence,
    _full_row,
    _before_gap,
    _names_of_groups,
    _date_or_ragged,
)


def _is_above(looks: Looks, number: int) -> bool:
    return next(verdict for rule in _RULES if (verdict := rule(looks, number)) is not None)


def _first(row: Cells) -> str:
    return next(cell.strip() for cell in row if cell.strip())


def _is_mixture(looks: Looks, row: Cells) -> bool:
    """Tells whether a shorter row has mostly values, so that it holds no names, and texts among them."""
    valued = [look_of(cell) is look for cell, look in zip(row, looks.columns, strict=False) if look is not Look.TEXT]
    return len(row) < looks.width and not looks.fits(row) and sum(valued) > len(valued) / 2


def _names_follow(looks: Looks, number: int) -> bool:
    """Tells whether a row of names comes before any row of values."""
    for later in range(number + 1, len(looks.rows)):
        if looks.holds_names(later):
            return True
        if len(looks.rows[later]) == looks.width and looks.holds_values(later):
            return False
    return False


def _is_upper(looks: Looks, number: int) -> bool:
    """Tells whether a row has names of groups above the names of columns."""
    pairs = list(zip(looks.rows[number], looks.rows[number + 1], strict=False))
    blank_below = any(upper.strip() and not lower.strip() for upper, lower in pairs)
    blank_above = any(lower.strip() and not upper.strip() for upper, lower in pairs)
    return (blank_below and blank_above) or any(upper.strip() == lower.strip() != "" for upper, lower in pairs)
