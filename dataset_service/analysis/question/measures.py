"""Measures of groups of rows: counts, sums, means, percentiles, shares and rates, with pandas code for the same."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import Cell, Codes, Column, Mask, number_cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.meanings import allows
from dataset_service.analysis.frame.readings import Reading, dates_of, may_overflow, number_reading, numbers_of
from dataset_service.analysis.question.fields import at_field
from dataset_service.analysis.question.groups import Groups
from dataset_service.analysis.wording import (
    COUNT,
    SHARE,
    cell_text,
    code_text,
    count_text,
    header_text,
    number_text,
    percent_text,
    value_text,
)
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused
from servicekit.question import Measure, MeasureName

MEASURE_NAMES: Mapping[MeasureName, str] = {
    "sum": "합계", "mean": "평균", "count": COUNT, "min": "최소", "max": "최대", "median": "중앙값", "std": "표준편차",
    "percentile": "백분위수", "unique": "서로 다른 값", "share": "비율", "rate": "건당 값",
}  # fmt: skip
_COUNTERS: Mapping[MeasureName, str] = {"count": "건", "unique": "개", "rate": ""}
_OF_SUMS = ("sum", "share", "rate")
_OF_DATES = ("min", "max")
_OF_SAME_KIND = ("mean", "min", "max", "median", "percentile")
"""Statistics of years that are years themselves."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of each group.

    `values` are integers, floats or dates by group, valid where `present`. `missing` rows of the groups have no value.
    `code` is a pandas expression for a series by group, or for one value without groups; it uses `keys`, a list of
    series. `function` defines one that it calls.
    """

    measure: MeasureName
    header: str
    values: npt.NDArray[Any]
    present: Mask
    code: str
    column: Column | None = None
    missing: int = 0
    function: str = ""
    notes: tuple[str, ...] = ()
    is_plain: bool = False
    is_share: bool = False

    def cells(self, groups: npt.NDArray[np.int64]) -> list[Cell]:
        """Returns the values of these groups as result cells."""
        values, present = self.values[groups], self.present[groups].tolist()
        cells: list[Cell]
        if self.column and values.dtype.kind == "M":
            cells = list(self.column.date_texts(values))
        else:
            cells = [number_cell(value) if isinstance(value, float) else value for value in values.tolist()]
        return [cell if has else None for cell, has in zip(cells, present, strict=True)]

    def text(self, group: npt.NDArray[np.int64]) -> str:
        """Returns the value of one group with its unit."""
        (cell,) = self.cells(group)
        if self.is_share and isinstance(cell, float):
            return percent_text(cell)
        if self.column is None or self.measure in _COUNTERS:
            return f"{value_text(cell)}{_COUNTERS.get(self.measure, '')}"
        return cell_text(self.column, cell)


def work_out(frame: Frame, groups: Groups, measure: Measure, field: str = "") -> Measured:
    """Returns a measure of each group. Raises `ToolRefused` for the part of the question at the path `field`."""
    name = measure.measure
    with _at(field, "column"):
        if not measure.column and name not in ("count", "share"):
            raise ToolRefused(f"{MEASURE_NAMES[name]}({name}) 계산에는 열(column)이 필요합니다.")
        column = column_of(frame, measure.column) if measure.column else None
        reading = _reading(frame, column, name) if column and name not in ("count", "unique") else None
    with _at(field, "per"):
        if measure.per and name != "rate":
            raise ToolRefused("나눌 열(per)은 계산이 rate일 때만 적을 수 있습니다.")
        per = _reading(frame, column_of(frame, measure.per), name) if measure.per else None
    with _at(field, "percentile"):
        if (measure.percentile is None) is (name == "percentile"):
            raise ToolRefused("백분위(percentile)는 계산이 percentile일 때만 0~100으로 적어주세요.")
    if reading is None:
        return _counted(groups, measure, column)
    return _rate(groups, measure, reading, per) if name == "rate" else _statistic(groups, measure, reading)


def measure_header(measure: Measure, column: Column | None) -> str:
    """Returns the header of a measure, with the unit of its column."""
    if measure.name:
        return measure.name
    if column is None:
        return SHARE if measure.measure == "share" else COUNT
    name = MEASURE_NAMES[measure.measure]
    match measure.measure:
        case "count" | "unique":
            return f"{column.name} {name}"
        case "share":
            return f"{column.name} {SHARE}"
        case "rate" if _is_percentage(measure, column):
            return f"{column.name} {SHARE}"
        case "rate":
            times = "" if measure.times == 1 else number_text(measure.times)
            unit = f"{measure.per} {times or 1}당" if measure.per else f"{times}건당"
            return header_text(f"{unit} {column.name}", column)
        case "percentile":
            name = f"{number_text(measure.percentile)}{name}"
    return header_text(f"{column.name} {name}", column)


def fits(column: Column, measure: MeasureName) -> bool:
    """Tells whether a measure can be worked out of a column."""
    if measure in ("count", "unique") or (measure in _OF_DATES and dates_of(column)):
        return True
    return allows(column.meaning, "sum" if measure in _OF_SUMS else measure) and numbers_of(column) is not None


def _at(field: str, part: str) -> AbstractContextManager[None]:
    return at_field(f"{field}.{part}" if field else "")


def _reading(frame: Frame, column: Column, measure: MeasureName) -> Reading:
    dates = dates_of(column) if measure in _OF_DATES else None
    if dates:
        return dates
    operation = "sum" if measure in _OF_SUMS else measure
    numbers = numbers_of(column) if allows(column.meaning, operation) else None
    if numbers:
        return numbers
    fitting = ", ".join(f"{name}({one})" for one, name in MEASURE_NAMES.items() if fits(column, one))
    hint = f"‘계산’에서 이 열에 쓸 수 있는 것: {fitting}. "
    return number_reading(frame, column, f"{MEASURE_NAMES[measure]} 계산을 할", operation, hint)


def _counted(groups: Groups, measure: Measure, column: Column | None) -> Measured:
    """Returns the number of rows, of values or of different values, or the share of the rows."""
    header, by = measure_header(measure, column), _by(groups)
    rows, everywhere = groups.rows, np.ones(len(groups), np.bool_)
    size = f"df{by}.size()" if by else "len(df)"
    if measure.measure == "share":
        code = f"{size}.pipe(lambda rows: rows / rows.sum() * 100)" if by else "100.0 if len(df) else None"
        shares = rows / max(1, groups.used) * 100
        return Measured(measure.measure, header, shares, everywhere & bool(groups.used), code, is_share=True)
    if column is None:
        return Measured(measure.measure, header, rows, everywhere, size)
    numbers, codes, _ = _used(groups, column.present, column.codes)
    if measure.measure == "unique":
        pairs = pc.unique(pa.array(numbers * np.int64(column.different) + codes)).to_numpy()
        numbers = pairs // max(1, column.different)
    code = f"df[{column.name!r}]{by}.{'nunique' if measure.measure == 'unique' else 'count'}()"
    return Measured(measure.measure, header, np.bincount(numbers, minlength=len(groups)), everywhere, code, column)


def _statistic(groups: Groups, measure: Measure, reading: Reading) -> Measured:
    column, by = reading.column, _by(groups)
    numbers, values, missing = _used(groups, reading.present, reading.values)
    rows = np.bincount(numbers, minlength=len(groups))
    present, series = rows > 0, f"{reading.code}{by}"
    with np.errstate(all="ignore"):  # 0/0 of groups without values is not present
        match measure.measure:
            case "sum" | "share":
                result = _sums(numbers, values, len(groups))
                exact = ".astype('float64')" if may_overflow(values) else ""
                series = f"{reading.code}{exact}{by}.sum(min_count=1)"
                if measure.measure == "share":
                    total = result.sum(dtype=np.float64)
                    result, present = result / total * 100, present & bool(total)
                    scalar = f"100.0 if {reading.code}.sum() else None"
                    series = f"{series}.pipe(lambda sums: sums / sums.sum() * 100)" if by else scalar
            case "mean":
                result, series = _sums(numbers, values, len(groups)) / rows, f"{series}.mean()"
            case "std":
                deviations = values - (_sums(numbers, values, len(groups)) / rows)[numbers]
                squares = np.bincount(numbers, deviations * deviations, len(groups))
                result, present, series = np.sqrt(squares / (rows - 1)), rows > 1, f"{series}.std()"
            case "min" | "max":
                result = _extremes(numbers, values, len(groups), measure.measure)
                series += f".{measure.measure}()"
            case _:
                percentile = 50.0 if measure.percentile is None else measure.percentile
                result = _percentiles(groups, reading, rows, percentile)
                series += ".median()" if measure.measure == "median" else f".quantile({percentile / 100!r})"
    return Measured(
        measure.measure,
        measure_header(measure, column),
        result,
        present,
        series,
        column,
        missing,
        reading.function,
        _notes(reading, missing),
        column.is_plain and measure.measure in _OF_SAME_KIND,
        measure.measure == "share",
    )


def _rate(groups: Groups, measure: Measure, reading: Reading, per: Reading | None) -> Measured:
    """Returns the sum of a column per sum of another one, or per row; of the rows with all of their values."""
    by, column = _by(groups), reading.column
    present = reading.present & per.present if per else reading.present
    numbers, values, missing = _used(groups, present, reading.values)
    rows = np.bincount(numbers, minlength=len(groups))
    parts = _sums(numbers, values, len(groups))
    wholes = _sums(numbers, _used(groups, present, per.values)[1], len(groups)) if per else rows
    has_value = (rows > 0) & (wholes != 0)
    if per is None:
        code = f"{reading.code}{by}.mean() * {_number_code(measure.times)}"
    else:
        has_both = reading.rows_used == per.rows_used == len(present)
        part, whole = (
            one.code if has_both else f"{one.code}.where({other.code}.notna())"
            for one, other in ((reading, per), (per, reading))
        )
        code = f"{part}{by}.sum() / {whole}{by}.sum().replace(0, float('nan')) * {_number_code(measure.times)}"
        if not by:
            code = f"{part}.sum() / ({whole}.sum() or float('nan')) * {_number_code(measure.times)}"
    notes = _notes(reading, missing)
    with np.errstate(all="ignore"):
        return Measured(
            measure.measure,
            measure_header(measure, column),
            parts / wholes * measure.times,
            has_value,
            code,
            column,
            missing,
            "\n".join(dict.fromkeys([reading.function, per.function if per else ""])).strip("\n"),
            notes,
            is_share=_is_percentage(measure, column),
        )


def _is_percentage(measure: Measure, column: Column) -> bool:
    """Tells whether a rate is the percentage of rows in which a condition holds."""
    return column.kind is ColumnKind.BOOLEAN and not measure.per and measure.times == 100


def _by(groups: Groups) -> str:
    """Returns the pandas code that groups a series or frame; empty without groups."""
    return ".groupby(keys)" if groups.columns else ""


def _number_code(number: float) -> str:
    return repr(int(number) if int(number) == number else number)


def _used(groups: Groups, present: Mask, values: npt.NDArray[Any]) -> tuple[Codes, npt.NDArray[Any], int]:
    """Returns the group and the value of the rows that have both, and how many rows of groups have no value."""
    if not groups.missing and (present.strides == (0,) or present.all()):
        return groups.numbers, values, 0
    rows = present & (groups.numbers >= 0)
    numbers = groups.numbers[rows]
    return numbers, values[rows], groups.used - len(numbers)


def _sums(numbers: Codes, values: npt.NDArray[Any], groups: int) -> npt.NDArray[Any]:
    """Returns the sum by group, exact for integers within int64."""
    if values.dtype.kind != "i" or may_overflow(values):
        return np.bincount(numbers, values, groups)
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, numbers, values)
    return sums


def _extremes(numbers: Codes, values: npt.NDArray[Any], groups: int, measure: str) -> npt.NDArray[Any]:
    """Returns the smallest or greatest value by group. Dates are compared as integers."""
    best, start = (np.minimum, np.max) if measure == "min" else (np.maximum, np.min)
    if not len(values):
        return np.zeros(groups, values.dtype)
    extremes = np.full(groups, start(values))
    best.at(*(array.view(np.int64) if array.dtype.kind == "M" else array for array in (extremes, numbers, values)))
    return extremes


def _percentiles(
    groups: Groups, reading: Reading, rows: npt.NDArray[np.int64], percentile: float
) -> npt.NDArray[np.float64]:
    """Returns the percentile by group, between two values in proportion."""
    order = groups.sorted_rows(reading)
    if not len(order):
        return np.zeros(len(groups))
    places = np.maximum(rows - 1, 0) * (percentile / 100)
    first = np.minimum(np.cumsum(rows) - rows, len(order) - 1)
    low, high = (reading.values[order[first + ends(places).astype(np.int64)]] for ends in (np.floor, np.ceil))
    return np.asarray(low + (high - low).astype(np.float64) * (places - np.floor(places)))


def _notes(reading: Reading, missing: int) -> tuple[str, ...]:
    """Returns what is left out of the measures of a column."""
    name = code_text(reading.column.name)
    left_out = f"{name} 값이 없는 {count_text(missing)}은 그 열의 계산에서만 제외" if missing else ""
    return tuple(note for note in (left_out, *(f"{name} {one}" for one in reading.notes)) if note)
