"""Reads months."""

from typing import Any

import numpy as np
import pyarrow as pa

from dataset_service.reading.columns.kinds import Precision
from dataset_service.reading.columns.values.date_names import says_day, says_month, says_number
from dataset_service.reading.columns.values.parts import YEAR, are_plausible, find_parts, moments_of, unread, where
from dataset_service.reading.columns.values.value_rule import Values

_MONTH = rf"^{YEAR}(?P<sign>-|/|\.| *년|-?M|)(?P<space> *)(?P<month>[0-9]{{1,2}})(?P<end>\.| *월)?$"
_HINT = "^[0-9]{4}(?:[^0-9]|[0-9]{2}$)|^['‘’`]|월"
_ENOUGH = 6
"""So many different numbers are hardly all months by chance."""


def read_months(texts: pa.Array, name: str) -> Values:
    """Reads `2020-12`, `2020/12`, `2020. 12.`, `2020년 12월`, `24.12월`, `'24.12`, `202012` and `2020.12`.

    The last two are numbers as well, and `2020-1` might be a term: see `_are_no_halves_of_numbers`, `_are_no_terms`.
    """
    parts = find_parts(texts, _MONTH, _HINT)
    if parts is None:
        return unread(texts)
    year, is_short = parts.years()
    month, is_padded = parts.numbers("month"), parts.lengths("month") == 2
    is_named = says_month(name) or says_day(name)
    has_space, is_bare = parts.have("space"), ~parts.have("end", "space")
    in_words = parts.lengths("end") > 1
    in_words &= parts.have("sign") | has_space
    dotted = parts.are("sign", ".") & (parts.are("end", ".") | (has_space & ~parts.have("end")))
    dashed = is_bare & parts.are("sign", "-", "/", "M", "-M")
    numeric = is_bare & (parts.are("sign", ".") | (parts.are("sign", "") & is_padded))
    is_month = are_plausible(year) & (month >= 1) & (month <= 12)
    is_read = in_words | (dotted & ~is_short) | (is_short & parts.have("mark") & is_padded)
    if is_named or _are_no_terms(name, year[dashed], month[dashed], is_padded[dashed]):
        is_read |= dashed & ~is_short
    numeric &= ~is_short
    is_sure = is_named and _are_no_halves_of_numbers(parts.words("month").filter(pa.array(numeric)))
    are_many = int((numeric & is_month & is_padded).sum()) == len(texts) - texts.null_count >= _ENOUGH
    if (is_sure or are_many) and not says_number(name):
        is_read |= numeric
    is_read &= is_month
    told = {"YEARS_OF_TWO_DIGITS": is_short & is_read, "MONTHS_GUESSED": numeric & is_read & (not is_sure)}
    return Values(where(is_read, moments_of(year, month, np.ones_like(month))), precision=Precision.MONTH, told=told)


def _are_no_terms(name: str, year: Any, month: Any, is_padded: Any) -> bool:
    """Tells whether `2020-1` and the like are months without a name that says so.

    They might be the first term or a number of that year; `2010-11` and `2011-12` might be seasons.
    """
    if says_number(name) or not len(month):
        return False
    are_seasons = len(month) > 1 and bool((month == (year + 1) % 100).all())
    return not are_seasons and bool(is_padded.all() or (month > 9).any())


def _are_no_halves_of_numbers(months: pa.Array) -> bool:
    """Tells whether the digits behind a point are months as they were: `2020.1` may be left of `2020.10`."""
    written = set(months.to_pylist())
    ones = {month for month in written if len(month) == 1}
    return not ones or (("10" in written or ones != {"1"}) and not any(month.startswith("0") for month in written))
