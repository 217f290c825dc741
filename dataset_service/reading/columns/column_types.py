"""Converts text cells to typed columns. A type applies to the whole column; otherwise all of it stays text.

Types are decided on the distinct texts of a column, not on its cells. Recognised are:

- integers and decimal fractions, also with thousands separators; `true` and `false`;
- dates with or without time as ISO 8601, with `/` or `.`, in Korean, with 오전 and 오후, and compact (`20190101`,
  `201901011330`).

Digits with leading zeros, and integers too long to be exact, are identifiers rather than numbers and stay text. A
single dash among numbers or dates is a missing value. A type that a person chose is read as far as it goes.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.warning import DatasetWarning

MOMENT = pa.timestamp("ms")

_DASHES = ("-", "–", "—")
_SAMPLE = 200
# Shares of readable values: of a sample, to read the whole column; of all values, to warn about the rest.
_SAMPLE_SHARE, _NEARLY_ALL = 0.8, 0.95
_MOST_BOOLEANS = 6
_LONGEST_GIVEN = 80
_EXACT = 2**53
_LEADING_ZERO = r"^[+-]?0[0-9xX]"
_WHOLE = r"(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
_INTEGER = rf"^[+-]?{_WHOLE}$"
_NUMBER = rf"^[+-]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?$"
_MOMENT = (
    r"^(?P<year>[0-9]{4})(?:-|/|\. ?|년 ?)(?P<month>[0-9]{1,2})(?:-|/|\. ?|월 ?)(?P<day>[0-9]{1,2})(?:일|\.)?"
    r"(?:(?:T| +)(?P<half>(?:오전|오후)?) ?(?P<hour>[0-9]{1,2})"
    r"(?:시(?: ?(?P<minute_word>[0-9]{1,2})분(?: ?(?P<second_word>[0-9]{1,2})초)?)?"
    r"|:(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?)?$"
)
# Digits of a compact date, and how many of them are the time of day.
_COMPACT_LENGTHS = {8: 0, 10: 2, 12: 4, 14: 6}
_COMPACT_YEARS = (1900, 2100)
_NO_DATE_NAME = re.compile(r"번호|코드|금액|가격|비용|인구|_id$|^id$|code|amount|price", re.IGNORECASE)


class ColumnKind(StrEnum):
    """Type of the cells of a column."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"


class TypedColumn(NamedTuple):
    """A column: its cells, its distinct values in order of appearance, and for each cell the index of its value.

    Text cells are a dictionary array, dates are timestamps in milliseconds without time zone. A missing cell is null in
    both cells and codes.
    """

    name: str
    kind: ColumnKind
    cells: pa.Array
    codes: pa.Array
    values: pa.Array
    warning: DatasetWarning | None = None


def typed(name: str, cells: pa.DictionaryArray, kind: str = "") -> TypedColumn:
    """Returns the column with the chosen `kind`; without one, with the type that fits all its cells."""
    texts = pc.utf8_trim_whitespace(cells.dictionary)
    if kind and kind != ColumnKind.TEXT:
        return _read_as(name, ColumnKind(kind), cells, texts)
    if kind or not _may_be_typed(_sample(texts)):
        return TypedColumn(name, ColumnKind.TEXT, cells, cells.indices, cells.dictionary)
    dashes = _are_dashes(texts)
    nearly: tuple[float, ColumnKind, pa.Array] | None = None
    for found, read in _READERS:
        if _share_read(read(_sample(texts), name), _sample(dashes)) < _SAMPLE_SHARE:
            continue
        values = read(texts, name)
        share = _share_read(values, dashes)
        if share == 1.0:
            return _read_column(name, found, cells, values, dashes)
        if share >= _NEARLY_ALL and (nearly is None or share > nearly[0]):
            nearly = (share, found, values)
    warning = None
    if nearly is not None:
        _, found, values = nearly
        strange = cells.dictionary.filter(pc.and_(pc.is_null(values), pc.invert(dashes)))[0].as_py()
        warning = DatasetWarning(
            "COLUMN_MIXED", column=name, given=strange[:_LONGEST_GIVEN], used=found, undo=_as_kind(name, found)
        )
    return TypedColumn(name, ColumnKind.TEXT, cells, cells.indices, cells.dictionary, warning)


