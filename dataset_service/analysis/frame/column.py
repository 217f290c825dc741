"""One column of a frame: its values as arrays, and lazily cached properties of them.

Text is stored as categories with `codes` as indices. Other columns get the same form on demand, so that counting and
grouping use the same few array operations for every kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.analysis.frame.meanings import DATE_PARTS, NAMES
from dataset_service.analysis.frame.text_values import dates_in, numbers_in
from dataset_service.reading.columns.date_texts import date_texts as precise_texts
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.reading import ColumnReading

Cell = str | int | float | bool | None
"""A value in a result. Dates and infinities are text, a missing value is None."""
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
SHORT_WEEKDAYS = tuple(name[0] for name in WEEKDAYS)
_YEARS = (1900, 2100)
_DENSE_RANGE = 4
"""Integers with a range of at most this many times their count are counted by index instead of hashed."""
_SHORT = 2**16
_UNTOLD = ColumnReading()


class Column:
    """One column. Missing values are null or NaN; `kind` is that of its values, `reading` tells how they were read.

    The values of a column that `is_ordered` are steps of one order; texts have that of their dictionary. Where the
    categories are regions, `region_codes` has the code of each.
    """

    def __init__(
        self,
        name: str,
        values: pa.ChunkedArray,
        reading: ColumnReading = _UNTOLD,
        *,
        is_ordered: bool = False,
        region_codes: tuple[str, ...] | None = None,
    ) -> None:
        self.name, self.is_ordered, self.region_codes = name, is_ordered, region_codes
        self.kind, self._array = _settled(values)
        self.reading = replace(reading, kind=reading.kind or self.kind)
        self.meaning, self.unit, self.precision = reading.meaning, reading.unit, reading.precision
        self.rows = len(self._array)

    @property
    def array(self) -> pa.Array:
        """The values; texts are a dictionary array."""
        return self._array

    @property
    def is_name(self) -> bool:
        """Whether its values only tell things apart, as codes do: they are never read as numbers or dates."""
        return self.meaning in NAMES

    @property
    def is_time(self) -> bool:
        """Whether its texts are times of day, which have an order."""
        return self.reading.kind == ColumnKind.TIME

    @property
    def is_in_time(self) -> bool:
        """Whether its values are read in the order of time: dates, times of day and parts of dates."""
        return self.kind is ColumnKind.DATE or self.is_time or self.meaning in DATE_PARTS

    @property
    def has_order(self) -> bool:
        """Whether its values are read in an order of their own: that of time, of steps of numbers, of weekdays."""
        return self.is_in_time or self.is_ordered or self.natural_places is not None

    @property
    def is_plain(self) -> bool:
        """Whether its numbers are written without commas: years, codes and running numbers."""
        if self.meaning or self.unit:
            return self.meaning == Meaning.YEAR or self.is_name
        return self.holds_years

    @cached_property
    def values(self) -> npt.NDArray[Any]:
        """The values by row: int64, float64, datetime64 or bool; 0, NaN, NaT or False if missing. Not for text."""
        if self.kind is ColumnKind.INTEGER:
            return np.asarray(self.array.fill_null(0).to_numpy(zero_copy_only=False))
        if self.kind is ColumnKind.BOOLEAN:
            return np.asarray(self.array.fill_null(False).to_numpy(zero_copy_only=False))
        if self.kind is ColumnKind.TEXT:
            raise TypeError(f"Column {self.name!r} is text: it has codes and categories.")
        values = np.asarray(self.array.to_numpy(zero_copy_only=False))
        if self.kind is ColumnKind.NUMBER and np.any((values == 0) & np.signbit(values)):
            return values + 0.0  # turns -0.0 into 0.0: equal, but formatted differently
        return values

    @cached_property
    def missing(self) -> int:
        """Number of rows without a value."""
        if self.kind is ColumnKind.NUMBER:
            return int(np.count_nonzero(np.isnan(self.values)))
        return int(self.array.null_count)

    @cached_property
    def present(self) -> Mask:
        """Which rows have a value."""
        if not self.missing:
            return np.broadcast_to(np.True_, self.rows)
        if self.kind is ColumnKind.NUMBER:
            return np.asarray(~np.isnan(self.values))
        return np.asarray(self.array.is_valid().to_numpy(zero_copy_only=False))

    @property
    def used(self) -> int:
        """How many rows have a value."""
        return self.rows - self.missing

    @cached_property
    def categories(self) -> pa.Array:
        """The distinct texts, in the order of `codes`. Only for text."""
        return self.array.dictionary

    @cached_property
    def category_dates(self) -> npt.NDArray[np.datetime64]:
        """Each category as a date, NaT if it is none. Only for text."""
        return dates_in(self.categories)

    @cached_property
    def category_numbers(self) -> npt.NDArray[np.float64]:
        """Each category as a number, NaN if it is none. Only for text."""
        return numbers_in(self.categories)

    @cached_property
    def natural_places(self) -> npt.NDArray[np.int64] | None:
        """The place of each category in an order that is not that of letters, None without one or for no text."""
        if self.kind is not ColumnKind.TEXT:
            return None
        if self.is_ordered:
            return np.arange(len(self.categories))
        names = weekday_names(self.categories.to_pylist()) if len(self.categories) <= len(WEEKDAYS) else None
        return np.array([names.index(text) for text in self.categories.to_pylist()]) if names else None

    @cached_property
    def text_places(self) -> npt.NDArray[np.int64]:
        """The place of each category in its natural order, or in that of code points. Only for text."""
        if self.natural_places is not None:
            return self.natural_places
        places = np.empty(len(self.categories), np.int64)
        places[pc.array_sort_indices(self.categories).to_numpy()] = np.arange(len(places))
        return places

    @property
    def different(self) -> int:
        """Number of codes."""
        return len(self.categories if self.kind is ColumnKind.TEXT else self.distinct)

    @cached_property
    def in_order(self) -> npt.NDArray[Any]:
        """The present values in ascending order. Not for text."""
        return _sorted(self.values if not self.missing else self.values[self.present])

    @cached_property
    def order(self) -> npt.NDArray[np.int32]:
        """The rows with a value, in ascending order of the values. Not for text."""
        if self.kind is ColumnKind.NUMBER:
            return np.argsort(self.values).astype(np.int32)[: self.used]  # NaN is last
        rows = np.flatnonzero(self.present).astype(np.int32)
        return rows[order_of_codes(self.codes[rows], self.different)]

    @cached_property
    def distinct(self) -> npt.NDArray[Any]:
        """The distinct values in the order of `codes`, ascending. Not for text."""
        return self._encoded[0]

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Number of rows with each distinct value, in the order of `codes`."""
        return count_codes(self.codes, self.different)

    @cached_property
    def codes(self) -> Codes:
        """For each row the index of its value among the distinct values, -1 if missing."""
        if self.kind is ColumnKind.TEXT:
            return np.asarray(self.array.indices.fill_null(-1).to_numpy(zero_copy_only=False))
        return self._encoded[1]

    @cached_property
    def unique(self) -> int:
        """Number of distinct values, without missing ones."""
        if self.kind in (ColumnKind.NUMBER, ColumnKind.DATE):  # most may differ, which makes the distinct values dear
            values = self.in_order
            return int(np.count_nonzero(values[1:] != values[:-1])) + bool(len(values))
        return int(np.count_nonzero(self.counts))

    @cached_property
    def holds_years(self) -> bool:
        """Whether all values look like years: integers from 1900 to 2100."""
        if self.kind not in (ColumnKind.INTEGER, ColumnKind.NUMBER) or not self.used:
            return False
        values = self.values if not self.missing else self.values[self.present]
        return bool(_YEARS[0] <= values.min() and values.max() <= _YEARS[1] and np.all(values == np.floor(values)))

    @cached_property
    def has_times(self) -> bool:
        """Whether any date of the column has a time other than midnight. Only for dates."""
        return has_times(self.values)

    @property
    def size_bytes(self) -> int:
        """Memory of the column in bytes, including cached properties."""
        worked_out = [value for value in list(self.__dict__.values()) if isinstance(value, np.ndarray)]
        return int(self.array.nbytes) + sum(value.nbytes for value in worked_out if _has_memory_of_its_own(value))

    def take(self, rows: npt.NDArray[np.int64]) -> "Column":
        """Returns the column of these rows. Values keep their codes, also those that no row has any more."""
        return _Part(self, rows)

    def cells(self, rows: npt.NDArray[Any]) -> list[Cell]:
        """Returns the values of the rows as result cells."""
        if self.kind is ColumnKind.TEXT:
            return self.labels(self.codes[rows])
        return self._cells(self.values[rows], self.present[rows])

    def date_texts(self, dates: npt.NDArray[Any], *, with_time: bool | None = None) -> list[str]:
        """Formats dates no more precisely than the column has them; by default with a time if any of them has one."""
        if self.precision:
            return list(precise_texts(pa.array(dates), self.precision).to_pylist())
        return date_texts(dates, with_time=has_times(dates) if with_time is None else with_time)

    def labels(self, codes: npt.NDArray[Any]) -> list[Cell]:
        """Returns the values of the codes as result cells."""
        if self.kind is ColumnKind.TEXT:
            return list(self.categories.take(pa.array(codes, mask=codes < 0)).to_pylist())
        return self._cells(self.distinct[codes], codes >= 0)

    def ascending(self, codes: npt.NDArray[Any], limit: int | None = None) -> Codes:
        """Returns the codes in the order of their values, text by code point; the first `limit` of them."""
        if self.kind is not ColumnKind.TEXT:
            return np.sort(codes)[:limit].astype(np.int32)
        texts = self._texts(codes)
        few = limit is not None and limit < len(codes)
        order = pc.bottom_k_unstable(texts, limit) if few else pc.array_sort_indices(texts)
        return np.asarray(codes[order.to_numpy()], dtype=np.int32)

    def descending(self, codes: npt.NDArray[Any], limit: int) -> Codes:
        """Returns the codes in the reverse order of their values, the first `limit` of them. Only for text."""
        order = pc.top_k_unstable(self._texts(codes), min(limit, len(codes)))
        return np.asarray(codes[order.to_numpy()], dtype=np.int32)

    def largest(self, keys: npt.NDArray[Any], limit: int, among: npt.NDArray[Any] | None = None) -> Codes:
        """Returns the codes with the greatest keys in descending order, ties in the order of their values.

        `keys` has a number for every code; without `among`, all codes with a non-zero key are considered.
        """
        codes = np.flatnonzero(keys) if among is None else among
        if len(codes) > limit:
            least = np.partition(keys[codes], -limit)[-limit]
            above, level = codes[keys[codes] > least], codes[keys[codes] == least]
            codes = np.concatenate([above, self.ascending(level, limit - len(above))])
        codes = self.ascending(codes)
        # Reversed twice, so that ties stay in the order of their values.
        return codes[::-1][np.argsort(keys[codes][::-1], kind="stable")][::-1]

    def codes_of(self, texts: Iterable[str]) -> dict[str, int]:
        """Returns the codes of those of the texts that are in the dictionary of the column. Only for text."""
        wanted = pa.array(list(texts), self.categories.type)
        codes = np.flatnonzero(pc.is_in(self.categories, value_set=wanted).to_numpy(zero_copy_only=False))
        return dict(zip(self.categories.take(codes).to_pylist(), codes.tolist(), strict=True))

    def to_pandas(self) -> "pd.Series[Any]":
        """Returns a pandas series of dtype `str`, int64 or Int64, float64, datetime64, bool or boolean."""
        if self.kind is ColumnKind.TEXT:
            return pd.Series(self.array.dictionary_decode().to_pandas(), dtype="str")
        series = pd.Series(self.values)
        if self.missing and self.kind in (ColumnKind.INTEGER, ColumnKind.BOOLEAN):
            return series.astype("Int64" if self.kind is ColumnKind.INTEGER else "boolean").mask(~self.present)
        return series

    @cached_property
    def _encoded(self) -> tuple[npt.NDArray[Any], Codes]:
        """The distinct values, and the codes. Not for text."""
        if self.kind is ColumnKind.BOOLEAN:
            return np.array([False, True]), np.where(self.present, self.values, -1).astype(np.int32)
        if self.kind is ColumnKind.INTEGER and self.used:
            whole = self.values[self.present]
            lowest, highest = int(whole.min()), int(whole.max())
            if highest - lowest <= _DENSE_RANGE * self.used:
                has_rows = np.zeros(highest - lowest + 1, np.bool_)
                has_rows[whole - lowest] = True
                codes = np.full(self.rows, -1, np.int32)
                codes[self.present] = (np.cumsum(has_rows, dtype=np.int32) - 1)[whole - lowest]
                return np.flatnonzero(has_rows) + lowest, codes
        values = self.values.view(np.int64) if self.kind is ColumnKind.DATE else self.values
        encoded = pa.array(values, mask=~self.present if self.missing else None).dictionary_encode()
        found = encoded.dictionary.to_numpy()
        order = np.argsort(found)
        places = np.full(len(found) + 1, -1, np.int32)  # code -1, a missing value, indexes the last element
        places[order] = np.arange(len(found))
        return found[order].view(self.values.dtype), places[encoded.indices.fill_null(-1).to_numpy()]

    def _texts(self, codes: npt.NDArray[Any]) -> pa.Array:
        is_all = np.array_equal(codes, np.arange(len(self.categories)))
        return self.categories if is_all else self.categories.take(pa.array(codes))

    def _cells(self, values: npt.NDArray[Any], present: Mask) -> list[Cell]:
        if self.kind is ColumnKind.DATE:
            texts: list[Cell] = list(self.date_texts(values, with_time=self.has_times))
        elif self.kind is ColumnKind.NUMBER:
            texts = [number_cell(value) for value in values.tolist()]
        else:
            texts = values.tolist()
        return [text if has else None for text, has in zip(texts, present.tolist(), strict=True)]


