"""데이터 조작: rows of the dataset, filtered, sorted or sampled."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dataset_service.analysis.arguments import (
    Arguments,
    BlankIsNone,
    LabelArguments,
    LabelColumn,
    NoBoolean,
    NumberColumn,
    Value,
)
from dataset_service.analysis.frame.column import Column, Mask
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import dates_of, numbers_of
from dataset_service.analysis.listing import (
    MOST_GROUPS,
    MOST_ROWS,
    columns_shown,
    list_rows,
    listing_text,
    selection_code,
    short_cell,
)
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.question.condition import Condition
from dataset_service.analysis.question.conditions import Operator, condition_on
from dataset_service.analysis.result import Table, ToolResult
from dataset_service.analysis.wording import (
    COUNT,
    VALUE,
    basis_text,
    cell_text,
    code_text,
    count_text,
    header_text,
    listed_text,
    paragraphs,
    share_text,
)
from servicekit.errors import ToolRefused

_MOST_SAMPLED = 100


class FilterArguments(Arguments):
    """A condition on one column."""

    column: LabelColumn = Field(title="열", description="조건을 걸 열 이름")
    operator: Operator = Field(
        title="비교",
        description="비교 방법. 글자 열에는 ==, !=, contains(글자가 들어 있음, 대소문자 구별 없음), "
        "숫자, 날짜, 시각 열에는 ==, !=, >, <, >=, <=",
        json_schema_extra={"enumNames": ["같음", "다름", "초과", "미만", "이상", "이하", "글자가 들어 있음"]},
    )
    value: Value = Field(
        title="값",
        description="비교할 값. 숫자 열에는 숫자, 날짜 열에는 2019, 2019-Q1, 2019-03, 2019-03-05, "
        "2019-03-05 13:00 또는 2019-03~2019-06. 시각이 없는 날짜, 달, 분기, 연도는 그 기간 전체를 뜻합니다. "
        "시각 열에는 09:05 또는 9시",
    )


class SortArguments(Arguments):
    """The column to sort by and how many rows to show."""

    column: NumberColumn = Field(title="열", description="정렬할 열 이름")
    ascending: bool = Field(True, title="작은 값부터", description="true면 작은 값부터, false면 큰 값부터")
    top_n: Annotated[int, Field(ge=1, le=100), NoBoolean] = Field(
        10, title="행 수", description="보여 줄 행 수 (1~100)"
    )


class SampleArguments(Arguments):
    """The number of rows, and the value they must have."""

    n: Annotated[int, Field(ge=1, le=_MOST_SAMPLED), NoBoolean] = Field(
        5, title="행 수", description="보여 줄 행 수 (1~100)"
    )
    column: Annotated[LabelColumn | None, BlankIsNone] = Field(
        None, title="열", description="값을 고를 열 이름. 값과 함께 줍니다"
    )
    value: Annotated[Value | None, BlankIsNone] = Field(
        None, title="값", description="고른 열에서 찾을 값. 열과 함께 줍니다"
    )


def filter_dataframe(frame: Frame, arguments: FilterArguments) -> ToolResult:
    """조건에 맞는 행이 몇 개인지 세고 그 앞부분을 보여 줍니다. 조건에 맞는 건수나 비율을 물을 때도 씁니다."""
    column = frame.columns[arguments.column]
    condition = condition_on(column, arguments.operator, arguments.value)
    rows = np.flatnonzero(condition.rows)
    columns = columns_shown(frame, (column.name,))
    table = list_rows(frame, rows[:MOST_ROWS], columns, len(rows))
    text = (
        f"{code_text(column.name)} {condition.words} 조건에 맞는 행은 **{count_text(len(rows))}**"
        f"({share_text(len(rows), condition.rows_used)})입니다."
    )
    return ToolResult(
        paragraphs(
            text,
            " ".join(condition.notes),
            listing_text(frame, table, (column.name,)),
            basis_text(frame.rows, condition.rows_used, condition.rows_missing),
        ),
        table,
        code=script(f"{_filter_code(frame, columns, condition)}.head({MOST_ROWS})\n", condition.function),
        rows_used=condition.rows_used,
        rows_missing=condition.rows_missing,
    )


def sort_dataframe(frame: Frame, arguments: SortArguments) -> ToolResult:
    """한 열의 값이 가장 크거나 작은 행들을 보여 줍니다. 값이 같으면 파일 순서를 따르고, 결측 행은 뺍니다."""
    column = frame.columns[arguments.column]
    reading = dates_of(column) or numbers_of(column, with_infinities=True)
    columns = columns_shown(frame, (column.name,))
    wanted = arguments.top_n
    keys, present = (reading.values, reading.present) if reading else _text_keys(column, wanted, arguments.ascending)
    used = reading.rows_used if reading else column.used
    rows = _first_in_order(keys, present, wanted, ascending=arguments.ascending)
    table = list_rows(frame, rows, columns, used)
    by = f'{column.name!r}, ascending={arguments.ascending}, kind="stable"'
    if reading and reading.function:
        code = f"""\
order = {reading.code}.dropna().sort_values(ascending={arguments.ascending}, kind="stable").head({wanted})
result = {selection_code(frame, columns, "df.loc[order.index]")}
"""
    else:
        code = f"""\
