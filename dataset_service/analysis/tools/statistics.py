"""통계 분석: percentiles and outliers of number columns."""

from typing import Annotated

import numpy as np
from pydantic import Field

from dataset_service.analysis.arguments import Arguments, BlankIsNone, LabelColumn, NoBoolean, NumberColumn
from dataset_service.analysis.frame.column import number_cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, number_reading
from dataset_service.analysis.listing import (
    MOST_ROWS,
    columns_shown,
    list_rows,
    listing_text,
    selection_code,
)
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Table, ToolResult, asking
from dataset_service.analysis.tools.groups import GroupArguments, group_by_aggregate
from dataset_service.analysis.wording import (
    VALUE,
    basis_text,
    cell_text,
    code_text,
    count_text,
    header_text,
    number_text,
    paragraphs,
    share_text,
)
from servicekit.question import Condition, Measure, Question, Test


class PercentileArguments(Arguments):
    """A number column and a percentile."""

    column: NumberColumn = Field(title="숫자 열", description="숫자 열 이름")
    percentile: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), NoBoolean] = Field(
        title="백분위", description="0~100. 90이면 값의 90%가 그 이하", examples=[90]
    )
    group_column: Annotated[LabelColumn | None, BlankIsNone] = Field(
        None, title="묶을 열", description="묶음마다 구할 때 묶을 열"
    )


class OutliersArguments(Arguments):
    """A number column and the threshold for outliers."""

    column: NumberColumn = Field(title="숫자 열", description="숫자 열 이름")
    multiplier: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False), NoBoolean] = Field(
        1.5, title="배수", description="사분위 범위(IQR)의 몇 배를 벗어나면 이상치로 볼지 (0 초과 100 이하)"
    )


def calculate_percentile(frame: Frame, arguments: PercentileArguments) -> ToolResult:
    """숫자 열에서 주어진 백분위의 값을 구합니다. 중앙값은 50, 상위 10%의 경계는 90입니다.

    group_column="시군구:시군구"처럼 열을 주면 묶음마다 구합니다.
    """
    measure = Measure(measure="percentile", column=arguments.column, percentile=arguments.percentile)
    if arguments.group_column:
        given = {"measures": (measure,), "group_column": arguments.group_column}
        return group_by_aggregate(frame, GroupArguments.model_validate(given))
    numbers = number_reading(frame, frame.columns[arguments.column], "백분위를 구할")
    column, values = numbers.column, numbers.used
    value = number_cell(float(np.percentile(numbers.in_order, arguments.percentile))) if len(values) else None
    if len(values):
        at_most = int(np.count_nonzero(values <= np.percentile(numbers.in_order, arguments.percentile)))
        text = (
            f"{code_text(column.name)} 열의 {number_text(arguments.percentile)} 백분위는 "
            f"**{cell_text(column, value)}**입니다. "
            f"이 값 이하는 {count_text(at_most)} ({share_text(at_most, len(values))})입니다."
        )
    else:
        text = f"{code_text(column.name)} 열에는 계산할 숫자가 하나도 없습니다."
    header = header_text(VALUE, column)
    table = Table.of(("백분위", header), [(arguments.percentile, value)])
    code = f"""\
x = {numbers.code}.dropna()
value = x.quantile({arguments.percentile!r} / 100)
result = pd.DataFrame({{"백분위": [{arguments.percentile!r}], {header!r}: [value]}})
"""
    return _about(frame, numbers, text, table, code, asking(measures=(measure,)))


def get_outliers(frame: Frame, arguments: OutliersArguments) -> ToolResult:
    """숫자 열에서 사분위 범위(IQR)를 크게 벗어난 행을 찾아 많이 벗어난 순서로 보여 줍니다.

    예: column="주차구획수", multiplier=3.
    """
    numbers = number_reading(frame, frame.columns[arguments.column], "이상치를 찾을")
    column = numbers.column
    columns = columns_shown(frame, (column.name,))
    outside: tuple[Test, ...] = ()
    if numbers.rows_used:
        first, third = np.quantile(numbers.in_order, (0.25, 0.75)).tolist()
        low = first - arguments.multiplier * (third - first)
        high = third + arguments.multiplier * (third - first)
        distance = np.where(numbers.present, np.maximum(low - numbers.values, numbers.values - high), -1.0)
        rows = np.flatnonzero(distance > 0)
        outside = (
            Test(column=column.name, operator="<", value=low),
            Test(column=column.name, operator=">", value=high),
        )
        table = list_rows(frame, rows[np.argsort(-distance[rows], kind="stable")][:MOST_ROWS], columns, len(rows))
        lowest, lower, upper, highest = (cell_text(column, bound) for bound in (low, first, third, high))
        below = int(np.count_nonzero(numbers.values[rows] < low))
        text = (
            f"{code_text(column.name)} 열의 이상치는 **{count_text(len(rows))}**"
            f"({share_text(len(rows), numbers.rows_used)})입니다. "
            f"{lowest}보다 작은 값 {count_text(below)}, "
            f"{highest}보다 큰 값 {count_text(len(rows) - below)}. "
            f"(1사분위 {lower}, 3사분위 {upper}, "
            f"IQR {cell_text(column, third - first)}, 배수 {number_text(arguments.multiplier)})"
        )
        if first == third:
            text += " 값의 절반 이상이 같은 값이라 그와 다른 값은 모두 이상치로 잡힙니다."
    else:
        table = list_rows(frame, np.empty(0, np.int64), columns, 0)
        text = f"{code_text(column.name)} 열에는 계산할 숫자가 하나도 없습니다."
    code = f"""\
x = {numbers.code}.dropna()
q1, q3 = x.quantile(0.25), x.quantile(0.75)
low, high = q1 - {arguments.multiplier!r} * (q3 - q1), q3 + {arguments.multiplier!r} * (q3 - q1)
distance = np.maximum(low - x, x - high)
outliers = distance[distance > 0].sort_values(ascending=False, kind="stable").head({MOST_ROWS})
result = {selection_code(frame, columns, "df.loc[outliers.index]")}
"""
    sort = [{"column": column.name, "descending": True}]
    return _about(frame, numbers, text, table, code, asking(where=(Condition(any_of=outside),), sort=sort))


def _about(frame: Frame, numbers: Reading, text: str, table: Table, code: str, question: Question) -> ToolResult:
    column = numbers.column
    return ToolResult(
        paragraphs(
            text,
            listing_text(frame, table, (column.name,)) if len(table.rows) > 1 else "",
            basis_text(frame.rows, numbers.rows_used, column.missing, *numbers.notes),
        ),
        table,
        code=script(code, numbers.function),
        rows_used=numbers.rows_used,
        rows_missing=column.missing,
        question=question,
    )
