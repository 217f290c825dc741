"""Reads a column of any kind as numbers or as dates, for comparing, summing and sorting.

Text columns count as numbers or dates if at least half of their values can be read as such: `24세` besides `기타불명`.
Values that cannot be read are left out, and the result says so.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.arguments import columns_text
from dataset_service.analysis.frame.column import Column, Mask, order_of_codes
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.meanings import DATE_PARTS, NAMES, PLACES, allows
from dataset_service.analysis.frame.text_values import hours_in
from dataset_service.analysis.pandas_code import AS_DATES, AS_HOURS, AS_NUMBERS
from dataset_service.analysis.wording import code_text, count_text, kind_text
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused


@dataclass(frozen=True)
class Reading:
    """The comparable values of a column, valid in the rows where `present`.

    `code` is a pandas expression for the same series, missing where not present; `function` defines one that it calls.
    """

    column: Column
    kind: Literal[ColumnKind.NUMBER, ColumnKind.DATE]
    values: npt.NDArray[Any]
    present: Mask
    code: str
    function: str = ""
    unread: int = 0
    infinite: int = 0

    @cached_property
    def used(self) -> npt.NDArray[Any]:
        """The present values."""
        return self.values if self.rows_used == len(self.values) else self.values[self.present]

    @property
    def in_order(self) -> npt.NDArray[Any]:
        """The present values, in ascending order if that is cheap or can be reused."""
        is_plain = self.column.kind is ColumnKind.NUMBER and not self.infinite
        return self.column.in_order if is_plain else self.used

    @cached_property
    def order(self) -> npt.NDArray[Any]:
        """The rows with a value, in ascending order of the values."""
        if self.column.kind is not ColumnKind.TEXT:
            return self.column.order[self.present[self.column.order]] if self.infinite else self.column.order
        by_category = self.column.category_numbers if self.kind is ColumnKind.NUMBER else self.column.category_dates
        places = np.empty(len(by_category), np.int32)
        places[np.argsort(by_category)] = np.arange(len(by_category))
        rows = np.flatnonzero(self.present)
        return rows[order_of_codes(places[self.column.codes[rows]], len(places))]

    @cached_property
    def rows_used(self) -> int:
        """Number of rows with a value."""
        return self.column.used - self.unread - self.infinite

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on values left out besides missing ones."""
        unit = "숫자" if self.kind is ColumnKind.NUMBER else "날짜"
        unread = f"{unit}로 읽히지 않는 글자 {count_text(self.unread)} 제외" if self.unread else ""
        infinite = f"무한대 {count_text(self.infinite)} 제외" if self.infinite else ""
        return tuple(note for note in (unread, infinite) if note)


def numbers_of(column: Column, *, with_infinities: bool = False) -> Reading | None:
    """Returns the column as numbers, true and false as 1 and 0; None if it holds none."""
    code = f"df[{column.name!r}]"
    if column.kind is ColumnKind.INTEGER:
        return Reading(column, ColumnKind.NUMBER, column.values, column.present, code)
    if column.kind is ColumnKind.BOOLEAN:
        dtype = "Int64" if column.missing else "int64"
        return Reading(
            column, ColumnKind.NUMBER, column.values.astype(np.int64), column.present, f"{code}.astype({dtype!r})"
        )
    if column.kind is ColumnKind.NUMBER:
        is_infinite = np.isinf(column.values)
        infinite = int(np.count_nonzero(is_infinite))
        if not infinite or with_infinities:
            return Reading(column, ColumnKind.NUMBER, column.values, column.present, code)
        code += ".replace([float('inf'), float('-inf')], float('nan'))"
        return Reading(column, ColumnKind.NUMBER, column.values, column.present & ~is_infinite, code, infinite=infinite)
    if _may_be_read(column):
        return _from_text(column, ColumnKind.NUMBER, column.category_numbers, f"as_numbers({code})", AS_NUMBERS)
    return None