rows = df.dropna(subset=[{column.name!r}]).sort_values({by}).head({wanted})
result = {selection_code(frame, columns, "rows")}
"""
    direction = "작은" if arguments.ascending else "큰"
    (first,) = column.cells(rows[:1]) or [None]
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
        code=script(code, reading.function if reading else ""),
        rows_used=used,
        rows_missing=column.missing,
    )


def get_unique_values(frame: Frame, arguments: LabelArguments) -> ToolResult:
    """한 열에 어떤 값들이 있는지 순서대로 늘어놓고 값마다 건수를 알려 줍니다.

    조건에 쓸 정확한 값을 찾을 때 씁니다.
    """
    column = frame.columns[arguments.column]
    codes = column.ascending(np.flatnonzero(column.counts), MOST_GROUPS)
    labels = [short_cell(label) for label in column.labels(codes)]
    header = header_text(VALUE, column)
    rows = list(zip(labels, column.counts[codes].tolist(), strict=True))
    table = Table.of((header, COUNT), rows, column.unique)
    values = [f"{code_text(cell_text(column, label))} {count_text(count, '건')}" for label, count in rows]
    code = f"""\
counts = df[{column.name!r}].value_counts().sort_index()
result = counts.rename_axis({header!r}).reset_index(name="{COUNT}").head({MOST_GROUPS})
"""
    return ToolResult(
        paragraphs(
            f"{code_text(column.name)} 열에는 서로 다른 값이 {count_text(column.unique, '개')} 있습니다.",
            listed_text(values, total=column.unique),
            basis_text(frame.rows, column.used, column.missing),
        ),
        table,
        code=script(code),
        rows_used=column.used,
        rows_missing=column.missing,
    )


def get_sample_rows(frame: Frame, arguments: SampleArguments) -> ToolResult:
    """데이터가 어떻게 생겼는지 몇 행을 보여 줍니다.

    처음부터 끝까지 고르게 뽑으며, 열과 값을 고르면 그 값이 있는 행만 뽑습니다.
    """
    if (arguments.column is None) != (arguments.value is None):
        raise ToolRefused("열과 값은 둘 다 적거나 둘 다 비워주세요.")
    condition = None
    if arguments.column is not None and arguments.value is not None:
        condition = condition_on(frame.columns[arguments.column], "==", arguments.value)
    columns = columns_shown(frame, (arguments.column,) if arguments.column else ())
    rows = np.flatnonzero(condition.rows) if condition else np.arange(frame.rows)
    wanted = min(len(rows), arguments.n)
    table = list_rows(frame, rows[_evenly(len(rows), wanted)], columns)  # a sample is not a truncated table
    source = _filter_code(frame, columns, condition) if condition else f"result = {selection_code(frame, columns)}"
    code = f"{source}\nresult = result.iloc[np.linspace(0, len(result) - 1, {wanted}).astype(int)]\n"
    described = f"{code_text(arguments.column)} {condition.words} 행" if arguments.column and condition else "전체 행"
    used = condition.rows_used if condition else frame.rows
    missing = condition.rows_missing if condition else 0
    return ToolResult(
        paragraphs(
            f"{described} {count_text(len(rows))}에서 고르게 뽑은 {count_text(wanted)}입니다.",
            " ".join(condition.notes) if condition else "",
            listing_text(frame, table, (arguments.column,) if arguments.column else ()),
            basis_text(frame.rows, used, missing) if condition else f"근거: 전체 {count_text(frame.rows)}.",
        ),
        table,
        code=script(code, condition.function if condition else ""),
        rows_used=used,
        rows_missing=missing,
    )


def _filter_code(frame: Frame, columns: list[str], condition: Condition) -> str:
    return f"result = {selection_code(frame, columns, f'df[{condition.code}]')}"


def _evenly(total: int, wanted: int) -> npt.NDArray[np.int64]:
    return np.linspace(0, total - 1, wanted).astype(np.int64)


def _text_keys(column: Column, wanted: int, ascending: bool) -> tuple[npt.NDArray[np.int32], Mask]:
    """Returns the rank of each row's text, and which rows may be among the first `wanted`."""
    codes = np.flatnonzero(column.counts)
    first = column.ascending(codes, wanted) if ascending else column.descending(codes, wanted)[::-1]
    places = np.full(len(column.counts) + 1, -1, np.int32)  # code -1, a missing value, indexes the last
    places[first] = np.arange(len(first))
    keys = places[column.codes]
    return keys, keys >= 0


def _first_in_order(keys: npt.NDArray[Any], present: Mask, wanted: int, *, ascending: bool) -> npt.NDArray[np.intp]:
    """Returns the rows with the smallest (or greatest) keys in order, ties in the order of the frame."""
    rows = np.flatnonzero(present)
    sort_keys = keys[rows]
    if len(rows) > wanted:
        place = wanted - 1 if ascending else len(rows) - wanted
        bound = np.partition(sort_keys, place)[place]
        is_within = sort_keys < bound if ascending else sort_keys > bound
        level = np.flatnonzero(sort_keys == bound)[: wanted - np.count_nonzero(is_within)]
        kept = np.sort(np.concatenate([np.flatnonzero(is_within), level]))
        rows, sort_keys = rows[kept], sort_keys[kept]
    if ascending:
        return rows[np.argsort(sort_keys, kind="stable")]
    return rows[len(rows) - 1 - np.argsort(sort_keys[::-1], kind="stable")[::-1]]
