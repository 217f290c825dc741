"""데이터 정보: a summary of one column, by kind."""

import numpy as np

from dataset_service.analysis.arguments import ColumnArguments
from dataset_service.analysis.frame.column import Cell, Column, has_times, number_cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.meanings import allows
from dataset_service.analysis.frame.readings import Reading, dates_of, numbers_of, total_code, total_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.listing import short_cell
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.wording import (
    VALUE,
    basis_text,
    cell_text,
    code_text,
    count_text,
    paragraphs,
    percent_note,
    percent_text,
    share_text,
    table_text,
    value_text,
)
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from servicekit.question import Measure, MeasureName, Question

STATISTIC = "통계"
_OF_COLUMN = ("합계", "평균", "표준편차", "최소", "25%", "중앙값", "75%", "최대", "최빈값")
"""Statistics in the unit of the column."""


def get_column_statistics(frame: Frame, arguments: ColumnArguments) -> ToolResult:
    """한 열의 기본 통계를 알려 줍니다.

    숫자 열은 합계, 평균, 표준편차와 사분위수, 글자 열은 최빈값, 날짜 열은 처음과 마지막, 참/거짓 열은 비율입니다.
    예: column="ECLO", where=[{"column": "사고유형", "value": "차대사람"}].
    """
    column = frame.columns[arguments.column]
    dates = dates_of(column)
    if dates:
        return _date_statistics(frame, dates)
    if column.kind is ColumnKind.BOOLEAN:
        return _boolean_statistics(frame, column)
    numbers = numbers_of(column) if allows(column.meaning, "mean") else None
    return _number_statistics(frame, numbers) if numbers else _label_statistics(frame, column)


def _number_statistics(frame: Frame, numbers: Reading) -> ToolResult:
    column, values = numbers.column, numbers.used
    has_sum = allows(column.meaning, "sum") and column.meaning != Meaning.PERCENT
    total: dict[str, Cell] = {"합계": number_cell(total_of(values))} if has_sum else {}
    statistics: dict[str, Cell] = {
        "값 있음": numbers.rows_used,
        "결측": column.missing,
        "서로 다른 값": _unique(numbers),
        **total,
        **dict.fromkeys(("평균", "표준편차", "최소", "25%", "중앙값", "75%", "최대")),
    }
    if len(values):
        quartiles = np.quantile(numbers.in_order, (0.25, 0.5, 0.75))
        statistics |= {
            "평균": number_cell(float(values.mean())),
            "표준편차": number_cell(float(values.std(ddof=1))) if len(values) > 1 else None,
            "최소": values.min().item(),
            **{
                name: number_cell(float(value)) for name, value in zip(("25%", "중앙값", "75%"), quartiles, strict=True)
            },
            "최대": values.max().item(),
        }
        written = {name: _statistic_text(column, name, value) for name, value in statistics.items()}
        text = (
            f"{code_text(column.name)}: 평균 {written['평균']}, "
            f"중앙값 {written['중앙값']}, 표준편차 {written['표준편차']}, "
            f"범위 {written['최소']} ~ {written['최대']}. {percent_note(column, 'mean')}"
        ).rstrip()
    else:
        text = f"{code_text(column.name)} 열에는 계산할 숫자가 하나도 없습니다."
    cells = (
        f"x.nunique(), {f'{total_code(values)}, ' if has_sum else ''}x.mean(), x.std(),\n"
        "        x.min(), *x.quantile([0.25, 0.5, 0.75]), x.max()"
    )
    chart = Chart("box", STATISTIC, VALUE) if len(values) > 1 else None
    return _statistics(frame, column, statistics, text, cells, reading=numbers, chart=chart)


def _date_statistics(frame: Frame, dates: Reading) -> ToolResult:
    column, values = dates.column, dates.used
    span = SPANS[column.precision]
    statistics: dict[str, Cell] = {
        "값 있음": dates.rows_used,
        "결측": column.missing,
        "서로 다른 값": _unique(dates),
        **dict.fromkeys(("처음", "마지막", f"기간({span.unit})")),
    }
    if len(values):
        first, last = values.min(), values.max()
        ends = np.array([first, last])
        texts = column.date_texts(ends, with_time=has_times(values))
        period = int(np.diff(span.numbers(ends))[0]) + 1
        statistics |= {"처음": texts[0], "마지막": texts[1], f"기간({span.unit})": period}
        text = f"{code_text(column.name)}: {texts[0]} ~ {texts[1]} ({count_text(period, span.counter)})."
    else:
        text = f"{code_text(column.name)} 열에는 날짜가 하나도 없습니다."
    then = f'\nspans = x.dt.to_period("{span.frequency}")'
    cells = "x.nunique(), x.min(), x.max(),\n        (spans.max() - spans.min()).n + 1 if len(x) else None"
    return _statistics(frame, column, statistics, text, cells, then=then, reading=dates)


