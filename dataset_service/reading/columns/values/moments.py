"""Reads dates with or without time."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.value_rule import Values

MOMENT = pa.timestamp("ms")

_MOMENT = (
    r"^(?P<year>[0-9]{4})(?:-|/|\. ?|년 ?)(?P<month>[0-9]{1,2})(?:-|/|\. ?|월 ?)(?P<day>[0-9]{1,2})(?:일|\.)?"
    r"(?:(?:T| +)(?P<half>(?:오전|오후)?) ?(?P<hour>[0-9]{1,2})"
    r"(?:시(?: ?(?P<minute_word>[0-9]{1,2})분(?: ?(?P<second_word>[0-9]{1,2})초)?)?"
    r"|:(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?)?$"
)


def read_moments(texts: pa.Array, _name: str) -> Values:
    """Reads dates with or without time as ISO 8601, with `/` or `.`, in Korean, with 오전 and 오후."""
    try:
        return Values(pc.cast(texts, MOMENT))
    except pa.ArrowInvalid:
        pass
    parts = pc.extract_regex(texts, _MOMENT)

    def part(*names: str) -> Any:
        found = pc.binary_join_element_wise(*(pc.struct_field(parts, name) for name in names), "")
        return pc.cast(pc.utf8_lpad(pc.fill_null(found, ""), 1, "0"), pa.int64()).to_numpy()

    half = pc.fill_null(pc.struct_field(parts, "half"), "")
    is_afternoon = pc.equal(half, "오후").to_numpy(zero_copy_only=False)
    is_half = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
    hour = part("hour")
    is_clock = ~is_half | ((hour >= 1) & (hour <= 12))
    hour = np.where(is_half, hour % 12 + 12 * is_afternoon, hour)
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, "fraction"), ""), 3, "0"), 0, 3)
    milliseconds = pc.cast(fraction, pa.int64()).to_numpy()
    values = moments_from_parts(
        part("year"),
        part("month"),
        part("day"),
        hour,
        part("minute", "minute_word"),
        part("second", "second_word"),
        milliseconds,
    )
    return Values(pc.if_else(pa.array(is_clock), values, pa.scalar(None, MOMENT)))


def moments_from_parts(
    year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, millisecond: Any
) -> pa.Array:
    """Returns the moments of these numbers, null where they are none of the calendar."""
    is_month = (year >= 1) & (month >= 1) & (month <= 12)
    months = np.where(is_month, (year - 1970) * 12 + month - 1, 0)
    first_days = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    lengths = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - first_days
    is_moment = is_month & (day >= 1) & (day <= lengths) & (hour <= 23) & (minute <= 59) & (second <= 59)
    seconds = (first_days + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    return pa.array(seconds * 1_000 + millisecond, MOMENT, mask=~is_moment)
