"""Reads compact dates: digits alone."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.moments import MOMENT, moments_from_parts
from dataset_service.reading.columns.values.value_rule import Values

# Digits of a compact date, and how many of them are the time of day.
_COMPACT_LENGTHS = {8: 0, 10: 2, 12: 4, 14: 6}
_COMPACT_YEARS = (1900, 2100)
_NO_DATE_NAME = re.compile(r"번호|코드|금액|가격|비용|인구|_id$|^id$|code|amount|price", re.IGNORECASE)


def read_compact_moments(texts: pa.Array, name: str) -> Values:
    """Reads `20190101`, `2019010113`, `201901011330` and `20190101133000`: all of one length."""
    nothing = Values(pa.nulls(len(texts), MOMENT))
    lengths = pc.unique(pc.binary_length(texts.drop_null())).to_pylist()
    if len(lengths) != 1 or lengths[0] not in _COMPACT_LENGTHS or _NO_DATE_NAME.search(name):
        return nothing
    digits = pc.if_else(pc.match_substring_regex(texts, r"^[0-9]+$"), texts, pa.scalar(None, pa.string()))
    numbers = pc.fill_null(pc.cast(digits, pa.int64()), 0).to_numpy()
    time_digits = _COMPACT_LENGTHS[lengths[0]]
    days, times = np.divmod(numbers, 10**time_digits)
    times = times * 10 ** (6 - time_digits)
    year = days // 10_000
    is_likely = (year >= _COMPACT_YEARS[0]) & (year <= _COMPACT_YEARS[1])
    values = moments_from_parts(
        year, days // 100 % 100, days % 100, times // 10_000, times // 100 % 100, times % 100, np.zeros_like(times)
    )
    return Values(pc.if_else(pa.array(is_likely), values, pa.scalar(None, MOMENT)))
