"""Reads integers and decimal fractions.

Digits with leading zeros, and integers too long to be exact, are identifiers rather than numbers.
"""

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.value_rule import Values

_EXACT = 2**53
_LEADING_ZERO = r"^[+-]?0[0-9xX]"
_WHOLE = r"(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
_INTEGER = rf"^[+-]?{_WHOLE}$"
_NUMBER = rf"^[+-]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?$"


def read_integers(texts: pa.Array, _name: str) -> Values:
    """Reads integers, also with thousands separators; none with leading zeros or beyond 64 bits."""
    nothing = Values(pa.nulls(len(texts), pa.int64()))
    if _has_leading_zero(texts):
        return nothing
    try:
        return Values(pc.cast(texts, pa.int64()))
    except pa.ArrowInvalid:
        pass
    try:
        return Values(pc.cast(_plain_digits(texts, _INTEGER), pa.int64()))
    except pa.ArrowInvalid:  # beyond 64 bits
        return nothing


def read_numbers(texts: pa.Array, _name: str) -> Values:
    """Reads decimal fractions, also with thousands separators; no integers too long to be exact."""
    nothing = Values(pa.nulls(len(texts), pa.float64()))
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
    return Values(pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64())))


def _has_leading_zero(texts: pa.Array) -> bool:
    suspects = texts.filter(pc.match_substring_regex(texts, r"^[+-]?0."))
    return bool(pc.any(pc.match_substring_regex(suspects, _LEADING_ZERO)).as_py())


def _plain_digits(texts: pa.Array, pattern: str) -> pa.Array:
    bare = pc.utf8_ltrim(pc.replace_substring(texts, ",", ""), "+")
    return pc.if_else(pc.match_substring_regex(texts, pattern), bare, pa.scalar(None, pa.string()))
