"""Finds the row of units below the names."""

import re

from dataset_service.reading.columns.values.units import find_unit
from dataset_service.reading.regions.looks import Look, Looks, look_of
from dataset_service.reading.regions.names import join_names

_OTHER_UNITS = re.compile(
    r"\(.{1,12}\)|\[.{1,12}\]|단위|도|"
    r"(?i:deg(?:rees?)?(?: ?[cf])?|met(?:re|er)s?(?:/s(?:econd)?)?|feet|ft|miles|mph|knots|volts?|amps?|watts?|"
    r"m?bar|w/m2|hours?|days|persons|percent|per cent|[£$€]m?|[0-9]{1,3}[dns])"  # 15s: the width and type of a column
)
_UNIT_WORD = re.compile(r"[\[(]?(?:단위|units?)[\])]?:?", re.IGNORECASE)
_HALF = 0.5


def find_unit_rows(looks: Looks, header_rows: int) -> int:
    """Returns 1 if units follow the names, else 0."""
    if header_rows == 0 or header_rows + 1 >= len(looks.rows):
        return 0
    row, names = looks.rows[header_rows], join_names(looks.rows[:header_rows], looks.width)
    # A name again is a cell that was merged with the one above.
    given = {
        column: cell.strip()
        for column, cell in enumerate(row)
        if look_of(cell) is not Look.BLANK and [cell.strip()] != [name.strip() for name in names[column : column + 1]]
    }
    if any(look_of(cell) is not Look.TEXT for cell in given.values()) or not given:
        return 0
    if _UNIT_WORD.fullmatch(next(iter(given.values()))) and len(given) > 1:
        return 1
    units = [column for column, cell in given.items() if find_unit(cell) or _OTHER_UNITS.fullmatch(cell)]
    named = [names[column].strip() for column in units if column < len(names)]
    if len(named) > len(set(named)):  # one name for several columns, which the row tells apart
        return 0
    valued = [column for column in given if column < looks.width and looks.columns[column] is not Look.TEXT]
    return int(len(units) > _HALF * len(given) and sum(column in units for column in valued) > _HALF * len(valued))
