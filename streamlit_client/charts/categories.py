"""Parts of dates, periods and times of day as categories in their order, and not as numbers or moments."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile, Scalar

_MOST_GAPS = 400
"""Periods that do not occur have a place between others, unless there are more than this."""


class _Kind(NamedTuple):
    """The number and the text of each value, and the numbers that have a place in any case."""

    number: Callable[[pd.Series], pd.Series]
    text: Callable[[int], str]
    always: tuple[int, ...] = ()


_PARTS = {
    "year": _Kind(lambda years: years, lambda year: texts_explore.YEAR_VALUE.format(year=year)),
    "month": _Kind(lambda months: months, lambda month: texts_explore.MONTH_VALUE.format(month=month), (1, 12)),
    "quarter": _Kind(
        lambda quarters: quarters, lambda quarter: texts_explore.QUARTER_OF_YEAR_VALUE.format(quarter=quarter), (1, 4)
    ),
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

_DERIVED: Mapping[str, Mapping[str, str]] = {
    texts_explore.YEARS: {"type": "integer", "meaning": "year"},
    texts_explore.QUARTERS: {"type": "integer", "meaning": "quarter"},
    texts_explore.MONTHS: {"type": "integer", "meaning": "month"},
    texts_explore.DAYS: {"type": "integer", "meaning": "day"},
    texts_explore.HOURS: {"type": "integer", "meaning": "hour"},
    texts_explore.YEAR_MONTHS: {"type": "date", "precision": "month"},
    texts_explore.YEAR_QUARTERS: {"type": "date", "precision": "quarter"},
}
"""What is known of the parts of dates, by their names."""


def has_order(column: Column) -> bool:
    """Whether `as_categories` gives the values of a column an order."""
    return _find_kind(column) is not None


class Places(NamedTuple):
    """The labels of an axis, and the place of each value among them."""

    labels: list[str]
    places: npt.NDArray[np.integer]
    is_ordered: bool


def places_of(cells: Sequence[Scalar], column: Column) -> Places:
    """Returns the places of the groups of a column: in its order, with those that lie between; else as they come."""
    if has_order(column):
        with suppress(ValueError):  # other cells than the name of the column suggests
            ordered = as_categories(_as_values(cells, column), column)
            if isinstance(ordered.dtype, pd.CategoricalDtype) and not ordered.isna().any():
                return Places(ordered.cat.categories.tolist(), ordered.cat.codes.to_numpy(np.int64), True)
    codes, labels = pd.factorize(np.array([_label(cell) for cell in cells], dtype=object))
    return Places(list(labels), codes.astype(np.int64), False)


def group_column(profile: Profile, name: str) -> Column:
    """Returns what is known of a column that may be derived by its name, or defined by a question."""
    return next((column for column in profile.columns_info if column.name == name), None) or named_column(name)


def named_column(name: str) -> Column:
    """Returns what the name of a column tells: `사고일시:연월` are months."""
    fields = _DERIVED.get(name.rpartition(":")[2], {})
    column = Column(name=name, type="text", unique=0, missing=0, sample=(), minimum=None, maximum=None)
    return column.model_copy(update=fields)


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


def _as_values(cells: Sequence[Scalar], column: Column) -> pd.Series:
    """Returns the cells of a result as the values of their column: `2024-Q1` becomes the first day of the quarter."""
    if column.precision is None:
        return pd.Series(list(cells))
    return pd.Series(pd.PeriodIndex([str(cell) for cell in cells], freq=column.precision[0].upper()).to_timestamp())


def _label(cell: Scalar) -> str:
    if isinstance(cell, bool):
        return texts_explore.TRUTH[cell]
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)


def _find_kind(column: Column) -> _Kind | None:
    if column.type == "time":
        return _TIME
    if column.precision is not None:
        return _PERIODS[column.precision]
    return _PARTS.get(column.meaning or "") if column.type == "integer" else None
