"""Reads years in words; digits alone are integers."""

import pyarrow as pa

from dataset_service.reading.columns.kinds import Precision
from dataset_service.reading.columns.values.date_names import says_year
from dataset_service.reading.columns.values.parts import YEAR, are_plausible, find_parts, moments_of, unread, where
from dataset_service.reading.columns.values.value_rule import Values

_YEAR = rf"^{YEAR}(?:(?P<word> *년)(?P<end>도)?)?$"
_FIRST, _LAST = 1000, 2999


def read_years(texts: pa.Array, name: str) -> Values:
    """Reads `2019년`, `2019년도`, `19년도`, `'19년`, and `19년` where the name says years: it may be a duration.

    `2019` alone is one only where dates are chosen.
    """
    parts = find_parts(texts, _YEAR, "년" if name else "^[0-9]{4}")
    if parts is None:
        return unread(texts)
    year, is_short = parts.years()
    is_read = (year >= _FIRST) & (year <= _LAST)
    is_read &= parts.have("word") if name else are_plausible(year)
    is_read &= ~is_short | parts.have("mark") | parts.have("end") | says_year(name)
    cells = where(is_read, moments_of(year, year * 0 + 1, year * 0 + 1))
    return Values(cells, precision=Precision.YEAR, told={"YEARS_OF_TWO_DIGITS": is_short & is_read})
