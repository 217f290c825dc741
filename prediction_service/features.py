"""Encodes an accident as a row of the model. Used by training and serving, so that they cannot differ.

A model declares its columns (model.json); each belongs to one input, so that contributions can be summed by input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from prediction_service.accident import FIELDS, Accident

ColumnKind = Literal["table", "number", "calendar"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the model.

    - `table`: the input's value looked up in a table; `default` if it is not there.
    - `number`: the input itself, clipped to `minimum` and `maximum` (a tree cannot extrapolate a year).
    - `calendar`: a fact about the date, named in CALENDAR_FACTS.
    """

    name: str
    source: str
    kind: ColumnKind
    table: Mapping[str, float] = field(default_factory=dict)
    default: float = 0.0
    minimum: float = float("-inf")
    maximum: float = float("inf")


CALENDAR_FACTS = ("weekday", "day_of_year", "is_holiday", "is_before_holiday", "is_after_holiday", "days_off_in_a_row")
_DATE_FIELDS = ("accident_year", "accident_month", "accident_day")
_FIELD_NAMES = tuple(spec.name for spec in FIELDS)


class Calendar:
    """Facts about a date that depend on South Korea's public holidays, given as a set of dates."""

    def __init__(self, holidays: Sequence[date]) -> None:
        self._holidays = frozenset(holidays)

    def facts(self, day: date) -> dict[str, float]:
        """Returns every fact of CALENDAR_FACTS."""
        one = timedelta(days=1)
        return {
            "weekday": day.weekday(),
            "day_of_year": day.timetuple().tm_yday,
            "is_holiday": day in self._holidays,
            "is_before_holiday": day + one in self._holidays,
            "is_after_holiday": day - one in self._holidays,
            "days_off_in_a_row": self._days_off_in_a_row(day),
        }

    def _days_off_in_a_row(self, day: date) -> int:
        if not self._is_off(day):
            return 0
        first = last = day
        while self._is_off(first - timedelta(days=1)):
            first -= timedelta(days=1)
        while self._is_off(last + timedelta(days=1)):
            last += timedelta(days=1)
        return (last - first).days + 1

    def _is_off(self, day: date) -> bool:
        return day.weekday() >= 5 or day in self._holidays


class Encoder:
    """Encodes accidents as rows. Columns with the same key are grouped, so that a row takes few look-ups.

    Rows have the order of `columns`.
    """

    def __init__(self, columns: Sequence[Column], calendar: Calendar) -> None:
        by_field = [[column for column in columns if _key_field(column) == name] for name in _FIELD_NAMES]
        self.columns = tuple(column for group in by_field for column in group)
        self._calendar = calendar
        self._groups = tuple((index, tuple(group), {}) for index, group in enumerate(by_field) if group)  # type: tuple[tuple[int, tuple[Column, ...], dict[object, tuple[float, ...]]], ...]

    def encode(self, accidents: Sequence[Accident]) -> npt.NDArray[np.float64]:
        """Returns an array of shape (accidents, columns), float64."""
        return np.array([self._row(accident) for accident in accidents], dtype=np.float64)

    def _row(self, accident: Accident) -> tuple[float, ...]:
        row: tuple[float, ...] = ()
        for index, columns, known in self._groups:
            key = accident[8:] if index == _DAY else accident[index]
            values = known.get(key)
            if values is None:
                values = known[key] = self._values(columns, accident)
            row += values
        return row

    def _values(self, columns: Sequence[Column], accident: Accident) -> tuple[float, ...]:
        needs_date = any(column.kind == "calendar" for column in columns)
        facts = self._calendar.facts(date(*accident[8:])) if needs_date else {}
        return tuple(_value(column, getattr(accident, column.source), facts) for column in columns)


_DAY = _FIELD_NAMES.index("accident_day")


def _value(column: Column, value: Any, facts: Mapping[str, float]) -> float:
    match column.kind:
        case "table":
            return float(column.table.get(str(value), column.default))
        case "number":
            return float(min(max(value, column.minimum), column.maximum))
        case "calendar":
            return float(facts[column.name])


def _key_field(column: Column) -> str:
    """Returns the field whose group a column joins: calendar facts join the day, the last field of the date."""
    return "accident_day" if column.kind == "calendar" else column.source
