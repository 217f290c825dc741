"""Answers to questions by plain pandas, to compare the engine with: the same values, and no code of the engine."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from servicekit.question import Condition, Measure, Question, Test

_WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_COMPARE = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


def column(data: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """Returns a column or the part of one that the name says; months and quarters as their first moments."""
    if name in data:
        return data[name]
    source, part = name.split(":")
    values: Any = data[source]
    if part.isdigit():
        values = values // int(part) * int(part)
    elif part in ("연월", "연분기"):
        values = values.dt.to_period("M" if part == "연월" else "Q").dt.to_timestamp()
    elif part == "요일":
        values = values.dt.day_of_week.map(dict(enumerate(_WEEKDAYS)))
    else:
        names = {"연도": "year", "분기": "quarter", "월": "month", "일": "day", "시": "hour"}
        values = getattr(values.dt, names[part])
    return pd.Series(values)


def shown(values: "pd.Series[Any]", name: str) -> list[Any]:
    """Returns values as results show them, None where missing."""
    part = name.rpartition(":")[2]
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        if part == "연월":
            texts = values.dt.strftime("%Y-%m")
        elif part == "연분기":
            texts = values.map(lambda at: f"{at.year}-Q{at.quarter}")
        else:
            texts = values.dt.strftime("%Y-%m-%d %H:%M")
        return list(texts.astype(object).where(values.notna(), None))
    if part.isdigit() and ":" in name:
        return [None if pd.isna(low) else f"{low:.0f}~{low + int(part) - 1:.0f}" for low in values]
    return list(values.astype(object).where(values.notna(), None))


def narrowed(data: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Returns the rows that a question is about, with the columns that it defines."""
    for definition in question.define:
        if definition.where:
            values = _holds(data, definition.where)
        else:
            values = sum((column(data, name) for name in definition.sum_of), start=pd.Series(0, data.index))
        data = data.assign(**{definition.name: values})
    data = data[_holds(data, question.where)]
    for word in question.search.split():
        texts: Any = data.select_dtypes(include="str").fillna("")
        data = data.loc[texts.apply(lambda text, part=word: text.str.contains(part, regex=False)).any(axis=1)]
    return data


def rows(data: pd.DataFrame, question: Question) -> list[tuple[Any, ...]]:
    """Returns the rows that `find_rows` should find."""
    data = narrowed(data, question)
    for sort in reversed(question.sort):
        values = column(data, sort.column)
        if sort.column.endswith(":요일"):
            values = values.map({day: place for place, day in enumerate(_WEEKDAYS)})
        data = data.loc[values.sort_values(ascending=not sort.descending, kind="stable", na_position="last").index]
    end = None if not question.limit else question.offset + question.limit
    data = data.iloc[question.offset : end]
    return list(zip(*(shown(column(data, name), name) for name in question.columns), strict=True))


def groups(data: pd.DataFrame, question: Question) -> dict[tuple[Any, ...], list[Any]]:
    """Returns the measures by group, without the rows of which a group is missing."""
    data = narrowed(data, question)
    keys = {name: column(data, name) for name in question.groups}
    known = pd.DataFrame(keys, index=data.index).notna().all(axis=1)
    labels = list(zip(*(shown(values[known], name) for name, values in keys.items()), strict=True))
    members: dict[tuple[Any, ...], list[Any]] = {} if keys else {(): list(data.index)}
    for label, index in zip(labels, data.index[known], strict=False):
        members.setdefault(label, []).append(index)
    return {
        label: [_measured(data.loc[index], data[known], measure) for measure in question.measures]
        for label, index in members.items()
    }


def _holds(data: pd.DataFrame, where: Sequence[Condition]) -> "pd.Series[bool]":
    holds = pd.Series(True, data.index)
    for condition in where:
        if condition.any_of:
            holds &= pd.concat([_passes(data, test) for test in condition.any_of], axis=1).any(axis=1)
        else:
            holds &= _passes(data, condition)
    return holds


def _passes(data: pd.DataFrame, test: Test) -> "pd.Series[bool]":
    values = column(data, test.column)
    if test.operator in ("missing", "present"):
        return values.isna() if test.operator == "missing" else values.notna()
    given = test.value if isinstance(test.value, tuple) else (test.value,)
    if test.operator == "between":
        low, high = (
            Test(column=test.column, operator=sign, value=end) for sign, end in zip((">=", "<="), given, strict=True)
        )
        return _passes(data, low) & _passes(data, high)
    each = [_fits(values, test.operator, one) & values.notna() for one in given]
    together = pd.concat(each, axis=1)
    return together.all(axis=1) if test.operator == "!=" else together.any(axis=1)


def _fits(values: "pd.Series[Any]", sign: str, value: Any) -> "pd.Series[bool]":
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        period = pd.Period(value)
        start, end = period.start_time, (period + 1).start_time
        inside = (values >= start) & (values < end)
        beyond = {"<": values < start, "<=": values < end, ">": values >= end, ">=": values >= start}
        return beyond.get(sign, ~inside if sign == "!=" else inside)
    if sign in ("contains", "starts_with"):
        return values.map(lambda text: str(text).startswith(value) if sign == "starts_with" else value in str(text))
    compared: pd.Series[bool] = _COMPARE[sign](values, value)
    return compared.fillna(False).astype(bool)


def _measured(rows_of_group: pd.DataFrame, all_rows: pd.DataFrame, measure: Measure) -> Any:
    if measure.measure == "count":
        return len(rows_of_group)
    if measure.measure == "share" and not measure.column:
        return 100 * len(rows_of_group) / len(all_rows) if len(all_rows) else None
    values = column(rows_of_group, measure.column)
    if measure.measure == "rate":
        below = column(rows_of_group, measure.per) if measure.per else pd.Series(1, values.index)
        both = values.notna() & below.notna()
        return _divided(measure.times * values[both].sum(), below[both].sum())
    values = values.dropna()
    if measure.measure == "unique":
        return values.nunique()
    if not len(values):
        return None
    if measure.measure == "share":
        return _divided(100 * values.sum(), column(all_rows, measure.column).sum())
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return shown(pd.Series([getattr(values, measure.measure)()]), measure.column)[0]
    if measure.measure == "percentile":
        return float(np.percentile(values.astype(float), measure.percentile or 0))
    result = getattr(values.astype(float), measure.measure)()
    return None if pd.isna(result) else float(result)


def _divided(above: float, below: float) -> float | None:
    return above / below if below else None
