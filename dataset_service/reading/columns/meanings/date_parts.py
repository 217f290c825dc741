"""Tells years, months, days and hours: whole numbers that are parts of dates."""

from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.columns.meanings.facts import Facts
from dataset_service.reading.columns.values.name_words import PARTS_OF_DATES, named_part_of_dates
from dataset_service.reading.columns.values.units import HOUR, MONTH

_OF_UNIT = {HOUR: Meaning.HOUR, MONTH: Meaning.MONTH}


def find_date_part(facts: Facts) -> Meaning | None:
    """Returns what part of dates the numbers are, by name or unit and by their range."""
    if not facts.is_number:
        return None
    if facts.unit:
        return _OF_UNIT.get(facts.unit)
    part = named_part_of_dates(facts.name)
    return part if part and facts.is_within(*PARTS_OF_DATES[part][1:]) and facts.are_whole else None
