"""데이터 조작: rows of the dataset, filtered, sorted or sampled."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from dataset_service.analysis.arguments import (
    Arguments,
    BlankIsNone,
    ColumnName,
    LabelColumn,
    NoBoolean,
    NumberColumn,
    Text,
    column_of,
)
from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading
from dataset_service.analysis.listing import MOST_ROWS, columns_shown, list_rows, listing_text, selection_code
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.question.condition import Condition
from dataset_service.analysis.question.conditions import condition_on
from dataset_service.analysis.question.sorting import sort_rows, sorted_as
from dataset_service.analysis.result import ToolResult, asking
from dataset_service.analysis.wording import (
    basis_text,
    cell_text,
    code_text,
    count_text,
    paragraphs,
    share_text,
)
from servicekit.errors import ToolRefused
from servicekit.question import Operator, Sort

Value = Text | int | Annotated[float, Field(allow_inf_nan=False)] | bool
Values = Value | Annotated[tuple[Value, ...], Field(max_length=1000)]
_OPERATOR_NAMES = [
    "같음", "다름", "초과", "미만", "이상", "이하", "사이", "글자가 들어 있음", "이 글자로 시작", "값 없음", "값 있음"
]  # fmt: skip


Shown = Annotated[
    tuple[ColumnName, ...], Field(max_length=60, title="보일 열", description="보일 열의 목록. 없으면 모두")
]


class FilterArguments(Arguments):
    """A condition on one column, if `where` does not say all."""

    column: Annotated[LabelColumn | None, BlankIsNone] = Field(
        None, title="열", description="조건을 걸 열. 조건이 여럿이면 이 셋 대신 where에 적습니다"
    )
    operator: Operator = Field(
        "==",
        title="비교",
        description="between은 값 [처음, 끝], missing과 present는 값 없이",
        json_schema_extra={"enumNames": [*_OPERATOR_NAMES]},
    )
    value: Annotated[Values | None, BlankIsNone] = Field(
        None,
        title="값",
        description="비교할 값. 목록이면 그중 하나(!=는 모두 아님). 날짜 열에는 2019, 2019-Q1, 2019-03, 2019-03-05, "
        "2019-03-05 13:00처럼 적으면 그 기간 전체, 시각 열에는 09:05 또는 9시",
    )
    columns: Shown = ()


class SortArguments(Arguments):
    """The columns to sort by and how many rows to show."""

    column: NumberColumn = Field(title="열", description="정렬할 열")
    ascending: bool = Field(True, title="작은 값부터", description="true면 작은 값부터, false면 큰 값부터")
    top_n: Annotated[int, Field(ge=1, le=MOST_ROWS), NoBoolean] = Field(
        10, title="행 수", description="보여 줄 행 수 (1~100)"
    )
    then: tuple[Sort, ...] = Field((), max_length=4, title="다음 정렬", description="값이 같을 때 정렬할 열의 목록")
    columns: Shown = ()

    def columns_named(self) -> list[str]:
        """Returns the names of columns among the arguments, those sorted by next too."""
        return [*super().columns_named(), *(one.column for one in self.then)]


class SampleArguments(Arguments):
    """The number of rows, and the value they must have."""

    n: Annotated[int, Field(ge=1, le=MOST_ROWS), NoBoolean] = Field(
        5, title="행 수", description="보여 줄 행 수 (1~100)"
    )
    column: Annotated[LabelColumn | None, BlankIsNone] = Field(
        None, title="열", description="값을 고를 열. 값과 함께 줍니다"
    )
    value: Annotated[Value | None, BlankIsNone] = Field(
        None, title="값", description="고른 열에서 찾을 값. 열과 함께 줍니다"
    )
    columns: Shown = ()


def filter_dataframe(frame: Frame, arguments: FilterArguments) -> ToolResult:
    """조건에 맞는 행이 몇 개인지 세고 그 행들을 보여 줍니다. 조건에 맞는 건수나 비율을 물을 때도 씁니다.

    조건 하나는 column, operator, value로, 여럿은 where로 적습니다. 예: where=[{"column": "사고일시:시", "operator":
    "between", "value": [22, 5]}, {"column": "기상상태", "value": ["비", "눈"]}, {"any_of": [{"column": "사망자수",
    "operator": ">=", "value": 1}, {"column": "중상자수", "operator": ">=", "value": 1}]}]. 다른 도구도 같습니다.
    """
    if arguments.column is None:
        if arguments.value is not None:
            raise ToolRefused("값과 비교할 열을 column에 적어주세요. 조건이 여럿이면 where에 적습니다.")
        return _listed(frame, arguments, f"조건에 맞는 행은 **{count_text(frame.rows)}**입니다.")
    column = frame.columns[arguments.column]
    condition = condition_on(column, arguments.operator, arguments.value)
    matched = int(np.count_nonzero(condition.rows))
    text = (
        f"{code_text(column.name)} {condition.words} 조건에 맞는 행은 **{count_text(matched)}**"
        f"({share_text(matched, condition.rows_used)})입니다."
    )
    return _listed(frame, arguments, text, (column, arguments.operator, arguments.value, condition))


def sort_dataframe(frame: Frame, arguments: SortArguments) -> ToolResult:
    """한 열의 값이 가장 크거나 작은 행들을 보여 줍니다. 값이 같으면 then의 열, 파일 순서를 따르고, 결측 행은 뺍니다.

    가장 가까운 곳은 거리를 define해 정렬합니다. 예: column="거리_km", define=[{"name": "거리_km", "near":
    {"latitude": 35.87, "longitude": 128.6}}].
    """
    column = frame.columns[arguments.column]
    sorts = [
        (column, not arguments.ascending),
        *((column_of(frame, one.column), one.descending) for one in arguments.then),
    ]
    reading = sorted_as(column)
    rows = sort_rows(frame, sorts, np.flatnonzero(reading.present if reading else column.present), arguments.top_n)
    used = reading.rows_used if reading else column.used
    names = arguments.columns or columns_shown(frame, (column.name,))
    table = list_rows(frame, rows, names, used)
    readings = [sorted_as(one) for one, _ in sorts]
    keys = ", ".join(f"{place}: {_key_code(*pair)}" for place, pair in enumerate(zip(sorts, readings, strict=True)))
    code = f"""\
