"""Reads compact dates: digits alone."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.date_names import says_day, says_month, says_number
from dataset_service.reading.columns.values.parts import (
    DAY_MILLISECONDS,
    MOMENT,
    are_plausible,
    are_years_last,
    full_years,
    moments_of,
    where,
)
from dataset_service.reading.columns.values.value_rule import Values

_TIME_DIGITS = {6: 0, 8: 0, 10: 2, 12: 4, 14: 6}
"""How many of so many digits are the time of day. Of 6, the year has two."""
_SHORT, _HOURLY = 6, 10
_NO_END = 99991231


def read_compact_moments(texts: pa.Array, name: str) -> Values:
    """Reads `20190101`, `2019010113`, `201901011330` and `20190101133000`: all of one length.

    Hours are 00 to 23 or 01 to 24, which is the next day's 00. `190101` is a date where the name says so.
    """
    nothing = Values(pa.nulls(len(texts), MOMENT))
    lengths = pc.unique(pc.binary_length(texts.drop_null())).to_pylist()
    if len(lengths) != 1 or lengths[0] not in _TIME_DIGITS or says_number(name):
        return nothing
    (length,) = lengths
    is_short, time_digits = length == _SHORT, _TIME_DIGITS[length]
    if is_short and (not says_day(name) or (name and says_month(name))):
        return nothing
    digits = pc.if_else(pc.match_substring_regex(texts, r"^[0-9]+$"), texts, pa.scalar(None, pa.string()))
    numbers = pc.fill_null(pc.cast(digits, pa.int64()), 0).to_numpy()
    days, times = np.divmod(numbers, 10**time_digits)
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    if is_short:
        if are_years_last(year, day):
            return nothing
        year = full_years(year)
    times = times * 10 ** (6 - time_digits)
    hour, minute, second = times // 10_000, times // 100 % 100, times % 100
    milliseconds = ((hour * 60 + minute) * 60 + second) * 1_000
    is_end = milliseconds == DAY_MILLISECONDS
    is_read = (minute <= 59) & (second <= 59) & (milliseconds <= DAY_MILLISECONDS)
    is_read &= are_plausible(year) | (days == _NO_END)
    if length == _HOURLY and (hour[is_read] == 0).any():  # 25 hours a day are none
        is_read &= ~is_end
    told = {"HOUR_24_READ": is_end & is_read, "YEARS_OF_TWO_DIGITS": np.full(len(texts), is_short) & is_read}
    return Values(where(is_read, moments_of(year, month, day, milliseconds)), told=told)