class _Part(Column):
    """Some rows of a column. What is known of all rows is taken from there."""

    def __init__(self, whole: Column, rows: npt.NDArray[np.int64]) -> None:
        self.name, self.kind, self.reading = whole.name, whole.kind, whole.reading
        self.meaning, self.unit, self.precision = whole.meaning, whole.unit, whole.precision
        self.is_ordered, self.region_codes = whole.is_ordered, whole.region_codes
        self.rows = len(rows)
        self._whole, self._rows = whole, rows

    @cached_property
    def array(self) -> pa.Array:
        return self._whole.array.take(pa.array(self._rows))

    @cached_property
    def values(self) -> npt.NDArray[Any]:
        return self._whole.values[self._rows]

    @cached_property
    def missing(self) -> int:
        return self.rows - int(np.count_nonzero(self.present))

    @cached_property
    def present(self) -> Mask:
        return self._whole.present[self._rows] if self._whole.missing else np.broadcast_to(np.True_, self.rows)

    @cached_property
    def codes(self) -> Codes:
        return self._whole.codes[self._rows]

    @cached_property
    def order(self) -> npt.NDArray[np.int32]:
        places = np.full(self._whole.rows, -1, np.int32)
        places[self._rows] = np.arange(self.rows)
        order = places[self._whole.order]
        return np.asarray(order[order >= 0])

    @property
    def categories(self) -> pa.Array:
        return self._whole.categories

    @property
    def category_dates(self) -> npt.NDArray[np.datetime64]:
        return self._whole.category_dates

    @property
    def category_numbers(self) -> npt.NDArray[np.float64]:
        return self._whole.category_numbers

    @property
    def natural_places(self) -> npt.NDArray[np.int64] | None:
        return self._whole.natural_places

    @property
    def text_places(self) -> npt.NDArray[np.int64]:
        return self._whole.text_places

    @property
    def distinct(self) -> npt.NDArray[Any]:
        return self._whole.distinct


