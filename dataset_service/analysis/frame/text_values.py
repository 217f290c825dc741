"""Reads dates, numbers and times of day in text columns: `2016년 1월 1일 01시`, `24세`, `08:30`.

These are for columns that the CSV reader left as text because some cells hold words. The patterns mean the same to RE2
(here) and to Python's `re` (in the code of an analysis).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

DATE_PATTERN = (
    r"^ *(?P<year>[12][0-9]{3}) *[-./년] *(?P<month>[01]?[0-9]) *[-./월] *(?P<day>[0-3]?[0-9]) *[일.]?"
    r"(?:[T ] *(?P<hour>[01]?[0-9]|2[0-3]) *(?:시|:|$)"
    r"(?: *(?P<minute>[0-5]?[0-9]) *(?:분|:|$)(?: *(?P<second>[0-5]?[0-9]) *초?)?)?)? *$"
)
QUARTER_PATTERN = r"^ *[0-9]{4}[^0-9/]+[1-4]/4"
"""`2024.2/4` fits the pattern of dates, but is no 4 February."""
NUMBER_PATTERN = r"^ *(?P<number>[-+]?[0-9][0-9,]*(?:\.[0-9]+)?) *[^0-9 ,.:;~/()+-]{0,3}(?: 이상| 이하)? *$"
"""A number with an optional short unit: `1,234`, `24세`, `90세 이상`; not a time, range or address."""
CLOCK_PATTERN = r"^ *(?P<hour>[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])? *$"
_SAMPLE = 200
_LEAST_SHARE = 0.1
"""If fewer texts of the sample match, the rest is not checked."""
_NOT_A_DATE = np.datetime64("NaT", "s")


def dates_in(texts: pa.Array) -> npt.NDArray[np.datetime64]:
    """Returns each text as datetime64[s], NaT if it is not a date."""
    groups = _groups(texts, DATE_PATTERN)
    if groups is None:
        return np.full(len(texts), _NOT_A_DATE)
    year, month, day, hour, minute, second = (_integers(group) for group in groups.flatten())
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    moments = days.astype("datetime64[s]") + (hour * 3600 + minute * 60 + second)
    is_in_calendar = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    is_quarter = pc.match_substring_regex(texts, QUARTER_PATTERN).fill_null(False).to_numpy(zero_copy_only=False)
    return np.where(is_in_calendar & _is_valid(groups) & ~is_quarter, moments, _NOT_A_DATE)


def numbers_in(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Returns each text as a number, NaN if it is not one."""
    groups = _groups(texts, NUMBER_PATTERN)
    if groups is None:
        return np.full(len(texts), np.nan)
    (digits,) = groups.flatten()
    return np.asarray(pc.replace_substring(digits, ",", "").cast(pa.float64()).to_numpy(zero_copy_only=False))


def hours_in(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Returns the hour of each text, NaN if it is not a time of day."""
    groups = _groups(texts, CLOCK_PATTERN)
    if groups is None:
        return np.full(len(texts), np.nan)
    return np.where(_is_valid(groups), _integers(groups.flatten()[0]).astype(np.float64), np.nan)


def _groups(texts: pa.Array, pattern: str) -> pa.StructArray | None:
    """Returns the groups of the pattern by text, null without a match; None if it hardly ever matches."""
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    if not len(texts) or (pc.mean(pc.match_substring_regex(sample, pattern)).as_py() or 0) < _LEAST_SHARE:
        return None
    return pc.extract_regex(texts, pattern)


def _integers(digits: pa.Array) -> npt.NDArray[Any]:
    """Returns the digits as int64, 0 if there are none."""
    filled = pc.if_else(pc.equal(digits, ""), "0", digits).fill_null("0")
    return np.asarray(filled.cast(pa.int64()).to_numpy())


def _is_valid(array: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
