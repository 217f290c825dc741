"""Reads arguments that a model wrote a little differently, where only one reading is possible."""

from collections.abc import Collection, Mapping
from typing import Any, get_args

import orjson

from servicekit.question import Operator

_LISTS = frozenset({"where", "define", "any_of", "sum_of"})
_DEEPEST = 8
"""Levels of a definition with conditions; what is deeper fits no argument."""
_SIGNS = {
    "==": "= === eq is in 같음 같다 일치",
    "!=": "<> ≠ ne not not_in isnot 다름 같지_않음",
    ">": "gt 초과 큼",
    "<": "lt 미만 작음",
    ">=": "≥ gte ge 이상 부터",
    "<=": "≤ lte le 이하 까지",
    "between": "range 사이 범위 구간",
    "contains": "include includes like 포함 글자가_들어_있음",
    "starts_with": "startswith prefix 시작 로_시작 (으)로_시작",
    "missing": "null isnull is_null empty 결측 없음 비어_있음",
    "present": "notnull not_null is_not_null exists 값_있음 있음",
}
_OPERATORS = {sign: operator for operator, signs in _SIGNS.items() for sign in signs.split()}
_WITH_LISTS = ("in", "not in", "between")


def read_leniently(given: Mapping[str, Any], lists: Collection[str] = ()) -> dict[str, Any]:
    """Returns arguments with JSON sent as text read, single items as lists, operators by their sign.

    `lists` are the arguments that are lists besides those of a question. Anything else is left as it is.
    """
    return {name: _read(name, value, _LISTS | set(lists), _DEEPEST) for name, value in given.items()}


def _read(name: str, value: Any, lists: Collection[str], levels: int) -> Any:
    if isinstance(value, str) and name in {*lists, "near"}:
        value = _from_json(value)
    if isinstance(value, str) and name == "operator":
        sign = "_".join(value.lower().split())
        return value if value in get_args(Operator) else _OPERATORS.get(sign, sign)
    if name in lists and not isinstance(value, list | None):
        value = [value]
    if not levels:
        return value
    if isinstance(value, dict):
        read = {inner: _read(inner, part, lists, levels - 1) for inner, part in value.items()}
        if isinstance(read.get("value"), str) and value.get("operator") in _WITH_LISTS:
            read["value"] = _from_json(read["value"])
        return read
    if isinstance(value, list) and name != "value":
        return [_read("", part, lists, levels - 1) for part in value]
    return value


def _from_json(text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
