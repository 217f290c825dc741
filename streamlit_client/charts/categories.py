"""Parts of dates, periods and times of day as categories in their order, and not as numbers or moments."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column
from streamlit_client.charts.column_charts import label_bars
from streamlit_client.charts.style import PlainFigure
from streamlit_client.charts.time_charts import bars

_MOST_GAPS = 400
"""Periods that do not occur have a place between others, unless there are more than this."""

_MOST_NAMED = 8  # bars with a name below them


class _Kind(NamedTuple):
    """The number and the text of each value, and the numbers that have a place in any case."""

    number: Callable[[pd.Series], pd.Series]
    text: Callable[[int], str]
    always: tuple[int, ...] = ()


_PARTS = {
    "year": _Kind(lambda years: years, lambda year: texts_explore.YEAR_VALUE.format(year=year)),
    "month": _Kind(lambda months: months, lambda month: texts_explore.MONTH_VALUE.format(month=month), (1, 12)),
    "day": _Kind(lambda days: days, lambda day: texts_explore.DAY_VALUE.format(day=day), (1, 31)),
    "hour": _Kind(lambda hours: hours, lambda hour: texts_explore.HOUR_VALUE.format(hour=hour), (0, 23)),
}
_TIME = _PARTS["hour"]._replace(number=lambda times: pd.to_numeric(times.astype("string").str[:2]))
_PERIODS = {
    "year": _PARTS["year"]._replace(number=lambda moments: moments.dt.year),
    "quarter": _Kind(
        lambda moments: moments.dt.year * 4 + moments.dt.quarter - 1,
        lambda number: texts_explore.QUARTER_VALUE.format(year=number // 4, quarter=number % 4 + 1),
    ),
    "month": _Kind(
        lambda moments: moments.dt.year * 12 + moments.dt.month - 1,
        lambda number: texts_explore.MONTH_OF_YEAR_VALUE.format(year=number // 12, month=number % 12 + 1),
    ),
}


def has_order(column: Column) -> bool:
    """Whether `as_categories` gives the values of a column an order."""
    return _find_kind(column) is not None


def hours_of(values: pd.Series, column: Column) -> pd.Series:
    """Returns the hours of times of day, or of a column of hours, as floating-point numbers."""
    numbers: pd.Series = (_TIME if column.type == "time" else _PARTS["hour"]).number(values).astype("float64")
    return numbers


def as_categories(values: pd.Series, column: Column) -> pd.Series:
    """Returns parts of dates and periods as ordered categories, `3월` or `2024년 1분기`, and times of day as hours.

    Other values are returned as they are.
    """
    kind = _find_kind(column)
    if kind is None or not values.notna().any():
        return values
    numbers = kind.number(values).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.unique(numbers[np.isfinite(numbers)]).astype(np.int64)
    first, last = min((*kind.always, int(known[0]))), max((*kind.always, int(known[-1])))
    places = np.arange(first, last + 1) if last - first <= len(known) + _MOST_GAPS else known
    codes = np.where(np.isfinite(numbers), np.searchsorted(places, np.nan_to_num(numbers)), -1).astype(np.int64)
    labels = pd.Index([kind.text(int(place)) for place in places])
    return pd.Series(pd.Categorical.from_codes(codes, labels, ordered=True), values.index, name=values.name)


def count_bars(values: pd.Series, column: Column) -> PlainFigure:
    """Draws how often values occur: in their order if they have one, or else the most frequent ones."""
    counted = as_categories(values, column)
    if not has_order(column):
        return label_bars(counted)
    counts = counted.value_counts(sort=False)
    return bars(counts.index.tolist(), counts.tolist(), x=column.title, every=math.ceil(len(counts) / _MOST_NAMED))


def _find_kind(column: Column) -> _Kind | None:
    if column.type == "time":
        return _TIME
    if column.precision is not None:
        return _PERIODS[column.precision]
    return _PARTS.get(column.meaning or "") if column.type == "integer" else None
