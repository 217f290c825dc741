"""시계열: the range of dates, and counts by hour, weekday, month and year."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.arguments import DateArguments, columns_text
from dataset_service.analysis.frame.column import WEEKDAYS, Cell, Column, has_times, weekday_names
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import date_columns, dates_of, hours_of, numbers_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.derived import derive
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.wording import (
    COUNT,
    SHARE,
    VALUE,
    basis_text,
    code_text,
    count_text,
    kind_text,
    paragraphs,
    share_text,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind, Meaning, Precision
from dataset_service.reading.columns.meanings.date_parts import find_date_part
from dataset_service.reading.columns.meanings.facts import Facts
from servicekit.errors import ToolRefused
from servicekit.question import Measure, MeasureName

HOUR, WEEKDAY, DAY, MONTH, QUARTER, YEAR = "시각", "요일", "일", "월", "분기", "연도"
_SUFFIX = {HOUR: "시", WEEKDAY: "", DAY: "일", MONTH: "월", QUARTER: "분기", YEAR: "년"}
_RANGES = {HOUR: (0, 23), DAY: (1, 31), MONTH: (1, 12), QUARTER: (1, 4), YEAR: (1900, 2100)}
_OF_DATES: Mapping[str, tuple[str, ...]] = {
    Precision.YEAR: (YEAR,), Precision.QUARTER: (QUARTER, YEAR), Precision.MONTH: (MONTH, YEAR),
    "": (HOUR, WEEKDAY, MONTH, YEAR),
}  # fmt: skip
_OF_MEANING: Mapping[str, str] = {
    Meaning.HOUR: HOUR, Meaning.DAY: DAY, Meaning.MONTH: MONTH, Meaning.YEAR: YEAR
}  # fmt: skip
_ENGLISH = {WEEKDAY: "weekday", MONTH: "month", QUARTER: "quarter", YEAR: "year"}
_ENDS: tuple[MeasureName, ...] = ("min", "max")
_DAYS_OF_A_CENTURY = 36_525
_MOST_YEARS_IN_TEXT = 15
_MOST_TIES = 3


class _Pattern(NamedTuple):
    """Counts of the values of a column by one unit of time, in its order; `code` is pandas code for the same."""

    unit: str
    part: Added
    labels: tuple[Cell, ...]
    counts: tuple[int, ...]
    code: str


def get_date_range(frame: Frame, arguments: DateArguments) -> ToolResult:
    """날짜 열의 처음과 마지막, 기간, 기록이 있는 날(또는 달, 분기, 해)과 없는 날의 수를 알려 줍니다.

    예: column="사고일시", where=[{"column": "시군구:시군구", "value": "대구광역시 서구"}].
    """
    column = frame.columns[arguments.column]
    dates = dates_of(column)
    if dates is None:
        raise ToolRefused(
            f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 날짜 범위를 알 수 없습니다. "
            f"날짜 열: {columns_text(date_columns(frame))}"
        )
    span = SPANS[column.precision]
    headers = ("처음", "마지막", f"기간({span.unit})", f"기록이 있는 {span.name}", f"기록이 없는 {span.name}")
    facts: dict[str, Cell] = dict.fromkeys(headers)
    values = dates.used
    if len(values):
        texts = column.date_texts(np.array([values.min(), values.max()]), with_time=has_times(values))
        spans, _ = _counted_integers(span.numbers(values))
        period, recorded = int(spans[-1] - spans[0]) + 1, len(spans)
        facts = dict(zip(headers, (*texts, period, recorded, period - recorded), strict=True))
        text = (
            f"{code_text(column.name)}: **{texts[0]} ~ {texts[1]}** ({count_text(period, span.counter)}). "
            f"이 가운데 {count_text(recorded, span.counter)}에 기록이 있고 "
            f"{count_text(period - recorded, span.counter)}에는 없습니다."
        )
    else:
        text = f"{code_text(column.name)} 열에는 날짜가 하나도 없습니다."
    table = Table.of(("항목", VALUE), list(facts.items()))
    code = f"""\
