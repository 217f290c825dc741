"""Tells whether the texts of a column are dates that differ in precision."""

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.moments import read_moments
from dataset_service.reading.columns.values.months import read_months
from dataset_service.reading.columns.values.quarters import read_quarters
from dataset_service.reading.columns.values.years import read_years

_RULES = (read_months, read_quarters, read_years, read_moments)
_HINT = "^['‘’`]?[0-9]{2}|^[1-4]?[Qq]"
_PLAIN_YEAR = "^(?:19|20)[0-9]{2}$"


def are_mixed_dates(texts: pa.Array, name: str) -> bool:
    """Tells whether each text is a year, a quarter, a month or a day, but not all the same; nulls do not count."""
    given = texts.drop_null()
    if not pc.all(pc.match_substring_regex(given, _HINT)).as_py():
        return False
    readings = [read(given, name).cells.is_valid() for read in _RULES]
    readings.append(pc.match_substring_regex(given, _PLAIN_YEAR))
    is_date = reduce(pc.or_, readings)
    return bool(pc.all(is_date).as_py()) and not any(pc.all(reading).as_py() for reading in readings)
