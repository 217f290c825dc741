"""통계 분석: cross tabulation of two columns."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dataset_service.analysis.arguments import Arguments, BlankIsNone, LabelColumn, NumberColumn
from dataset_service.analysis.frame.column import Cell, Codes, number_cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import short_cell
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.question.aggregate import key_code
from dataset_service.analysis.question.groups import Groups
from dataset_service.analysis.question.measures import Measured, work_out
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.tools.groups import OPERATION_NAMES
from dataset_service.analysis.wording import (
    basis_text,
    cell_text,
    code_text,
    count_text,
    paragraphs,
    share_text,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind, Precision
from servicekit.errors import ToolRefused
from servicekit.question import Measure, MeasureName

_MOST_ROWS, _MOST_COLUMNS = 50, 20
_PRECISE_FORMATS: Mapping[str, str] = {Precision.YEAR: "%Y", Precision.QUARTER: "%Y-Q%q", Precision.MONTH: "%Y-%m"}
_DATE_FORMATS = {10: "%Y-%m-%d", 16: "%Y-%m-%d %H:%M", 19: "%Y-%m-%d %H:%M:%S"}


class CrossArguments(Arguments):
    """Two columns, and what to work out of each pair of their values."""

    row_column: LabelColumn = Field(title="행이 될 열", description="표의 행이 될 열")
    col_column: LabelColumn = Field(title="열이 될 열", description="표의 열이 될 열")
    normalize: bool = Field(False, title="비율로 보기", description="true면 각 행의 합을 100으로 한 비율(%)")
    value_column: Annotated[NumberColumn | None, BlankIsNone] = Field(
        None, title="계산할 열", description="건수 대신 계산할 열"
    )
    operation: Annotated[MeasureName | None, BlankIsNone] = Field(
        None,
        title="계산",
        description="계산할 열의 sum, mean, median, min, max, std, unique, rate(100건당)",
        examples=["count"],
        json_schema_extra={"enumNames": [*OPERATION_NAMES]},
    )

    def measure(self) -> Measure:
        """Returns what to work out. Raises `ToolRefused`."""
        name = self.operation or "count"
        if (self.value_column is None) != (name in ("count", "share")) or name == "percentile":
            raise ToolRefused(
                "‘계산할 열’(value_column)과 ‘계산’(operation: sum, mean, median, min, max, std, unique, rate)은 "
                "함께 적어주세요. 둘 다 비우면 건수입니다."
            )
        if self.normalize and name not in ("count", "sum"):
            raise ToolRefused("‘비율로 보기’(normalize)는 건수나 합계(sum)일 때만 쓸 수 있습니다.")
        return Measure(measure=name, column=self.value_column or "")


def cross_tabulation(frame: Frame, arguments: CrossArguments) -> ToolResult:
    """두 열의 값을 행과 열로 놓고 함께 나온 건수, 행별 비율(normalize) 또는 다른 열의 계산값을 표로 만듭니다.

    예: row_column="사고일시:요일", col_column="사고일시:시". 평균은 value_column="ECLO", operation="mean".
    값이 많은 열은 흔한 값만 씁니다.
    """
    if arguments.row_column == arguments.col_column:
        raise ToolRefused(
            "‘행이 될 열’과 ‘열이 될 열’을 서로 다르게 골라주세요. 한 열의 건수는 ‘값별 건수’ 도구로 볼 수 있습니다."
        )
    down, across = frame.columns[arguments.row_column], frame.columns[arguments.col_column]
    measure, groups = arguments.measure(), Groups(frame.rows, [down, across])
    measured = work_out(frame, groups, measure)
    rows, columns = _common(groups, 0, _MOST_ROWS), _common(groups, 1, _MOST_COLUMNS)
    headers = tuple(str(short_cell(label)) for label in across.labels(columns))
    first = down.name if down.name not in headers else f"{down.name} (행)"
    labels = map(short_cell, down.labels(rows))
    cells = _crossed(groups, measured, rows, columns, normalize=arguments.normalize)
    table = Table.of(
        (first, *headers), [(label, *line) for label, line in zip(labels, cells, strict=True)], _different(groups, 0)
    )
    shown = np.isin(groups.codes[0], rows) & np.isin(groups.codes[1], columns)
    left_out = groups.used - int(groups.rows[shown].sum())
    told = ""
    if left_out:
        told = (
            f"표에는 흔한 값만 있습니다: {code_text(down.name)} {count_text(table.total_rows, '개')} 값 중 "
            f"{count_text(len(rows), '개')}, {code_text(across.name)} {count_text(_different(groups, 1), '개')} 값 중 "
            f"{count_text(len(columns), '개')}. 표에서 빠진 행은 {count_text(left_out)} "
            f"({share_text(left_out, groups.used)})입니다."
        )
    unit = f"값은 {code_text(measured.header)}입니다. " if measure.column else ""
    if arguments.normalize:
        unit = "값은 각 행의 합(표에 없는 값 포함)을 100으로 한 비율(%)입니다. "
    return ToolResult(
        paragraphs(
            _most_text(groups, measured, np.flatnonzero(shown & measured.present)),
            table_text(
                table,
                plain=(*((first,) if down.is_plain else ()), *(headers if measured.is_plain else ())),
                shares=headers if arguments.normalize or measured.is_share else (),
                unit="개 값",
            ),
            told,
            unit + basis_text(frame.rows, groups.used, groups.missing, *measured.notes),
        ),
        table,
        chart=Chart("heatmap", first) if table.rows else None,
        code=_code(groups, measured, table.columns, is_cut=left_out > 0, normalize=arguments.normalize),
        rows_used=groups.used,
        rows_missing=groups.missing,
        question=asking(groups=(down.name, across.name), measures=(measure,)),
    )


def _totals(groups: Groups, place: int) -> npt.NDArray[np.int64]:
    """Returns the rows by code of a column."""
    return np.bincount(groups.codes[place], groups.rows, groups.columns[place].different).astype(np.int64)


def _different(groups: Groups, place: int) -> int:
    return int(np.count_nonzero(_totals(groups, place)))


def _common(groups: Groups, place: int, limit: int) -> Codes:
    """Returns the codes of the commonest values in their natural order: weekdays from Monday, otherwise by value."""
    column, rows = groups.columns[place], _totals(groups, place)
    if column.natural_places is None:
        return column.ascending(column.largest(rows, limit))
    codes = np.flatnonzero(rows)
    codes = codes[np.argsort(column.natural_places[codes])]
    return codes[np.sort(np.argsort(-rows[codes], kind="stable")[:limit])].astype(np.int32)


def _crossed(groups: Groups, measured: Measured, rows: Codes, columns: Codes, *, normalize: bool) -> list[list[Cell]]:
    """Returns the measure of each pair of values; no rows count 0, and have nothing else."""
    cells: list[list[Cell]] = [[0 if normalize or measured.measure == "count" else None] * len(columns) for _ in rows]
    numbers = np.flatnonzero(np.isin(groups.codes[0], rows) & np.isin(groups.codes[1], columns))
    told = measured.cells(numbers)
    if normalize:
        parts = np.where(measured.present, measured.values, 0)
        shares = parts / np.bincount(groups.codes[0], parts)[groups.codes[0]] * 100
        told = list(map(number_cell, shares[numbers].tolist()))
    down, across = ({code: place for place, code in enumerate(codes.tolist())} for codes in (rows, columns))
    for row, column, cell in zip(*(codes[numbers].tolist() for codes in groups.codes), told, strict=True):
        cells[down[row]][across[column]] = cell
    return cells


def _most_text(groups: Groups, measured: Measured, among: npt.NDArray[np.int64]) -> str:
    down, across = groups.columns
    if not groups.used:
        return f"{code_text(down.name)} 열과 {code_text(across.name)} 열에 함께 값이 있는 행이 없습니다."
    if not len(among):
        return "계산할 값이 없습니다."
    most = among[[measured.values[among].argmax()]]
    pair = ", ".join(
        f"{code_text(column.name)} {code_text(cell_text(column, groups.labels(place, most)[0]))}"
        for place, column in enumerate((down, across))
    )
    rows = int(groups.rows[most[0]])
    if measured.measure == "count":
        return f"가장 많은 조합은 {pair} ({count_text(rows, '건')}, {share_text(rows, groups.used)})입니다."
    figures = f"{measured.text(most)}, {count_text(rows, '건')}"
    return f"{code_text(measured.header)} 값이 가장 큰 조합은 {pair} ({figures})입니다."


def _code(groups: Groups, measured: Measured, headers: Sequence[str], *, is_cut: bool, normalize: bool) -> str:
    across = groups.columns[1]
    lines = [
        f"keys = [{key_code(groups, 0)}, {key_code(groups, 1)}]",
        f"cells = {measured.code}",
        f"table = cells.unstack({'fill_value=0' if measured.measure == 'count' else ''}).sort_index(axis=1)",
    ]
    if normalize:
        lines += ["table = table.fillna(0)", "table = table.div(table.sum(axis=1), axis=0) * 100"]
    if is_cut:
        lines += [
            "counts = df.groupby(keys).size()",
            "def common(level, limit):",
            "    rows = counts.groupby(level=level).sum()",
            '    return rows.sort_values(ascending=False, kind="stable").index[:limit]',
            "",
            f"rows, columns = common(0, {_MOST_ROWS}), common(1, {_MOST_COLUMNS})",
            "table = table.loc[table.index.isin(rows), table.columns.isin(columns)]",
        ]
    first, *labels = headers
    if across.kind is ColumnKind.DATE and labels:
        pattern = _PRECISE_FORMATS.get(across.precision) or _DATE_FORMATS[len(labels[0])]
        periods = '.to_period("Q")' if across.precision == Precision.QUARTER else ""
        lines.append(f"table.columns = table.columns{periods}.strftime({pattern!r})")
    if across.natural_places is not None:
        lines.append("table.columns = list(table.columns)")
    lines.append("table = table.rename(columns=str)")
    if {"∞", "-∞"} & set(labels):
        lines.append('table = table.rename(columns={"inf": "∞", "-inf": "-∞"})')
    lines.append(f"result = table.rename_axis(columns=None).rename_axis({first!r}).reset_index()")
    return script("\n".join(lines) + "\n", measured.function)