dates = {dates.code}.dropna()
spans = dates.dt.to_period("{span.frequency}")
period = (spans.max() - spans.min()).n + 1 if len(spans) else None
result = pd.DataFrame({{
    "항목": {list(facts)!r},
    "{VALUE}": [
        dates.min(), dates.max(), period,
        spans.nunique() if len(spans) else None, period - spans.nunique() if len(spans) else None,
    ],
}}, dtype=object)
"""
    return ToolResult(
        paragraphs(text, basis_text(frame.rows, dates.rows_used, column.missing, *dates.notes)),
        table,
        code=script(code, dates.function),
        rows_used=dates.rows_used,
        rows_missing=column.missing,
        question=asking(measures=tuple(Measure(measure=one, column=column.name) for one in _ENDS)),
    )


def get_temporal_pattern(frame: Frame, arguments: DateArguments) -> ToolResult:
    """날짜 열에서 시각(0~23시), 요일, 월, 분기, 연도별 건수를 셉니다. 가장 많은 시간대나 요일을 물을 때 씁니다.

    여러 해의 같은 달은 더해집니다. 달마다의 흐름은 group_by_aggregate에서 사고일시:연월로 묶습니다.
    시각만 있는 열(0~23 또는 08:30), 월·연도 숫자 열, 요일 이름 열도 됩니다. 예: column="사고일시".
    """
    column = frame.columns[arguments.column]
    patterns = _patterns_of(frame, column)
    if not patterns:
        usable = [one for one in frame.columns.values() if _patterns_of(frame, one)]
        raise ToolRefused(
            f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 시간 흐름을 볼 수 없습니다. "
            f"날짜·시각·요일 열: {columns_text(usable)}"
        )
    main, *others = patterns
    used = sum(main.counts)
    shares = [count / used * 100 if used else None for count in main.counts]
    table = Table.of((main.unit, COUNT, SHARE), list(zip(main.labels, main.counts, shares, strict=True)))
    text = f"{code_text(column.name)} 열에는 셀 값이 하나도 없습니다."
    if used:
        names, figures = _most_texts(main)
        # The figures stay outside: bold text that ends in a bracket is not rendered before a Korean particle.
        text = f"{code_text(column.name)} 열을 {main.unit}별로 세면 **{names}**에 가장 많습니다 ({figures})."
    lines = [line for one in patterns for line in one.part.lines()]
    lines += [
        f"counts = {main.code}",
        f'result = counts.rename_axis("{main.unit}").reset_index(name="{COUNT}")',
        f'result["{SHARE}"] = result["{COUNT}"] / result["{COUNT}"].sum() * 100',
        *(f"by_{_ENGLISH[one.unit]} = {one.code}" for one in others),
    ]
    reading = dates_of(column) or hours_of(column) or numbers_of(column)
    return ToolResult(
        paragraphs(
            text,
            table_text(table, plain=(YEAR,), shares=(SHARE,)),
            "\n".join(_pattern_text(pattern) for pattern in others if used),
            basis_text(frame.rows, used, column.missing, *(reading.notes if reading else ())),
        ),
        table,
        chart=Chart("line" if main.unit == YEAR else "bar", main.unit, COUNT),
        code=script("\n".join(lines) + "\n", *(text for one in patterns for text in one.part.functions)),
        rows_used=used,
        rows_missing=column.missing,
        question=asking(groups=(main.part.column.name,)),
    )


def _patterns_of(frame: Frame, column: Column) -> list[_Pattern]:
    """Returns the patterns of a column, the main one first; empty if it tells no time."""
    dates = dates_of(column)
    if dates:
        units = _OF_DATES[dates.column.precision]
        parts = [
            (unit, derive(frame, f"{column.name}:{_SUFFIX[HOUR] if unit == HOUR else unit}"))
            for unit in units
            if unit != HOUR or has_times(dates.used)
        ]
    elif column.kind is ColumnKind.TEXT and weekday_names(column.labels(np.flatnonzero(column.counts)[:8])):
        parts = [(WEEKDAY, Added(column))]
    elif hours_of(column):
        parts = [(HOUR, derive(frame, f"{column.name}:{_SUFFIX[HOUR]}"))]
    else:
        parts = [(unit, Added(column)) for unit in _units_of(column)]
    return [pattern for unit, part in parts if part and (pattern := _counted(unit, part))]


def _units_of(column: Column) -> list[str]:
    """Returns the unit of time that numbers mean, if any."""
    numbers = numbers_of(column) if column.kind is not ColumnKind.BOOLEAN else None
    if numbers is None:
        return []
    # Tables of earlier versions do not tell meanings, nor do columns of text with a few words among the numbers.
    facts = Facts(column.name, ColumnKind.NUMBER, column.unit, pa.array(np.unique(numbers.used)))
    unit = _OF_MEANING.get(column.meaning or find_date_part(facts) or "")
    return [unit] if unit else []


def _counted(unit: str, part: Added) -> _Pattern | None:
    """Returns the counts of a column by a unit; None if its numbers are none of that unit."""
    column = part.column
    if unit == WEEKDAY:
        names = weekday_names(column.labels(np.flatnonzero(column.counts))) or WEEKDAYS
        known = dict(zip(column.labels(np.arange(len(column.counts))), column.counts.tolist(), strict=True))
        series = f"df[{column.name!r}].value_counts().reindex({list(names)!r}, fill_value=0)"
        return _Pattern(unit, part, names, tuple(known.get(name, 0) for name in names), series)
    numbers = numbers_of(column)
    if numbers is None:
        return None
    values, (least, most) = numbers.used, _RANGES[unit]
    if unit == HOUR and 24 in values:
        most = 24
    is_of_dates = bool(part.code)  # a stray year 9999 among them is one
    if len(values) and not is_of_dates and not (least <= values.min() <= values.max() <= most):
        return None
    if np.any(values != np.floor(values)):
        return None
    distinct, found = _counted_integers(values.astype(np.int64))
    series = f"{numbers.code}.dropna().astype('int64').value_counts()"
    part = part._replace(functions=(*part.functions, numbers.function))
    if unit == YEAR:
        return _Pattern(unit, part, tuple(distinct.tolist()), tuple(found.tolist()), f"{series}.sort_index()")
    counts = np.zeros(most - least + 1, np.int64)
    counts[distinct - least] = found
    code = f"{series}.reindex(range({least}, {most + 1}), fill_value=0)"
    return _Pattern(unit, part, tuple(range(least, most + 1)), tuple(counts.tolist()), code)


def _counted_integers(numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Returns the distinct numbers and their counts; memory must not depend on the range, as with a stray year 9999."""
    if not len(numbers) or int(numbers.max()) - int(numbers.min()) > 4 * len(numbers) + _DAYS_OF_A_CENTURY:
        distinct, counts = np.unique(numbers, return_counts=True)
        return distinct, counts
    first = int(numbers.min())
    counts = np.bincount(numbers - first)
    places = np.flatnonzero(counts)
    return places + first, counts[places]


def _most_texts(pattern: _Pattern) -> tuple[str, str]:
    """Returns the label with the highest count, and that count."""
    most = max(pattern.counts)
    names = [
        _label(pattern.unit, label)
        for label, count in zip(pattern.labels, pattern.counts, strict=True)
        if count == most
    ]
    several = f" 외 {len(names) - _MOST_TIES}개" if len(names) > _MOST_TIES else ""
    return (
        f"{', '.join(names[:_MOST_TIES])}{several}",
        f"{count_text(most, '건')}, {share_text(most, sum(pattern.counts))}",
    )


def _pattern_text(pattern: _Pattern) -> str:
    pairs = list(zip(pattern.labels, pattern.counts, strict=True))
    if len(pairs) > _MOST_YEARS_IN_TEXT:
        pairs = sorted(pairs, key=lambda pair: -pair[1])[:_MOST_YEARS_IN_TEXT]
    listed = ", ".join(f"{_label(pattern.unit, label)} {count:,}" for label, count in pairs)
    names, figures = _most_texts(pattern)
    return f"- {pattern.unit}별: {names}에 가장 많습니다 ({figures}). {listed}"


def _label(unit: str, label: Cell) -> str:
    return f"{label}{_SUFFIX[unit]}"