def weekday_names(labels: Sequence[Cell]) -> tuple[str, ...] | None:
    """Returns the seven weekday names that the labels belong to, Monday first; None for other labels."""
    return next((names for names in (WEEKDAYS, SHORT_WEEKDAYS) if labels and set(labels) <= set(names)), None)


def count_codes(codes: npt.NDArray[Any], labels: int) -> npt.NDArray[np.int64]:
    """Returns the count of each code from 0 to `labels` - 1; -1 is not counted."""
    return np.bincount(codes + 1, minlength=labels + 1)[1:]


def order_of_codes(codes: npt.NDArray[Any], labels: int) -> npt.NDArray[np.intp]:
    """Returns the order of codes from 0 to `labels` - 1, ties as they are. numpy counts 16 bits, and compares more."""
    order = np.argsort(codes.astype(np.uint16), kind="stable")
    return order if labels <= _SHORT else order[np.argsort((codes >> 16).astype(np.uint16)[order], kind="stable")]


def has_times(values: npt.NDArray[Any]) -> bool:
    """Tells whether any of the dates has a time other than midnight."""
    days = values.astype("datetime64[D]")
    return bool(np.any((values != days) & ~np.isnat(values)))


def date_texts(values: npt.NDArray[Any], *, with_time: bool) -> list[str]:
    """Formats dates as `2019-01-01` or, with time, as `2019-01-01 13:00`, with seconds if any date has them."""
    if not with_time:
        return [str(text) for text in np.datetime_as_string(values, unit="D")]
    minutes = values.astype("datetime64[m]")
    has_seconds = bool(np.any((values != minutes) & ~np.isnat(values)))
    return [str(text).replace("T", " ") for text in np.datetime_as_string(values, unit="s" if has_seconds else "m")]


