"""Reads integers and decimal fractions, with the signs and the unit that people write beside them.

Digits with leading zeros, and integers too long to be exact, are identifiers rather than numbers.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.name_words import may_have_leading_zeros
from dataset_service.reading.columns.values.units import LIMITS, unit_beside_number
from dataset_service.reading.columns.values.value_rule import Values

_EXACT = 2**53
# Times of day may have them: 09시.
_LEADING_ZERO, _CLOCK = r"^[+-]?0(?:[0-9][^시분초]|[0-9]$|[xX])", ("시", "분", "초")
_WHOLE = r"(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
_INTEGER = rf"^[+-]?{_WHOLE}$"
_NUMBER = rf"^[+-]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?$"
# Told at a small part of the time that it takes to read them: something beside a number, which is no date.
_MAY_BE_AMOUNT = r"^[(（]? ?[-+－＋−–△▲▽▼]? ?[₩￦\\$€]? ?[0-9０-９.．]"
_BESIDE, _BETWEEN = r"[^-+0-9.,eE]", r"[0-9](?:[-:/~]|년 ?)[0-9]"
_AMOUNT = (
    r"^(?P<open>[(（]?) ?(?P<sign>[-+－＋−–△▲▽▼]?) ?(?P<currency>[₩￦\\$€]?) ?"
    r"(?P<digits>[0-9０-９.．,，]+(?:[eE][+-]?[0-9]{1,3})?) ?(?P<unit>(?:[^0-9０-９()（）.,~\s][^()（）]{0,9}?)??)"
    r" ?(?P<bound>(?:이상|이하)?)(?P<close>[)）]?)$"
)
_MINUS, _UP, _DOWN = ("-", "－", "−", "–"), ("△", "▲"), ("▽", "▼")
TOLD_OF_TEXT = frozenset({"UNITS_MIXED", "SIGNS_UNCLEAR"})
"""Told of texts that are no numbers because of the others: their units differ, their triangles may point up."""

_MOST_UNITS, _MOST_BEYOND = 20, 0.1
_DECADE = 10


def read_integers(texts: pa.Array, name: str) -> Values:
    """Reads integers of at most 64 bits with one unit for all; none with leading zeros, parts of dates apart."""
    return _read(texts, name, pa.int64(), _INTEGER)


def read_numbers(texts: pa.Array, name: str) -> Values:
    """Reads decimal fractions with one unit for all; no integers too long to be exact."""
    values = _read(texts, name, pa.float64(), _NUMBER)
    is_long = pc.fill_null(pc.greater_equal(pc.abs(values.cells), float(_EXACT)), False)
    if pc.any(is_long).as_py() and not pc.all(pc.match_substring_regex(texts.filter(is_long), r"[.eE]")).as_py():
        return Values(pa.nulls(len(texts), pa.float64()))
    return values._replace(cells=pc.if_else(pc.is_finite(values.cells), values.cells, pa.scalar(None, pa.float64())))


def _read(texts: pa.Array, name: str, kind: pa.DataType, pattern: str) -> Values:
    nothing = Values(pa.nulls(len(texts), kind))
    if _has_leading_zero(texts) and not may_have_leading_zeros(name, texts):
        return nothing
    try:
        return Values(pc.cast(texts, kind))
    except pa.ArrowInvalid:
        pass
    try:
        digits = _plain_digits(texts, pattern)
        if _have_amounts(texts.filter(pc.is_null(digits))):
            return _read_amounts(texts, digits, kind, pattern)
        return Values(pc.cast(digits, kind))
    except pa.ArrowInvalid:  # beyond 64 bits
        return nothing


def _has_leading_zero(texts: pa.Array) -> bool:
    suspects = texts.filter(pc.match_substring_regex(texts, r"^[+-]?0."))
    return bool(pc.any(pc.match_substring_regex(suspects, _LEADING_ZERO)).as_py())


def _plain_digits(texts: pa.Array, pattern: str) -> pa.Array:
    bare = pc.utf8_ltrim(pc.replace_substring(texts, ",", ""), "+")
    return pc.if_else(pc.match_substring_regex(texts, pattern), bare, pa.scalar(None, pa.string()))


# ---- numbers with something beside them


def _have_amounts(texts: pa.Array) -> bool:
    for pattern in (_MAY_BE_AMOUNT, _BESIDE):
        texts = texts.filter(pc.match_substring_regex(texts, pattern))
    return bool(pc.any(pc.invert(pc.match_substring_regex(texts, _BETWEEN))).as_py())


def _read_amounts(texts: pa.Array, plain: pa.Array, kind: pa.DataType, pattern: str) -> Values:
    """Reads the texts that are no plain digits as well, as far as all of them can be read in one way."""
    is_strange = pc.and_(pc.is_null(plain), pc.is_valid(texts))
    parts = pc.extract_regex(texts.filter(is_strange), _AMOUNT)
    rows = np.flatnonzero(is_strange)

    def part(name: str) -> pa.Array:
        return pc.fill_null(pc.struct_field(parts, name), "")

    def anywhere(flags: Any) -> Any:
        spread = np.zeros(len(texts), bool)
        spread[rows] = flags
        return spread

    written = pc.utf8_normalize(part("digits"), "NFKC")
    without_zero = pc.replace_substring_regex(written, "^0([0-9])$", r"\1")
    digits = _plain_digits(pc.if_else(pc.is_in(part("unit"), pa.array(_CLOCK)), without_zero, written), pattern)
    minus = _signs(part, plain.drop_null())
    signed = pc.binary_join_element_wise(pc.if_else(pa.array(minus.is_minus), "-", ""), digits, "")
    literals = pc.replace_with_mask(plain, is_strange, pc.if_else(pa.array(minus.is_clear), signed, None))
    cells = pc.cast(literals, kind)
    numbers = pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False)
    unit, has_unit, is_other, is_mixed = _common_unit(part, numbers, rows)
    is_bound, is_strange_bound = _bounds(part, numbers, rows)
    is_unread = is_other | is_strange_bound | (_is_no_amount(unit, numbers[has_unit]) & has_unit)
    cells = pc.if_else(pa.array(is_unread), pa.scalar(None, kind), cells)
    told = {
        "SIGNS_READ_AS_MINUS": anywhere(minus.is_told & minus.is_clear),
        "BOUNDS_READ_AS_NUMBERS": is_bound,
        "UNITS_MIXED": is_mixed,
        "SIGNS_UNCLEAR": anywhere(minus.is_triangle & ~minus.is_clear & _flags(pc.is_valid(digits))),
    }
    return Values(cells, unit, told={reason: are_told for reason, are_told in told.items() if are_told.any()})


class _Signs(NamedTuple):
    """For each text, whether it is negative, that is clear, people should be told, and there is a triangle."""

    is_minus: Any
    is_clear: Any
    is_told: Any
    is_triangle: Any


def _signs(part: Callable[[str], pa.Array], plain: pa.Array) -> _Signs:
    """Reads signs: a triangle is a minus, as in budgets, but pairs such as ▲ and ▼ are up and down.

    It is not clear if there are other signs. Brackets are a minus where not all texts have them.
    """
    signs, opened = part("sign"), _flags(pc.not_equal(part("open"), ""))
    used = set(pc.unique(signs).to_pylist())
    is_minus, is_down, is_up = (_flags(pc.is_in(signs, pa.array(some))) for some in (_MINUS, _DOWN, _UP))
    is_clear = opened == _flags(pc.not_equal(part("close"), ""))
    is_clear &= ~(opened & (is_minus | is_down | is_up))
    if opened.all() and not len(plain):
        is_clear[:] = False
    triangles = used.intersection((*_UP, *_DOWN))
    points_both_ways = triangles in ({"△", "▽"}, {"▲", "▼"})
    if not points_both_ways and (len(triangles) > 1 or is_minus.any() or pc.any(pc.starts_with(plain, "-")).as_py()):
        is_clear &= ~(is_up | is_down)
    is_told = is_down | opened if points_both_ways else is_up | is_down | opened
    return _Signs(is_minus | is_told, is_clear, is_told, is_up | is_down)


def _common_unit(part: Callable[[str], pa.Array], numbers: Any, rows: Any) -> tuple[str, Any, Any, Any]:
    """Returns the unit of most texts; whether each has it, has it not, and has another. Zero needs none."""
    written = pc.binary_join_element_wise(part("currency"), part("unit"), "").dictionary_encode()
    names = [""]
    codes = np.zeros(len(numbers), np.int64)
    if len(written.dictionary) <= _MOST_UNITS:
        found = [_unit_of(text) for text in written.dictionary.to_pylist()]
        names = list(dict.fromkeys(["", *(unit for unit in found if unit is not None)]))
        codes[rows] = np.array([-1 if unit is None else names.index(unit) for unit in found])[written.indices]
    else:
        codes[rows] = -1
    counted = codes[~np.isnan(numbers) & (codes >= 0) & ((numbers != 0) | (codes > 0))]
    common = int(np.argmax(np.bincount(counted, minlength=1)))
    has_unit = codes == common
    return names[common], has_unit, ~has_unit & ((numbers != 0) | (codes != 0)), ~has_unit & (codes > 0) & (common > 0)


def _unit_of(text: str) -> str | None:
    """Returns the unit of what is beside a number, empty text for nothing, None for what is no unit."""
    if text[:1] in ("₩", "￦", "\\", "$", "€"):
        unit = unit_beside_number(text[0])
        return unit if text[1:] in ("", unit) else None
    return unit_beside_number(text) or None if text else ""


def _bounds(part: Callable[[str], pa.Array], numbers: Any, rows: Any) -> tuple[Any, Any]:
    """Tells which texts are the bound of nearly all, such as `90세 이상`, and which are one among others."""
    bounds = np.zeros(len(numbers), np.int64)
    bounds[rows] = _flags(pc.equal(part("bound"), "이상")).astype(np.int64) - _flags(pc.equal(part("bound"), "이하"))
    is_bound = bounds != 0
    are_numbers = ~np.isnan(numbers)
    for direction in (1, -1):
        (which,) = np.nonzero(bounds == direction)
        is_clear = len(which) == 1 and are_numbers.sum() > (bounds != 0).sum()
        if not is_clear or (direction * (numbers - numbers[which]) > 0).sum() > _MOST_BEYOND * are_numbers.sum():
            is_bound[which] = False
    return is_bound, (bounds != 0) & ~is_bound


def _is_no_amount(unit: str, numbers: Any) -> bool:
    """Tells whether numbers with a unit are something else: `2019년` is a date, `20대` the age of people."""
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return False
    if unit == "대" and (numbers % _DECADE == 0).all() and numbers.max() < _DECADE**2:
        return True
    least, most = LIMITS.get(unit, (-np.inf, np.inf))
    return bool(numbers.min() < least or numbers.max() > most)


def _flags(array: pa.Array) -> Any:
    return array.to_numpy(zero_copy_only=False)
