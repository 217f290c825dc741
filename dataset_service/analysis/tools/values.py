"""데이터 정보, 데이터 조작, 데이터 품질: the values of a column, counted."""

import math
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from dataset_service.analysis.arguments import LabelArguments, NoBoolean
from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import MOST_GROUPS, distinct_headers
from dataset_service.analysis.question.aggregate import Tabulated, tabulate
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.wording import (
    COUNT,
    basis_text,
    cell_text,
    code_text,
    count_text,
    kind_text,
    listed_text,
    paragraphs,
    share_text,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused
from servicekit.question import Measure, Sort

CUMULATIVE = "누적 비율(%)"
_MOST_CATEGORIES = 50
_SHOWN_CATEGORIES = 30
_RARE_SHARE = 0.01
_COUNTED = (Measure(), Measure(measure="share"))


class ValueCountsArguments(LabelArguments):
    """One column and the number of values to show."""

    top_n: Annotated[int, Field(ge=1, le=MOST_GROUPS), NoBoolean] = Field(
        20, title="값의 수", description="건수가 많은 순서로 몇 개까지 볼지 (1~200)"
    )


def get_value_counts(frame: Frame, arguments: ValueCountsArguments) -> ToolResult:
    """한 열의 값마다 몇 건이고 몇 퍼센트인지 많은 순서로 셉니다. 결측은 빼고 비율을 냅니다.

    날짜와 지역은 부분으로 셉니다. 예: column="사고일시:요일", column="시군구:시군구", column="연령:10".
    """
    column = frame.columns[arguments.column]
    found = _by_count(frame, column, arguments.top_n)
    return _result(frame, column, found, _unique_text(column), found.text)


def get_unique_values(frame: Frame, arguments: LabelArguments) -> ToolResult:
    """한 열에 어떤 값들이 있는지 순서대로 늘어놓고 값마다 건수를 알려 줍니다.

    조건에 쓸 정확한 값을 찾을 때 씁니다. 예: column="기상상태".
    """
    column = frame.columns[arguments.column]
    sort = (Sort.model_construct(column=column.name, descending=False),)
    found = tabulate(frame, [column.name], _COUNTED[:1], sort)
    values = [
        f"{code_text(cell_text(column, label))} {count_text(int(str(rows)), '건')}" for label, rows in found.table.rows
    ]
    return _result(frame, column, found, _unique_text(column), listed_text(values, total=column.unique))


def summarize_categorical_distribution(frame: Frame, arguments: LabelArguments) -> ToolResult:
    """범주 열의 값이 얼마나 쏠려 있는지 알려 줍니다. 값별 비율과 누적 비율, 드문 값, 값이 고르게 나뉜 정도를 봅니다.

    예: column="사고유형".
    """
    column = frame.columns[arguments.column]
    if column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.DATE) and column.unique > _MOST_CATEGORIES:
        better = "시간 흐름" if column.kind is ColumnKind.DATE else "열 통계"
        raise ToolRefused(
            f"{code_text(column.name)} 열은 서로 다른 값이 {column.unique:,}개인 {kind_text(column)} 열이라 "
            f"범주로 보기 어렵습니다. ‘{better}’ 도구를 쓰거나 범주 열을 골라주세요."
        )
    found = _by_count(frame, column, _SHOWN_CATEGORIES)
    headers = distinct_headers(*found.table.columns, CUMULATIVE)
    shares = [float(str(row[2])) for row in found.table.rows]
    rows = [(*row, share) for row, share in zip(found.table.rows, np.cumsum(shares).tolist(), strict=True)]
    table = Table.of(headers, rows, found.table.total_rows)
    text = table_text(table, plain=headers[:1] if column.is_plain else (), shares=headers[2:], unit="개 값")
    code = f"{found.code}result[{headers[3]!r}] = result[{headers[2]!r}].cumsum()\n"
    result = _result(frame, column, found, _spread_text(column) if rows else _unique_text(column), text)
    chart = Chart("bar", headers[0], headers[2]) if rows else None
    return replace(result, table=table, code=code, chart=chart)


def _by_count(frame: Frame, column: Column, limit: int) -> Tabulated:
    count = distinct_headers(column.name, COUNT)[1]
    return tabulate(frame, [column.name], _COUNTED, (Sort(column=count, descending=True),), limit)


def _result(frame: Frame, column: Column, found: Tabulated, *texts: str) -> ToolResult:
    return ToolResult(
        paragraphs(*texts, basis_text(frame.rows, column.used, column.missing)),
        found.table,
        chart=found.chart,
        code=found.code,
        rows_used=column.used,
        rows_missing=column.missing,
        question=asking(groups=(column.name,), measures=_COUNTED),
    )


def _unique_text(column: Column) -> str:
    if not column.used:
        return f"{code_text(column.name)} 열에는 값이 하나도 없습니다."
    return f"{code_text(column.name)} 열에는 서로 다른 값이 {count_text(column.unique, '개')} 있습니다."


def _spread_text(column: Column) -> str:
    ordered = np.sort(column.counts[column.counts > 0])[::-1]
    shares = ordered / column.used
    for_most = int(np.searchsorted(np.cumsum(shares), 0.8 - 1e-12)) + 1
    rare = int(np.count_nonzero(shares < _RARE_SHARE))
    (label,) = column.labels(column.largest(column.counts, 1))
    text = (
        f"{code_text(column.name)} 열에는 서로 다른 값이 {count_text(column.unique, '개')} 있습니다. 가장 많은 값은 "
        f"{code_text(cell_text(column, label))} "
        f"({share_text(int(ordered[0]), column.used)})입니다. "
        f"건수가 많은 순서로 {count_text(for_most, '개')} 값이 전체의 80% 이상을 차지합니다. "
        f"1%보다 드문 값은 {count_text(rare, '개')}입니다."
    )
    if column.unique > 1:
        evenness = float(-(shares * np.log(shares)).sum()) / math.log(column.unique)
        text += f" 값이 고르게 나뉜 정도는 {share_text(round(evenness, 4), 1)}입니다"
        text += " (0%면 한 값에 몰림, 100%면 모두 같은 건수)."
    return text
