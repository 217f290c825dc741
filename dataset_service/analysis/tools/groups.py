"""통계 분석: values by group."""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from dataset_service.analysis.arguments import Arguments, LabelColumn, NumberColumn
from dataset_service.analysis.frame.column import (
    Cell,
    Codes,
    Column,
    Mask,
    count_codes,
    number_cell,
)
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.meanings import allows
from dataset_service.analysis.frame.readings import Reading, dates_of, may_overflow, number_reading, numbers_of
from dataset_service.analysis.listing import MOST_GROUPS, distinct_headers, short_cell
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult
from dataset_service.analysis.wording import (
    COUNT,
    basis_text,
    cell_text,
    code_text,
    count_text,
    header_text,
    paragraphs,
    percent_note,
    table_text,
    value_text,
)
from dataset_service.reading.columns.kinds import ColumnKind, Meaning

Operation = Literal["sum", "mean", "count", "min", "max", "median", "std"]
_OPERATION_NAMES: dict[Operation, str] = {
    "sum": "합계",
    "mean": "평균",
    "count": "건수",
    "min": "최소",
    "max": "최대",
    "median": "중앙값",
    "std": "표준편차",
}
_OF_SAME_KIND = ("mean", "min", "max", "median")
"""Statistics of years that are years themselves."""
_OF_DATES = ("min", "max")
_DECIMALS_COMPARED = 9
"""Decimals that are compared when sorting, so that rounding errors do not change the order."""


class GroupArguments(Arguments):
    """What to group by, the column to aggregate, and the operation."""

    group_column: LabelColumn = Field(title="묶을 기준 열", description="묶을 기준 열 이름")
    agg_column: NumberColumn = Field(title="계산할 열", description="계산할 열 이름. 건수를 셀 때는 어느 열이든 됩니다")
    operation: Operation = Field(
        title="계산",
        description="합계 sum, 평균 mean, 건수 count, 최소 min, 최대 max, 중앙값 median, 표준편차 std",
        examples=["mean"],
        json_schema_extra={"enumNames": list(_OPERATION_NAMES.values())},
    )


def group_by_aggregate(frame: Frame, arguments: GroupArguments) -> ToolResult:
    """한 열의 값으로 묶어 다른 열의 합계, 평균, 건수, 최소, 최대, 중앙값, 표준편차를 구합니다.

    큰 값부터 보여 주고, 날짜, 시각, 연도, 월로 묶으면 그 순서로 보여 줍니다.
    """
    group, column = frame.columns[arguments.group_column], frame.columns[arguments.agg_column]
    operation = arguments.operation
    reading = _aggregated(frame, column, operation)
    present = group.present & (reading.present if reading else column.present)
    used = int(np.count_nonzero(present))
    missing = frame.rows - int(np.count_nonzero(group.present & column.present))
    groups = _by_group(group, reading, present, operation)
    codes = _in_order(group, groups)
    labels = [short_cell(label) for label in group.labels(codes)]
    rows = list(zip(labels, _cells(column, groups.values[codes]), groups.rows[codes].tolist(), strict=True))
    name = f"{column.name} {_OPERATION_NAMES[operation]}"
    name = header_text(name, column) if operation != "count" else name
    are_plain = group.is_plain, column.is_plain and operation in _OF_SAME_KIND
    headers = distinct_headers(group.name, name, COUNT)
    total = int(np.count_nonzero(groups.rows))
    has_fractions = groups.values.dtype.kind == "f"
    table = Table.of(headers, rows, total)
    plain = [header for header, is_plain in zip(headers, are_plain, strict=False) if is_plain]
    with_value = [row for row in rows if row[1] is not None]
    is_line = group.kind is ColumnKind.DATE or group.meaning == Meaning.YEAR
    if not with_value:
        text = "계산할 값이 없습니다."
    elif group.is_in_time:
        text = f"{code_text(group.name)} 순서대로 구한 {code_text(name)}입니다."
    else:
        first, *_, last = [_group_text(group, column, operation, *row) for row in (with_value[0], with_value[-1])]
        text = f"{code_text(name)} 값이 가장 큰 묶음은 {first}입니다."
        if total == len(rows) > 1:
            text += f" 가장 작은 묶음은 {last}입니다."
    notes = reading.notes if reading else ()
    return ToolResult(
        paragraphs(
            text,
            table_text(table, plain=plain, unit="개 묶음"),
            percent_note(column, operation),
            basis_text(frame.rows, used, missing, *notes),
        ),
        table,
        chart=Chart("line" if is_line else "bar", headers[0], headers[1]) if with_value else None,
        code=_group_code(group, column, reading, operation, headers, has_fractions=has_fractions),
        rows_used=used,
        rows_missing=missing,
    )


