"""통계 분석: cross tabulation of two columns."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dataset_service.analysis.arguments import Arguments, LabelColumn
from dataset_service.analysis.frame.column import Codes, Column, Mask, count_codes, weekday_names
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import short_cell
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult
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

_MOST_ROWS, _MOST_COLUMNS = 50, 20
_PRECISE_FORMATS: Mapping[str, str] = {Precision.YEAR: "%Y", Precision.QUARTER: "%Y-Q%q", Precision.MONTH: "%Y-%m"}
_DATE_FORMATS = {10: "%Y-%m-%d", 16: "%Y-%m-%d %H:%M", 19: "%Y-%m-%d %H:%M:%S"}


class CrossArguments(Arguments):
    """Two columns."""

    row_column: LabelColumn = Field(title="행이 될 열", description="표의 행이 될 열 이름")
    col_column: LabelColumn = Field(title="열이 될 열", description="표의 열이 될 열 이름")
    normalize: bool = Field(False, title="비율로 보기", description="true면 건수 대신 각 행의 합을 100으로 한 비율(%)")


class _Shown(NamedTuple):
    """The codes of the values in the table, and its headers."""

    down: Codes
    across: Codes
    headers: tuple[str, ...]


def cross_tabulation(frame: Frame, arguments: CrossArguments) -> ToolResult:
    """두 열의 값을 행과 열로 놓고 함께 나온 건수(또는 행별 비율)를 표로 만듭니다. 값이 많은 열은 흔한 값만 씁니다."""
    if arguments.row_column == arguments.col_column:
        raise ToolRefused(
            "‘행이 될 열’과 ‘열이 될 열’을 서로 다르게 골라주세요. 한 열의 건수는 ‘값별 건수’ 도구로 볼 수 있습니다."
        )
    down, across = frame.columns[arguments.row_column], frame.columns[arguments.col_column]
    present = down.present & across.present
    used = int(np.count_nonzero(present))
    row_counts, column_counts = _counts(down, present), _counts(across, present)
    shown = _shown(down, across, row_counts, column_counts)
    counts = _crossed(down, across, shown)
    cells: list[list[Any]] = counts.tolist()
    if arguments.normalize:
        cells = (counts / row_counts[shown.down][:, None] * 100).tolist()
    labels = [short_cell(label) for label in down.labels(shown.down)]
    rows = [(label, *line) for label, line in zip(labels, cells, strict=True)]
    table = Table.of(shown.headers, rows, int(np.count_nonzero(row_counts)))
    kept = int(counts.sum())
    left_out = ""
    if kept < used:
        left_out = (
            f"표에는 흔한 값만 있습니다: {code_text(down.name)} {count_text(table.total_rows, '개')} 값 중 "
            f"{count_text(len(shown.down), '개')}, "
            f"{code_text(across.name)} {count_text(int(np.count_nonzero(column_counts)), '개')} 값 중 "
            f"{count_text(len(shown.across), '개')}. 표에서 빠진 행은 {count_text(used - kept)} "
            f"({share_text(used - kept, used)})입니다."
        )
    first, *headers = shown.headers
    plain = (first,) if down.is_plain else ()
    unit = "값은 각 행의 합(표에 없는 값 포함)을 100으로 한 비율(%)입니다. " if arguments.normalize else ""
    return ToolResult(
        paragraphs(
            _most_text(down, across, shown, counts, used),
            table_text(table, plain=plain, shares=headers if arguments.normalize else (), unit="개 값"),
            left_out,
            unit + basis_text(frame.rows, used, frame.rows - used),
        ),
        table,
        chart=Chart("heatmap", shown.headers[0]) if rows else None,
        code=_code(down, across, shown, is_cut=kept < used, normalize=arguments.normalize),
        rows_used=used,
        rows_missing=frame.rows - used,
    )


def _counts(column: Column, present: Mask) -> npt.NDArray[np.int64]:
    """Returns the count of each value in rows where the other column has a value as well."""
    if present.all():
        return column.counts
    return count_codes(np.where(present, column.codes, -1), len(column.counts))


def _shown(
    down: Column, across: Column, row_counts: npt.NDArray[np.int64], column_counts: npt.NDArray[np.int64]
) -> _Shown:
    rows = _natural_order(down, down.largest(row_counts, _MOST_ROWS))
    columns = _natural_order(across, across.largest(column_counts, _MOST_COLUMNS))
    headers = tuple(str(short_cell(label)) for label in across.labels(columns))
    return _Shown(rows, columns, (down.name if down.name not in headers else f"{down.name} (행)", *headers))


def _natural_order(column: Column, codes: Codes) -> Codes:
    """Returns the codes in natural order: weekdays from Monday, otherwise by value."""
    codes = column.ascending(codes)
    labels = column.labels(codes)
    days = weekday_names(labels)
    return codes[np.argsort([days.index(str(label)) for label in labels])] if days else codes


def _crossed(down: Column, across: Column, shown: _Shown) -> npt.NDArray[np.int64]:
    """Returns the count of each pair of values."""
    row_places, column_places = _places(down, shown.down), _places(across, shown.across)
    rows, columns = row_places[down.codes], column_places[across.codes]
    pairs = np.where((rows >= 0) & (columns >= 0), rows * len(shown.across) + columns, -1)
    counts = count_codes(pairs, len(shown.down) * len(shown.across))
    return counts.reshape(len(shown.down), len(shown.across))


def _places(column: Column, codes: Codes) -> npt.NDArray[np.int32]:
    """Returns the index in the table by code, -1 for omitted values; the last element is for missing ones."""
    places = np.full(len(column.counts) + 1, -1, np.int32)
    places[codes] = np.arange(len(codes))
    return places


def _most_text(down: Column, across: Column, shown: _Shown, counts: npt.NDArray[np.int64], used: int) -> str:
    if not used:
        return f"{code_text(down.name)} 열과 {code_text(across.name)} 열에 함께 값이 있는 행이 없습니다."
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    (label,), (other,) = down.labels(shown.down[[row]]), across.labels(shown.across[[column]])
    most = int(counts[row, column])
    pair = ", ".join(
        f"{code_text(one.name)} {code_text(cell_text(one, value))}" for one, value in ((down, label), (across, other))
    )
    return f"가장 많은 조합은 {pair} ({count_text(most, '건')}, {share_text(most, used)})입니다."


def _code(down: Column, across: Column, shown: _Shown, *, is_cut: bool, normalize: bool) -> str:
    lines = [f'pair = pd.DataFrame({{"행": df[{down.name!r}], "열": df[{across.name!r}]}}).dropna()']
    if normalize:
        lines.append('totals = pair.groupby("행").size()')
    if is_cut:
        lines += [
            "def common(values, limit):",
            '    return values.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:limit]',
            "",
            f'rows, columns = common(pair["행"], {_MOST_ROWS}), common(pair["열"], {_MOST_COLUMNS})',
            'kept = pair[pair["행"].isin(rows) & pair["열"].isin(columns)]',
            'table = pd.crosstab(kept["행"], kept["열"])',
            "table = table.reindex(index=rows.sort_values(), columns=columns.sort_values(), fill_value=0)",
        ]
    else:
        lines.append('table = pd.crosstab(pair["행"], pair["열"])')
    for column, codes, axis in ((down, shown.down, "index"), (across, shown.across, "columns")):
        if days := weekday_names(column.labels(codes)):
            lines.append(f"table = table.reindex({axis}=[day for day in {list(days)!r} if day in table.{axis}])")
    if normalize:
        lines.append("table = table.div(totals.reindex(table.index), axis=0) * 100")
    first, *headers = shown.headers
    if across.kind is ColumnKind.DATE and headers:
        pattern = _PRECISE_FORMATS.get(across.precision) or _DATE_FORMATS[len(headers[0])]
        periods = '.to_period("Q")' if across.precision == Precision.QUARTER else ""
        lines.append(f"table.columns = table.columns{periods}.strftime({pattern!r})")
    lines.append("table = table.rename(columns=str)")
    if {"∞", "-∞"} & set(headers):
        lines.append('table = table.rename(columns={"inf": "∞", "-inf": "-∞"})')
    lines.append(f"result = table.rename_axis(columns=None).rename_axis({first!r}).reset_index()")
    return script("\n".join(lines) + "\n")