order = pd.DataFrame({{{keys}}}).dropna(subset=[0])
order = order.sort_values({list(range(len(sorts)))}, ascending={[not one for _, one in sorts]}, kind="stable")
result = {selection_code(frame, names, f"df.loc[order.index[:{arguments.top_n}]]")}
"""
    (first,) = column.cells(rows[:1]) or [None]
    direction = "작은" if arguments.ascending else "큰"
    text = (
        f"{code_text(column.name)} 값이 {direction} 순서로 {count_text(len(rows))}입니다. "
        f"첫 값은 {code_text(cell_text(column, first))}입니다."
        if len(rows)
        else f"{code_text(column.name)} 열에는 정렬할 값이 없습니다."
    )
    return ToolResult(
        paragraphs(
            text,
            listing_text(frame, table, (column.name,)),
            basis_text(frame.rows, used, column.missing, *(reading.notes if reading else ())),
        ),
        table,
        code=script(code, *(one.function for one in readings if one)),
        rows_used=used,
        rows_missing=column.missing,
        question=asking(
            sort=[{"column": one.name, "descending": descending} for one, descending in sorts],
            columns=arguments.columns,
        ),
    )


def get_sample_rows(frame: Frame, arguments: SampleArguments) -> ToolResult:
    """데이터가 어떻게 생겼는지 몇 행을 보여 줍니다. 처음부터 끝까지 고르게 뽑습니다.

    열과 값을 고르거나 where를 적으면 그에 맞는 행만 뽑습니다. 예: n=10, column="기상상태", value="비".
    """
    if (arguments.column is None) != (arguments.value is None):
        raise ToolRefused("열과 값은 둘 다 적거나 둘 다 비워주세요.")
    if arguments.column is None:
        text = f"전체 행 {count_text(frame.rows)}에서 고르게 뽑은 {count_text(min(frame.rows, arguments.n))}입니다."
        return _listed(frame, arguments, text, sample=arguments.n)
    column = frame.columns[arguments.column]
    condition = condition_on(column, "==", arguments.value)
    matched = int(np.count_nonzero(condition.rows))
    text = f"{code_text(column.name)} {condition.words} 행 {count_text(matched)}에서 고르게 뽑은 "
    text += f"{count_text(min(matched, arguments.n))}입니다."
    return _listed(frame, arguments, text, (column, "==", arguments.value, condition), sample=arguments.n)


def _listed(
    frame: Frame,
    arguments: FilterArguments | SampleArguments,
    text: str,
    met: tuple[Column, Operator, Values | None, Condition] | None = None,
    *,
    sample: int | None = None,
) -> ToolResult:
    """Lists the first rows, or some spread evenly, of those that meet a condition."""
    condition = met[3] if met else None
    first = (met[0].name,) if met else ()
    names: Sequence[str] = arguments.columns or columns_shown(frame, first)
    rows = np.flatnonzero(condition.rows) if condition else np.arange(frame.rows)
    source, total = selection_code(frame, names, f"df[{condition.code}]" if condition else "df"), len(rows)
    if sample is None:
        rows, code = rows[:MOST_ROWS], f"result = {source}.head({MOST_ROWS})\n"
    else:
        wanted = min(total, sample)
        rows = rows[np.linspace(0, total - 1, wanted).astype(np.int64)]
        code = f"result = {source}\nresult = result.iloc[np.linspace(0, len(result) - 1, {wanted}).astype(int)]\n"
        total = wanted  # a sample is not a truncated table
    table = list_rows(frame, rows, names, total)
    used, missing = (condition.rows_used, condition.rows_missing) if condition else (frame.rows, 0)
    where = [{"column": met[0].name, "operator": met[1], "value": met[2]}] if met else []
    return ToolResult(
        paragraphs(
            text,
            " ".join(condition.notes) if condition else "",
            listing_text(frame, table, first),
            basis_text(frame.rows, used, missing) if condition else f"근거: 전체 {count_text(frame.rows)}.",
        ),
        table,
        code=script(code, condition.function if condition else ""),
        rows_used=used,
        rows_missing=missing,
        question=asking(where=where, columns=arguments.columns, sample=sample),
    )


def _key_code(sort: tuple[Column, bool], reading: Reading | None) -> str:
    column = sort[0]
    places = column.natural_places
    if reading or places is None:
        return reading.code if reading else f"df[{column.name!r}]"
    known = dict(zip(column.labels(np.arange(len(places))), places.tolist(), strict=True))
    return f"df[{column.name!r}].map({known!r})"