def _aggregated(frame: Frame, column: Column, operation: Operation) -> Reading | None:
    """Returns the values to aggregate; None for a count of any values. Raises `ToolRefused`."""
    if operation == "count":
        return None
    dates = dates_of(column)
    if dates and operation in _OF_DATES:
        return dates
    fitting = [
        f"{name}({one})"
        for one, name in _OPERATION_NAMES.items()
        if one == "count" or (dates and one in _OF_DATES) or (allows(column.meaning, one) and numbers_of(column))
    ]
    hint = f"‘계산’에서 이 열에 쓸 수 있는 것: {', '.join(fitting)}. "
    return number_reading(frame, column, f"{_OPERATION_NAMES[operation]} 계산을 할", operation, hint)


class _Groups(NamedTuple):
    """Per code of the group column: the value, NaN if there is none, and the number of rows."""

    values: npt.NDArray[Any]
    rows: npt.NDArray[np.int64]


def _by_group(group: Column, reading: Reading | None, present: Mask, operation: Operation) -> _Groups:
    kinds = len(group.counts)
    if reading is None:
        counts = count_codes(np.where(present, group.codes, -1), kinds)
        return _Groups(counts, counts)
    is_all = bool(present.all())
    codes = group.codes if is_all else group.codes[present]
    values = reading.values if is_all else reading.values[present]
    rows = np.bincount(codes, minlength=kinds)
    if not len(values):
        return _Groups(np.full(kinds, np.nan), rows)
    match operation:
        case "sum":
            return _Groups(_sums(values, codes, kinds), rows)
        case "mean":
            return _Groups(np.bincount(codes, values, kinds) / rows, rows)
        case "std":
            deviations = values - (np.bincount(codes, values, kinds) / rows)[codes]
            return _Groups(np.sqrt(np.bincount(codes, deviations * deviations, kinds) / np.maximum(rows - 1, 0)), rows)
        case "min":
            return _Groups(_extremes(np.minimum, values.max(), values, codes, kinds), rows)
        case "max":
            return _Groups(_extremes(np.maximum, values.min(), values, codes, kinds), rows)
        case _:
            by_code = pd.Series(values).groupby(codes).median()
            medians = np.full(kinds, np.nan)
            medians[by_code.index.to_numpy()] = by_code.to_numpy()
            return _Groups(medians, rows)


def _sums(values: npt.NDArray[Any], codes: Codes, kinds: int) -> npt.NDArray[Any]:
    """Returns the sum by code, exact for integers within int64."""
    if values.dtype.kind != "i" or may_overflow(values):
        return np.bincount(codes, values, kinds)
    sums = np.zeros(kinds, np.int64)
    np.add.at(sums, codes, values)
    return sums


def _extremes(best: np.ufunc, start: Any, values: npt.NDArray[Any], codes: Codes, kinds: int) -> npt.NDArray[Any]:
    """Returns the smallest or greatest value by code. Dates are compared as integers."""
    extremes = np.full(kinds, start)
    best.at(*(array.view(np.int64) if array.dtype.kind == "M" else array for array in (extremes, codes, values)))
    return extremes


def _in_order(group: Column, groups: _Groups) -> Codes:
    """Returns the groups in order: that of time, otherwise by value in descending order, ties by group."""
    codes = np.flatnonzero(groups.rows)
    if group.is_in_time:
        return group.ascending(codes, MOST_GROUPS)
    keys = groups.values.view(np.int64) if groups.values.dtype.kind == "M" else groups.values
    if keys.dtype.kind == "f":
        keys = np.where(np.isnan(keys), -np.inf, np.round(keys, _DECIMALS_COMPARED))
    return group.largest(keys, MOST_GROUPS, codes)


def _cells(column: Column, values: npt.NDArray[Any]) -> list[Cell]:
    if values.dtype.kind == "M":
        return list(column.date_texts(values))
    return [number_cell(value) if isinstance(value, float) else value for value in values.tolist()]


def _group_code(
    group: Column,
    column: Column,
    reading: Reading | None,
    operation: Operation,
    headers: tuple[str, ...],
    *,
    has_fractions: bool,
) -> str:
    values = f"{reading.code}" if reading else f"df[{column.name!r}]"
    if operation == "sum" and reading and may_overflow(reading.used):
        values += ".astype('float64')"
    order = ""
    if not group.is_in_time:
        key = f", key=lambda values: values.round({_DECIMALS_COMPARED})" if has_fractions else ""
        order = f'.sort_values("값", ascending=False, kind="stable"{key})'
    code = f"""\
pair = pd.DataFrame({{"묶음": df[{group.name!r}], "값": {values}}}).dropna()
result = pair.groupby("묶음")["값"].agg(["{operation}", "size"]).reset_index().set_axis(["묶음", "값", "행"], axis=1)
result = result{order}.head({MOST_GROUPS}).set_axis({list(headers)!r}, axis=1)
"""
    return script(code, reading.function if reading else "")


def _group_text(group: Column, column: Column, operation: Operation, label: Cell, value: Cell, count: int) -> str:
    written = cell_text(column, value) if operation != "count" else value_text(value)
    return f"{code_text(cell_text(group, label))} ({written}, {count_text(count, '건')})"