def _boolean_statistics(frame: Frame, column: Column) -> ToolResult:
    yes = int(np.count_nonzero(column.values & column.present))
    statistics: dict[str, Cell] = {
        "값 있음": column.used,
        "결측": column.missing,
        "참": yes,
        "거짓": column.used - yes,
        "참 비율(%)": yes / column.used * 100 if column.used else None,
    }
    text = (
        f"{code_text(column.name)}: 참 {count_text(yes)} ({share_text(yes, column.used)}), "
        f"거짓 {count_text(column.used - yes)}."
    )
    cells = "x.sum(), (~x).sum(), x.mean() * 100 if len(x) else None"
    return _statistics(frame, column, statistics, text, cells, then=".astype(bool)")


def _label_statistics(frame: Frame, column: Column) -> ToolResult:
    """Returns the statistics of text, and of numbers that are no amounts."""
    has_order = column.is_time or column.kind is not ColumnKind.TEXT
    top = column.largest(column.counts, 1)
    once = int(np.count_nonzero(column.counts == 1))
    statistics: dict[str, Cell] = {
        "값 있음": column.used,
        "결측": column.missing,
        "서로 다른 값": column.unique,
        "한 번만 나온 값": once,
        **dict.fromkeys(("최소", "최대") if has_order else ()),
        **dict.fromkeys(("최빈값", "최빈값 건수", "최빈값 비율(%)")),
    }
    if len(top):
        (value,), count = column.labels(top), int(column.counts[top[0]])
        statistics |= {"최빈값": short_cell(value), "최빈값 건수": count, "최빈값 비율(%)": count / column.used * 100}
        text = (
            f"{code_text(column.name)}: 서로 다른 값 {count_text(column.unique, '개')}, 가장 많은 값 "
            f"{code_text(cell_text(column, value))} ({count_text(count, '건')}, {share_text(count, column.used)})."
        )
        if has_order:
            codes = column.ascending(np.flatnonzero(column.counts))
            least, most = column.labels(codes[[0, -1]])
            statistics |= {"최소": least, "최대": most}
            text += f" 범위 {cell_text(column, least)} ~ {cell_text(column, most)}."
    else:
        text = f"{code_text(column.name)} 열에는 값이 하나도 없습니다."
    then = """
counts = x.value_counts().sort_index().sort_values(ascending=False, kind="stable")
top, most = (counts.index[0], counts.iloc[0]) if len(x) else (None, None)"""
    ends = "x.min(), x.max(), " if has_order else ""
    cells = f"x.nunique(), (counts == 1).sum(),\n        {ends}top, most, most / len(x) * 100 if len(x) else None"
    return _statistics(frame, column, statistics, text, cells, then=then)


def _statistics(
    frame: Frame,
    column: Column,
    statistics: dict[str, Cell],
    text: str,
    cells: str,
    *,
    then: str = "",
    reading: Reading | None = None,
    chart: Chart | None = None,
) -> ToolResult:
    """Returns the table of the statistics; `cells` is the code of all but the first two, `then` what it needs of x."""
    code = f"""\
x = {reading.code if reading else f"df[{column.name!r}]"}.dropna(){then}
result = pd.DataFrame({{
    "{STATISTIC}": {list(statistics)!r},
    "{VALUE}": [
        len(x), df[{column.name!r}].isna().sum(), {cells},
    ],
}}, dtype=object)
"""
    table = Table.of((STATISTIC, VALUE), list(statistics.items()))
    written = Table.of(
        table.columns, [(name, _statistic_text(column, name, value)) for name, value in statistics.items()]
    )
    used = reading.rows_used if reading else column.used
    notes = reading.notes if reading else ()
    return ToolResult(
        paragraphs(text, table_text(written), basis_text(frame.rows, used, column.missing, *notes)),
        table,
        chart=chart,
        code=script(code, reading.function if reading else ""),
        rows_used=used,
        rows_missing=column.missing,
        question=_question(column, reading),
    )


def _question(column: Column, reading: Reading | None) -> Question:
    if reading is None:
        return asking(groups=(column.name,))
    shown: tuple[MeasureName, ...] = (
        ("min", "max") if reading.kind is ColumnKind.DATE else ("mean", "median", "std", "min", "max")
    )
    return asking(measures=tuple(Measure(measure=one, column=column.name) for one in shown))


def _statistic_text(column: Column, name: str, value: Cell) -> str:
    if name.endswith("(%)") and isinstance(value, float):
        return percent_text(value)
    return cell_text(column, value) if name in _OF_COLUMN else value_text(value)


def _unique(reading: Reading) -> int:
    if reading.column.kind is not ColumnKind.TEXT and not reading.infinite:
        return reading.column.unique
    return len(np.unique(reading.used))