def _read_as(name: str, kind: ColumnKind, cells: pa.DictionaryArray, texts: pa.Array) -> TypedColumn:
    """Returns the column as numbers, dates or the like; what cannot be read so is missing."""
    if kind in (ColumnKind.INTEGER, ColumnKind.NUMBER):
        texts = pc.replace_substring_regex(texts, r"^([+-]?)0+([0-9])", r"\1\2")
    readings = [read(texts, "") for found, read in _READERS if found is kind]
    values = min(readings, key=lambda values: values.null_count)
    is_strange = pc.and_(pc.is_null(values), pc.invert(_are_dashes(texts)))
    column = _read_column(name, kind, cells, values, pc.is_null(values))
    strange = pc.sum(is_strange.take(cells.indices)).as_py() or 0
    if strange == 0:
        return column
    undo = {"columns": {name: {"kind": None}}}
    warning = DatasetWarning("CELLS_NOT_OF_KIND", column=name, given=str(strange), used=kind, undo=undo)
    return column._replace(warning=warning)


def _as_kind(name: str, kind: ColumnKind) -> Mapping[str, Any]:
    return {"columns": {name: {"kind": str(kind)}}}


def _read_column(
    name: str, kind: ColumnKind, cells: pa.DictionaryArray, values: pa.Array, dashes: pa.Array
) -> TypedColumn:
    warning = None
    if values.null_count:
        dash = cells.dictionary.filter(dashes)[0].as_py().strip()
        undo = _as_kind(name, ColumnKind.TEXT)
        warning = DatasetWarning("CELLS_READ_AS_MISSING", column=name, given=dash, undo=undo)
    different = values.dictionary_encode()  # `1` and `1.0` are two texts but one value
    codes = different.indices.take(cells.indices)
    return TypedColumn(name, kind, different.dictionary.take(codes), codes, different.dictionary, warning)


def _may_be_typed(texts: pa.Array) -> bool:
    """Tells quickly whether the column may be typed: apart from booleans, every readable text has digits."""
    if len(texts) <= _MOST_BOOLEANS:
        return len(texts) > 0
    return bool(pc.mean(pc.match_substring_regex(texts, "[0-9]")).as_py() >= _SAMPLE_SHARE)


def _are_dashes(texts: pa.Array) -> pa.Array:
    return pc.is_in(texts, pa.array(_DASHES))


def _share_read(values: pa.Array, dashes: pa.Array) -> float:
    """Returns the share of readable texts, ignoring dashes; 0 if there are only dashes."""
    candidates = len(values) - (pc.sum(dashes).as_py() or 0)
    return (len(values) - values.null_count) / candidates if candidates else 0.0


def _sample(values: pa.Array) -> pa.Array:
    if len(values) <= _SAMPLE:
        return values
    return values.take(np.linspace(0, len(values) - 1, _SAMPLE, dtype=np.int64))


# ---- readers: convert distinct texts to values, null where a text cannot be read


def _booleans(texts: pa.Array, _name: str) -> pa.Array:
    if len(texts) > _MOST_BOOLEANS:
        return pa.nulls(len(texts), pa.bool_())
    lower = pc.utf8_lower(texts)
    is_boolean = pc.is_in(lower, pa.array(["true", "false"]))
    return pc.if_else(is_boolean, pc.equal(lower, "true"), pa.scalar(None, pa.bool_()))