def number_cell(value: float) -> Cell:
    """Returns a number as a result cell: infinity as text, because JSON has none."""
    if value != value:
        return None
    return value if abs(value) != np.inf else ("∞" if value > 0 else "-∞")


def _has_memory_of_its_own(values: npt.NDArray[Any]) -> bool:
    """Tells whether the values own memory, being neither a view of the Arrow array nor one repeated value."""
    return (values.base is None or isinstance(values.base, np.ndarray)) and values.strides != (0,)


def _sorted(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns the values in ascending order; dates are sorted as integers, which is faster."""
    if values.dtype.kind == "M":
        return np.sort(values.view(np.int64)).view(values.dtype)
    return np.sort(values)


def _settled(values: pa.ChunkedArray) -> tuple[ColumnKind, pa.Array]:
    """Returns the kind of a column, and its values in the canonical type of that kind."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        if _is_text(kind.value_type):
            return ColumnKind.TEXT, _categories(values)
        return _settled(values.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return ColumnKind.BOOLEAN, _whole(values)
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return ColumnKind.INTEGER, _whole(values.cast(pa.int64()))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return ColumnKind.NUMBER, _whole(values.cast(pa.float64(), safe=False))
    if pa.types.is_timestamp(kind):
        return ColumnKind.DATE, _whole(values if kind.tz is None else pc.local_timestamp(values))
    if pa.types.is_date(kind):
        return ColumnKind.DATE, _whole(values.cast(pa.timestamp("ms")))
    return ColumnKind.TEXT, _categories(values.cast(pa.string()).dictionary_encode())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _categories(values: pa.ChunkedArray) -> pa.DictionaryArray:
    array = _whole(values.unify_dictionaries())
    texts = array.dictionary
    if texts.null_count or len(pc.unique(texts)) < len(texts):  # equal texts with two codes would form two groups
        array = array.dictionary_decode().dictionary_encode()
    return pa.DictionaryArray.from_arrays(array.indices.cast(pa.int32()), array.dictionary.cast(pa.string()))


def _whole(values: pa.ChunkedArray) -> pa.Array:
    combined = values.combine_chunks()
    return combined.combine_chunks() if isinstance(combined, pa.ChunkedArray) else combined
