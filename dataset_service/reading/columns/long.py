"""Turns columns that are named by years, quarters or months into rows: one for each row and period."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Precision
from dataset_service.reading.columns.names import free_name
from dataset_service.reading.columns.values.parts import moments_of
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.warning import DatasetWarning

_PERIOD = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})"
    r"(?:(?:[ ._-]|\. |년 ?)?(?:(?P<of_four>[1-4])/4(?: ?분기)?|제?(?P<quarter>[1-4]) ?분기|Q(?P<letter>[1-4]))"
    r"|(?:[-/._]|\. |년 ?)?(?P<month>0[1-9]|1[0-2]|[1-9](?=월))(?: ?월)?"
    r"| ?년도?)?(?![0-9])"
)
_PROVISIONAL = re.compile(r" ?\(?(?:p|잠정)\)$")
_BRACKETS = re.compile(r"[(\[]\s*\n\s*[)\]]")
_SEPARATORS = " _-.,/·:"
_DATE_NAMES = {Precision.YEAR: "기준연도", Precision.QUARTER: "기준분기", Precision.MONTH: "기준월"}
_VALUE_NAME = "값"


class _Place(NamedTuple):
    """What the name of a column says: in which month a period begins, how long it is, and what is measured."""

    year: int
    month: int
    precision: Precision
    measure: str


class Periods(NamedTuple):
    """Columns that hold measures of periods."""

    precision: Precision
    places: Mapping[str, _Place]
    """By the name of the column, in the order of the file."""

    def measure_of(self, name: str) -> str:
        """Returns the name of the measure that a column holds; its own name if it holds none."""
        return self.places[name].measure if name in self.places else name


class LongTable(NamedTuple):
    """A table, whether its columns of periods were made rows, and what is told of that."""

    columns: Sequence[TypedColumn]
    is_long: bool
    warnings: Sequence[DatasetWarning]


def apply_periods(columns: Sequence[TypedColumn], *, is_long: bool) -> LongTable:
    """Returns the table with rows for periods if it `is_long` by choice; otherwise this is offered if it can be."""
    periods = _fitting_periods(columns)
    if periods is None:
        return LongTable(columns, False, ())
    told = partial(DatasetWarning, given=str(len(periods.places)))
    if not is_long:
        return LongTable(columns, False, [told("COLUMNS_ARE_PERIODS", undo={"is_long": True})])
    return LongTable(_make_long(columns, periods), True, [told("COLUMNS_MADE_LONG", undo={"is_long": None})])


def find_periods(names: Sequence[str]) -> Periods | None:
    """Returns the columns of which several have the same name but for their period, all of the commonest precision."""
    places = {name: place for name in names if (place := _place_of(name)) is not None}
    if not places:
        return None
    precision = Counter(place.precision for place in places.values()).most_common(1)[0][0]
    places = {name: place for name, place in places.items() if place.precision is precision}
    counts = Counter(place.measure for place in places.values())
    several = {name: place for name, place in places.items() if counts[place.measure] > 1}
    is_unique = len(set(several.values())) == len(several)
    return Periods(precision, several) if several and is_unique else None


def _fitting_periods(columns: Sequence[TypedColumn]) -> Periods | None:
    """Returns the columns that can become rows: all of a measure have one kind, or no values."""
    periods = find_periods([column.name for column in columns])
    if periods is None:
        return None
    kinds: dict[str, set[tuple[str, str]]] = {}
    for column in columns:
        if column.name in periods.places and len(column.values):
            kind = ColumnKind.NUMBER if column.kind is ColumnKind.INTEGER else column.kind
            kinds.setdefault(periods.measure_of(column.name), set()).add((kind, column.reading.precision))
    places = {name: place for name, place in periods.places.items() if len(kinds.get(place.measure, ())) == 1}
    return periods._replace(places=places) if places else None


def _make_long(columns: Sequence[TypedColumn], periods: Periods) -> list[TypedColumn]:
    """Returns a table with a row for each row and period: the other columns, the period as a date, and each measure.

    A measure that has no column of a period has no value there.
    """
    rows, starts = len(columns[0].codes), list(dict.fromkeys(_start(place) for place in periods.places.values()))
    taken = {column.name for column in columns if column.name not in periods.places}
    by_measure: dict[str, dict[tuple[int, int], TypedColumn]] = {}
    for column in columns:
        if column.name in periods.places:
            place = periods.places[column.name]
            by_measure.setdefault(place.measure, {})[_start(place)] = column
    long = [_repeated(column, len(starts)) for column in columns if column.name not in periods.places]
    date_name = free_name(_DATE_NAMES[periods.precision], taken | by_measure.keys())
    years, months = (np.array(numbers) for numbers in zip(*starts, strict=True))
    dates = moments_of(years, months, np.ones_like(years))
    codes = pa.array(np.tile(np.arange(len(starts), dtype=np.int32), rows))
    reading = ColumnReading(ColumnKind.DATE, precision=periods.precision)
    long.append(TypedColumn(date_name, reading, dates.take(codes), codes, dates))
    for measure, parts in by_measure.items():
        long.append(_interleaved(free_name(measure, taken | {date_name}), [parts.get(start) for start in starts], rows))
    return long


def _place_of(name: str) -> _Place | None:
    """Returns what a name says of a period; None if it names none, several, or a day."""
    name = _PROVISIONAL.sub("", name)
    matches = list(_PERIOD.finditer(name))
    if len(matches) != 1:
        return None
    (found,) = matches
    before, after = name[: found.start()], name[found.end() :]
    if re.match(r"[-._/]?[0-9]|~", after):
        return None
    rest = _BRACKETS.sub("\n", f"{before}\n{after}").split("\n")
    measure = "_".join(part for text in rest if (part := text.strip(_SEPARATORS)))
    measure = f"{_VALUE_NAME}{measure}" if not measure or measure[0] in "([" else measure
    quarter = found["of_four"] or found["quarter"] or found["letter"]
    precision = Precision.QUARTER if quarter else Precision.MONTH if found["month"] else Precision.YEAR
    return _Place(int(found["year"]), 3 * int(quarter) - 2 if quarter else int(found["month"] or 1), precision, measure)


def _start(place: _Place) -> tuple[int, int]:
    return place.year, place.month


def _repeated(column: TypedColumn, times: int) -> TypedColumn:
    codes = column.codes.take(pa.array(np.repeat(np.arange(len(column.codes)), times)))
    return column._replace(cells=_cells(column.kind, codes, column.values), codes=codes)


def _interleaved(name: str, parts: Sequence[TypedColumn | None], rows: int) -> TypedColumn:
    """Returns one column of several: the first row of all, then the second row, and so on."""
    filled = [part for part in parts if part is not None and len(part.values)]
    model = next((part for part in filled if part.kind is ColumnKind.NUMBER), filled[0])
    distinct = pa.concat_arrays([part.values.cast(model.values.type, safe=False) for part in filled])
    distinct = distinct.dictionary_encode()
    codes, offset = np.full((rows, len(parts)), -1, np.int32), 0
    for number, part in enumerate(parts):
        if part is not None and len(part.values):
            own = distinct.indices[offset : offset + len(part.values)].take(part.codes)
            codes[:, number] = own.fill_null(-1).to_numpy()
            offset += len(part.values)
    indices = pa.array(codes.ravel(), mask=codes.ravel() < 0)
    reading = replace(model.reading, meaning=_common(filled, "meaning"), unit=_common(filled, "unit"))
    cells = _cells(model.kind, indices, distinct.dictionary)
    return TypedColumn(name, reading, cells, indices, distinct.dictionary, tuple(_warnings_of(name, filled)))


def _cells(kind: ColumnKind, codes: pa.Array, values: pa.Array) -> pa.Array:
    is_text = kind in (ColumnKind.TEXT, ColumnKind.TIME)
    return pa.DictionaryArray.from_arrays(codes, values) if is_text else values.take(codes)


def _common(columns: Sequence[TypedColumn], part: str) -> str:
    """Returns what all columns have as a part of their reading, empty if they differ."""
    found = {getattr(column.reading, part) for column in columns}
    return found.pop() if len(found) == 1 else ""


def _warnings_of(name: str, columns: Sequence[TypedColumn]) -> Iterator[DatasetWarning]:
    """Yields the first warning of each reason as one of the measure, which is undone for all its columns."""
    first: dict[str, tuple[str, DatasetWarning]] = {}
    for column in columns:
        for warning in column.warnings:
            first.setdefault(warning.reason, (column.name, warning))
    for source, warning in first.values():
        undo = {"columns": {name: warning.undo["columns"][source]}} if warning.undo else {}
        yield warning._replace(column=name, undo=undo)