def _integers(texts: pa.Array, _name: str) -> pa.Array:
    nothing = pa.nulls(len(texts), pa.int64())
    if _has_leading_zero(texts):
        return nothing
    try:
        return pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        pass
    try:
        return pc.cast(_plain_digits(texts, _INTEGER), pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits
        return nothing


def _numbers(texts: pa.Array, _name: str) -> pa.Array:
    nothing = pa.nulls(len(texts), pa.float64())
    if _has_leading_zero(texts):
        return nothing
    try:
        values = pc.cast(texts, pa.float64())
        digits = texts
    except pa.ArrowInvalid:
        digits = _plain_digits(texts, _NUMBER)
        values = pc.cast(digits, pa.float64())
    is_long = pc.greater_equal(pc.abs(values), float(_EXACT))
    if pc.any(is_long).as_py() and pc.any(pc.match_substring_regex(digits.filter(is_long), r"^[+-]?[0-9]+$")).as_py():
        return nothing
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))


def _has_leading_zero(texts: pa.Array) -> bool:
    suspects = texts.filter(pc.match_substring_regex(texts, r"^[+-]?0."))
    return bool(pc.any(pc.match_substring_regex(suspects, _LEADING_ZERO)).as_py())


def _plain_digits(texts: pa.Array, pattern: str) -> pa.Array:
    bare = pc.utf8_ltrim(pc.replace_substring(texts, ",", ""), "+")
    return pc.if_else(pc.match_substring_regex(texts, pattern), bare, pa.scalar(None, pa.string()))


def _moments(texts: pa.Array, _name: str) -> pa.Array:
    try:
        return pc.cast(texts, MOMENT)
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
    values = _from_parts(
        part("year"),
        part("month"),
        part("day"),
        hour,
        part("minute", "minute_word"),
        part("second", "second_word"),
        milliseconds,
    )
    return pc.if_else(pa.array(is_clock), values, pa.scalar(None, MOMENT))


def _compact_moments(texts: pa.Array, name: str) -> pa.Array:
    nothing = pa.nulls(len(texts), MOMENT)
    lengths = pc.unique(pc.binary_length(texts.filter(pc.invert(_are_dashes(texts))))).to_pylist()
    if len(lengths) != 1 or lengths[0] not in _COMPACT_LENGTHS or _NO_DATE_NAME.search(name):
        return nothing
    digits = pc.if_else(pc.match_substring_regex(texts, r"^[0-9]+$"), texts, pa.scalar(None, pa.string()))
    numbers = pc.fill_null(pc.cast(digits, pa.int64()), 0).to_numpy()
    time_digits = _COMPACT_LENGTHS[lengths[0]]
    days, times = np.divmod(numbers, 10**time_digits)
    times = times * 10 ** (6 - time_digits)
    year = days // 10_000
    is_likely = (year >= _COMPACT_YEARS[0]) & (year <= _COMPACT_YEARS[1])
    values = _from_parts(
        year, days // 100 % 100, days % 100, times // 10_000, times // 100 % 100, times % 100, np.zeros_like(times)
    )
    return pc.if_else(pa.array(is_likely), values, pa.scalar(None, MOMENT))


def _from_parts(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, millisecond: Any) -> pa.Array:
    is_month = (year >= 1) & (month >= 1) & (month <= 12)
    months = np.where(is_month, (year - 1970) * 12 + month - 1, 0)
    first_days = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    lengths = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - first_days
    is_moment = is_month & (day >= 1) & (day <= lengths) & (hour <= 23) & (minute <= 59) & (second <= 59)
    seconds = (first_days + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    return pa.array(seconds * 1_000 + millisecond, MOMENT, mask=~is_moment)


_READERS: tuple[tuple[ColumnKind, Callable[[pa.Array, str], pa.Array]], ...] = (
    (ColumnKind.BOOLEAN, _booleans),
    (ColumnKind.DATE, _compact_moments),
    (ColumnKind.INTEGER, _integers),
    (ColumnKind.NUMBER, _numbers),
    (ColumnKind.DATE, _moments),
)
