"""Finds how many rows hold names."""

from itertools import pairwise

from dataset_service.reading.regions.looks import Cells, Look, Looks, look_of
from dataset_service.reading.regions.units import find_unit_rows

MOST_HEADER_ROWS = 3
_HALF = 0.5


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


def _continues_names(looks: Looks, number: int) -> bool:
    """Tells whether a row below names has names as well: it goes on with merged or repeated cells."""
    row = looks.rows[number]
    if len(row) != looks.width or find_unit_rows(looks, number):
        return False
    if _is_complement(looks.rows[number - 1], row):
        return True
    if not looks.has_values:
        return _continues_texts([cell.strip() for cell in looks.rows[number - 1]], [cell.strip() for cell in row])
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


def _continues_texts(upper: Cells, lower: Cells) -> bool:
    """Tells whether two rows above texts alone hold names: upper cells are repeated."""
    if not any(one == other != "" for one, other in pairwise(upper)):
        return False
    neighbours = zip(["", *upper], upper, [*upper[1:], ""], strict=False)
    return upper[0] == lower[0] != "" or all(cell in (before, after) for before, cell, after in neighbours)


def _is_complement(upper: Cells, lower: Cells) -> bool:
    """Tells whether texts stand where the row above is blank, and none below its first: cells merged both ways."""
    pairs = [(one.strip(), other.strip()) for one, other in zip(upper, lower, strict=False)]
    return (
        bool(pairs[0][0]) > bool(pairs[0][1])
        and all(one or other for one, other in pairs)
        and any(not one for one, _ in pairs)
        and all(look_of(other) is Look.TEXT for _, other in pairs if other)
    )


def _is_merged(upper: Cells, lower: Cells) -> bool:
    """Tells whether cells of two rows of names were merged: blank or repeated beside or below one another."""
    cells = [cell.strip() for cell in upper]
    repeated = any(one == other != "" for one, other in pairwise(cells))
    return "" in cells or repeated or any(one == other.strip() != "" for one, other in zip(cells, lower, strict=False))