def dates_of(column: Column) -> Reading | None:
    """Returns the column as datetime64; None if it holds no dates."""
    code = f"df[{column.name!r}]"
    if column.kind is ColumnKind.DATE:
        return Reading(column, ColumnKind.DATE, column.values, column.present, code)
    if _may_be_read(column):
        return _from_text(column, ColumnKind.DATE, column.category_dates, f"as_dates({code})", AS_DATES)
    return None


def hours_of(column: Column) -> Reading | None:
    """Returns the hours of a text column with times of day such as `08:30`; None for other columns."""
    if column.kind is not ColumnKind.TEXT or column.is_name:
        return None
    by_category = hours_in(column.categories)
    return _from_text(column, ColumnKind.NUMBER, by_category, f"as_hours(df[{column.name!r}])", AS_HOURS)


def amount_columns(frame: Frame, *kinds: ColumnKind) -> list[Column]:
    """Returns the columns of these kinds that are neither names nor parts of dates nor places."""
    return [column for column in frame.of_kind(*kinds) if column.meaning not in NAMES | DATE_PARTS | PLACES]


def number_columns(frame: Frame) -> list[Column]:
    """Returns the columns with amounts, text columns last."""
    texts = [column for column in amount_columns(frame, ColumnKind.TEXT) if numbers_of(column)]
    return [*amount_columns(frame, ColumnKind.INTEGER, ColumnKind.NUMBER), *texts]


def date_columns(frame: Frame) -> list[Column]:
    """Returns the columns with dates, text columns last."""
    return [*frame.of_kind(ColumnKind.DATE), *(column for column in frame.of_kind(ColumnKind.TEXT) if dates_of(column))]


def number_reading(frame: Frame, column: Column, purpose: str, operation: str = "mean", hint: str = "") -> Reading:
    """Returns the column as numbers for an operation. Raises `ToolRefused` with what would fit."""
    numbers = numbers_of(column) if allows(column.meaning, operation) else None
    if numbers is None:
        hint = hint or ("값별 건수를 세거나 이 열로 묶을 수 있습니다. " if column.is_name else "")
        raise ToolRefused(
            f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 {purpose} 수 없습니다. {hint}"
            f"숫자 열: {columns_text(number_columns(frame))}"
        )
    return numbers


def _may_be_read(column: Column) -> bool:
    return column.kind is ColumnKind.TEXT and not column.is_name and not column.is_time


def may_overflow(values: npt.NDArray[Any]) -> bool:
    """Tells whether a sum of integers could overflow int64."""
    if values.dtype.kind != "i" or not len(values):
        return False
    return max(abs(int(values.min())), abs(int(values.max()))) * len(values) > np.iinfo(np.int64).max


def total_of(values: npt.NDArray[Any]) -> float:
    """Returns the sum, exact for integers within int64."""
    return float(values.sum(dtype=np.float64)) if may_overflow(values) else values.sum().item()


def total_code(values: npt.NDArray[Any], series: str = "x") -> str:
    """Returns the pandas expression for the same sum."""
    return f"{series}.astype('float64').sum()" if may_overflow(values) else f"{series}.sum()"


def _from_text(
    column: Column,
    kind: Literal[ColumnKind.NUMBER, ColumnKind.DATE],
    by_category: npt.NDArray[Any],
    code: str,
    function: str,
) -> Reading | None:
    is_read = ~np.isnan(by_category) if kind is ColumnKind.NUMBER else ~np.isnat(by_category)
    readable = int(column.counts[is_read].sum())
    if not readable or readable * 2 < column.used:
        return None
    # Code -1, a missing value, indexes the last element.
    values = np.append(by_category, by_category.dtype.type("NaT" if kind is ColumnKind.DATE else "nan"))[column.codes]
    present = np.append(is_read, False)[column.codes]
    return Reading(column, kind, values, present, code, function, unread=column.used - readable)
