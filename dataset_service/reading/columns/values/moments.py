"""Reads dates with or without time."""

import re
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.clocks import CLOCK, Clocks, read_clocks
from dataset_service.reading.columns.values.date_names import says_day, says_number
from dataset_service.reading.columns.values.parts import (
    MOMENT,
    YEAR,
    Parts,
    are_years_last,
    find_parts,
    moments_of,
    unread,
    where,
)
from dataset_service.reading.columns.values.value_rule import Values

_WEEKDAYS = "월화수목금토일"
_ZONE = (
    r"(?P<zone>Z|KST|(?:UTC|GMT)?(?P<sign>[+-])(?P<zone_hour>[0-9]{1,2})(?::?(?P<zone_minute>[0-9]{2}))?|UTC|GMT)"
    r"(?:\[[A-Za-z/_]+\])?"
)
_MOMENT = (
    rf"^{YEAR}(?P<first>-|/|\. *| *년 *|)(?P<month>[0-9]{{1,2}})(?P<second_mark>-|/|\. *| *월 *|)(?P<day>[0-9]{{1,2}})"
    rf"(?P<end> *일|\.)?(?: ?[(\[]?(?P<weekday>[{_WEEKDAYS}])(?:요일)?[)\]]?)?"
    rf"(?:(?P<gap>T| *){CLOCK}(?: ?{_ZONE})?)?$"
)
_HINT = "^['‘’`]?[0-9]{2}(?:[0-9]{2})?(?:[-/.년 ]|[0-9]{4}[T ])"
_SEOUL, _SEOUL_MINUTES = "+09:00", 540
_PLAIN = re.compile(r"[0-9]{4}(?P<sign>[-/.])[0-9]{2}(?P=sign)[0-9]{2}(?:[ T][0-9:.]+(?P<zone>\+09:00)?)?$")
_MOST_ZONE_MINUTES = 14 * 60


def read_moments(texts: pa.Array, name: str) -> Values:
    """Reads dates with or without time as ISO 8601, with `/` or `.`, in Korean, with 오전 and 오후, AM and PM.

    24:00 is the next day's 00:00. Years may have two digits in all texts. Moments of other zones become those of Seoul.
    """
    plain = _read_quickly(texts)
    if plain is not None:
        return Values(plain)
    parts = find_parts(texts, _MOMENT, _HINT)
    if parts is None:
        return unread(texts)
    clocks = read_clocks(parts)
    year, is_short = parts.years()
    month, day = parts.numbers("month"), parts.numbers("day")
    is_read = _are_whole(parts, clocks) & clocks.are_possible
    minutes_to_seoul, has_zone, is_zone = _zones(parts, clocks)
    is_read &= is_zone
    if (has_zone & (minutes_to_seoul != 0)).any():  # then moments without a zone might be of any
        is_read &= has_zone | ~clocks.are_told
    if is_short.any() and not _are_short_years(parts, name, is_short, year, day):
        is_read &= ~is_short
    if parts.have("weekday").any():
        is_read &= _have_their_weekdays(moments_of(year, month, day), parts)
    moments = moments_of(year, month, day, clocks.milliseconds + minutes_to_seoul * 60_000)
    told = {
        "HOUR_24_READ": clocks.end_days & is_read,
        "ZONE_CONVERTED": has_zone & (minutes_to_seoul != 0) & is_read,
        "YEARS_OF_TWO_DIGITS": is_short & is_read,
    }
    return Values(where(is_read, moments), told=told)


def _read_quickly(texts: pa.Array) -> pa.Array | None:
    """Returns the moments if all are as ISO 8601 has them, also with `/` or `.` between, or with Seoul's offset."""
    first = _PLAIN.match("".join(texts.drop_null().slice(0, 1).to_pylist()))
    if first is None:  # failing to cast takes longer than reading
        return None
    if first["zone"] and pc.all(pc.ends_with(texts, _SEOUL)).as_py():
        texts = pc.utf8_slice_codeunits(texts, 0, -len(_SEOUL))
    if first["sign"] != "-":
        texts = pc.replace_substring(texts, first["sign"], "-")
    with suppress(pa.ArrowInvalid):
        return pc.cast(texts, MOMENT)
    return None


def _are_whole(parts: Parts, clocks: Clocks) -> Any:
    """Tells which texts have the same sign between all numbers, and one between day and time."""
    first = pc.utf8_trim_whitespace(parts.words("first"))
    second = pc.replace_substring(pc.utf8_trim_whitespace(parts.words("second_mark")), "월", "년")
    is_alike = pc.equal(first, second).to_numpy(zero_copy_only=False)
    is_compact = parts.are("first", "")
    is_eight = (parts.lengths("year") == 4) & (parts.lengths("month") == 2) & (parts.lengths("day") == 2)
    is_apart = parts.have("gap") | parts.have("weekday") | parts.have("before")
    is_apart |= pc.match_substring(parts.words("end"), "일").to_numpy(zero_copy_only=False)
    return is_alike & (~is_compact | (is_eight & clocks.are_told)) & (~clocks.are_told | is_apart)


def _zones(parts: Parts, clocks: Clocks) -> tuple[Any, Any, Any]:
    """Returns the minutes from the zone of each text to Seoul, which have a zone, and which zones can be.

    `09:00-10:00` is from nine to ten: an offset to the west needs a T or seconds.
    """
    has_zone, is_west = parts.have("zone"), parts.are("sign", "-")
    minutes = parts.numbers("zone_hour") * 60 + parts.numbers("zone_minute")
    is_possible = ~has_zone | (clocks.have_minutes & (minutes <= _MOST_ZONE_MINUTES))
    is_possible &= ~is_west | parts.are("gap", "T") | clocks.have_seconds
    offset = np.where(parts.are("zone", "KST"), _SEOUL_MINUTES, np.where(is_west, -minutes, minutes))
    return np.where(has_zone, _SEOUL_MINUTES - offset, 0), has_zone, is_possible


def _are_short_years(parts: Parts, name: str, is_short: Any, year: Any, day: Any) -> bool:
    """Tells whether two digits in front are years: as such differ less than days, and are no part of a code."""
    if says_number(name) or are_years_last(year[is_short], day[is_short]):
        return False
    is_plain = parts.are("first", "-", "/", ".") & (parts.lengths("mark") == 0)
    is_padded = (parts.lengths("month") == 2) & (parts.lengths("day") == 2)
    return bool(np.all(~is_short | ~is_plain | is_padded)) or says_day(name)


def _have_their_weekdays(days: pa.Array, parts: Parts) -> Any:
    """Tells which days are of the weekday beside them; those without one are."""
    weekday = pc.index_in(parts.words("weekday"), pa.array(list(_WEEKDAYS)))
    return pc.fill_null(pc.equal(pc.day_of_week(days), weekday), True).to_numpy(zero_copy_only=False)
