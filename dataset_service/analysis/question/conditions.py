"""Conditions on one column: `사고유형 == 차대차`, `ECLO >= 5`, `사고일시 < 2019-03`, `시각 between 22:00, 05:00`.

The value is parsed as the kind of the column. A day, month, quarter or year means the whole period: `== 2019-03` is
all of March, `> 2019` begins on 2020-01-01. In a column of months, a day means its month. Of several values one must
fit; with `!=` none may.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.question.condition import (
    EQUAL,
    SYMBOLS,
    UNEQUAL,
    Condition,
    Value,
    condition,
    negated,
    one_of,
)
from dataset_service.analysis.question.fields import PartRefused
from dataset_service.analysis.question.scales import on_scale, scale_of
from dataset_service.analysis.question.text_conditions import OF_PARTS, on_text, with_part
from dataset_service.analysis.wording import KIND_NAMES, code_text, value_text
from dataset_service.reading.columns.kinds import ColumnKind

Operator = Literal["==", "!=", ">", "<", ">=", "<=", "contains"]
_YES = {"true", "t", "yes", "y", "1", "참", "예"}
_NO = {"false", "f", "no", "n", "0", "거짓", "아니오", "아니요"}
_PRESENCE = {"missing": "값 없음", "present": "값 있음"}


def condition_on(column: Column, sign: str, value: Value | Sequence[Value] | None = None) -> Condition:
    """Returns the condition. Raises `PartRefused` if the value or the operator does not fit the column."""
    values = () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)
    _check_number(column, sign, len(values))
    if sign in _PRESENCE:
        rows, test = (~column.present, "isna") if sign == "missing" else (column.present, "notna")
        return Condition(np.asarray(rows), f"df[{column.name!r}].{test}()", _PRESENCE[sign], column.rows, 0)
    if column.kind is ColumnKind.BOOLEAN:
        return _on_boolean(column, sign, values)
    if sign in OF_PARTS:
        if column.kind is ColumnKind.TEXT:
            return with_part(column, sign, values)
        others = (
            "연도나 달을 찾으려면 == 와 2019 또는 2019-03 같은 값"
            if column.kind is ColumnKind.DATE
            else "==, >=, <= 등"
        )
        raise PartRefused("operator", f"{_is_of_kind(column)}이라 {sign}를 쓸 수 없습니다. {others}을 써주세요.")
    if column.kind is ColumnKind.TEXT and not column.is_time:
        return on_text(column, sign, values)
    scale = scale_of(column, values)
    if scale is None:
        raise TypeError(f"Column of unknown kind {column.kind!r}.")
    return on_scale(scale, sign, values)


def _check_number(column: Column, sign: str, given: int) -> None:
    if sign in (EQUAL, UNEQUAL, *OF_PARTS):
        fits, wanted = given > 0, "값이 하나 이상 필요합니다"
    elif sign in _PRESENCE:
        fits, wanted = given == 0, "값을 적지 않습니다"
    elif sign == "between":
        fits, wanted = given == 2, "처음과 끝 값 두 개가 필요합니다"
    else:
        fits, wanted = given == 1, "값이 하나만 필요합니다"
    if not fits:
        raise PartRefused("value", f"{code_text(column.name)} 열의 {sign} 조건에는 {wanted}. 지금은 {given}개입니다.")


def _on_boolean(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    written = [str(value).strip().casefold().removesuffix(".0") for value in values]
    if not set(written) <= _YES | _NO:
        raise PartRefused("value", f"{_is_of_kind(column)}입니다. 값으로 true 또는 false를 적어주세요.")
    if sign not in SYMBOLS:
        raise PartRefused("operator", f"{_is_of_kind(column)}이라 == 와 != 만 쓸 수 있습니다.")
    wanted = list(dict.fromkeys(one in _YES for one in written))
    rows, code = np.isin(column.values, wanted) & column.present, f"df[{column.name!r}].isin({wanted!r})"
    if sign == UNEQUAL:
        rows, code = negated(column, rows, code)
    return condition(column, rows, code, f"{SYMBOLS[sign]} {one_of(list(map(value_text, wanted)))}")


def _is_of_kind(column: Column) -> str:
    return f"{code_text(column.name)} 열은 {KIND_NAMES[column.reading.kind]} 열"
