"""시계열: the range of dates, and counts by hour, weekday, month and year."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.arguments import DateArguments, columns_text
from dataset_service.analysis.frame.column import WEEKDAYS, Cell, Column, has_times, weekday_names
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, date_columns, dates_of, hours_of, numbers_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.pandas_code import script
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
_PARTS = {HOUR: "시", WEEKDAY: "요일", MONTH: "월", QUARTER: "분기", YEAR: "연도"}
_ENDS: tuple[MeasureName, ...] = ("min", "max")
_SECONDS_OF_HOUR = 3600
_DAYS_OF_A_CENTURY = 36_525
_MOST_YEARS_IN_TEXT = 15
_MOST_TIES = 3
_UNITS = {
    Meaning.HOUR: (HOUR, 0, 23),
    Meaning.DAY: (DAY, 1, 31),
    Meaning.MONTH: (MONTH, 1, 12),
    Meaning.YEAR: (YEAR, 1900, 2100),
}


class _Pattern(NamedTuple):
    """Counts by one unit of time, in its order. `counted` is pandas code for the counts, indexed by label."""

    unit: str
    labels: tuple[Cell, ...]
    counts: tuple[int, ...]
    counted: str


class _Source(NamedTuple):
    """A column read as time: its patterns, the main one first, and the rows that they are based on."""

    patterns: tuple[_Pattern, ...]
    function: str
    series: str
    used: int
    notes: tuple[str, ...]


def get_date_range(frame: Frame, arguments: DateArguments) -> ToolResult:
    """날짜 열의 처음과 마지막, 기간, 기록이 있는 날(또는 달, 분기, 해)과 없는 날의 수를 알려 줍니다."""
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
        spans, _ = _counted_spans(span.numbers(values))
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

    시각만 있는 열(0~23 또는 08:30), 월·연도 숫자 열, 요일 이름 열도 됩니다.
    """
    column = frame.columns[arguments.column]
    source = _source_of(column)
    if source is None:
        usable = [one for one in frame.columns.values() if _source_of(one)]
        raise ToolRefused(
            f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 시간 흐름을 볼 수 없습니다. "
            f"날짜·시각·요일 열: {columns_text(usable)}"
        )
    main, *others = source.patterns
    rows = [
        (label, count, count / source.used * 100 if source.used else None)
        for label, count in zip(main.labels, main.counts, strict=True)
    ]
    table = Table.of((main.unit, COUNT, SHARE), rows)
    if source.used:
        names, figures = _most_texts(main, source.used)
        # The figures stay outside: bold text that ends in a bracket is not rendered before a Korean particle.
        text = f"{code_text(column.name)} 열을 {main.unit}별로 세면 **{names}**에 가장 많습니다 ({figures})."
    else:
        text = f"{code_text(column.name)} 열에는 셀 값이 하나도 없습니다."
    lines = [_pattern_text(pattern, source.used) for pattern in others if source.used]
    return ToolResult(
        paragraphs(
            text,
            table_text(table, plain=(YEAR,), shares=(SHARE,)),
            "\n".join(lines),
            basis_text(frame.rows, source.used, column.missing, *source.notes),
        ),
        table,
        chart=Chart("line" if main.unit == YEAR else "bar", main.unit, COUNT),
        code=_code(source),
        rows_used=source.used,
        rows_missing=column.missing,
        question=asking(groups=(f"{column.name}:{_PARTS[main.unit]}" if dates_of(column) else column.name,)),
    )


def _source_of(column: Column) -> _Source | None:
    if dates := dates_of(column):
        return _from_dates(dates)
    if column.kind is ColumnKind.TEXT and (names := weekday_names(column.labels(np.flatnonzero(column.counts)[:8]))):
        return _from_weekday_names(column, names)
    if hours := hours_of(column):
        return _from_numbers(hours, Meaning.HOUR)
    numbers = numbers_of(column) if column.kind is not ColumnKind.BOOLEAN else None
    if numbers is None:
        return None
    # Tables of earlier versions do not tell meanings, nor do columns of text with a few words among the numbers.
    facts = Facts(column.name, ColumnKind.NUMBER, column.unit, pa.array(np.unique(numbers.used)))
    meaning = column.meaning or find_date_part(facts)
    return _from_numbers(numbers, Meaning(meaning)) if meaning in _UNITS else None


def _from_dates(dates: Reading) -> _Source:
    values, precision = dates.used, dates.column.precision
    # All but the hour follows from the day, month, quarter or year, of which there are far fewer than rows.
    span = SPANS[precision]
    distinct, counts = _counted_spans(span.numbers(values))
    months = span.months_of(distinct)
    patterns = [_years(months // 12 + 1970, "dates.dt.year", counts)]
    if precision == Precision.QUARTER:
        by_quarter = _counts(months % 12 // 3, 4, counts)
        patterns.insert(0, _Pattern(QUARTER, tuple(range(1, 5)), by_quarter, "dates.dt.quarter"))
    elif precision != Precision.YEAR:
        patterns.insert(0, _Pattern(MONTH, tuple(range(1, 13)), _counts(months % 12, 12, counts), "dates.dt.month"))
    if not precision:
        names = f"dates.dt.day_of_week.map(dict(enumerate({list(WEEKDAYS)!r})))"
        by_weekday = _counts((distinct + 3) % 7, 7, counts)  # 1970-01-01 was a Thursday
        patterns.insert(0, _Pattern(WEEKDAY, WEEKDAYS, by_weekday, names))
        seconds = (values - values.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64)
        if np.any(seconds):
            by_hour = _counts(seconds // _SECONDS_OF_HOUR, 24)
            patterns.insert(0, _Pattern(HOUR, tuple(range(24)), by_hour, "dates.dt.hour"))
    return _Source(tuple(patterns), dates.function, f"dates = {dates.code}.dropna()", dates.rows_used, dates.notes)


def _from_weekday_names(column: Column, names: tuple[str, ...]) -> _Source:
    codes = [column.code_of(name) for name in names]
    counts = tuple(int(column.counts[code]) if code >= 0 else 0 for code in codes)
    pattern = _Pattern(WEEKDAY, names, counts, "days")
    return _Source((pattern,), "", f"days = df[{column.name!r}].dropna()", column.used, ())


def _from_numbers(numbers: Reading, meaning: Meaning) -> _Source | None:
    """Returns the numbers as hours, days, months or years; None if they are none of these."""
    values, (unit, least, most) = numbers.used, _UNITS[meaning]
    if meaning is Meaning.HOUR and 24 in values:
        most = 24
    if len(values) and not (least <= values.min() and values.max() <= most and np.all(values == np.floor(values))):
        return None
    whole = values.astype(np.int64)
    if meaning is Meaning.YEAR:
        pattern = _years(whole, "numbers")
    else:
        pattern = _Pattern(unit, tuple(range(least, most + 1)), _counts(whole - least, most - least + 1), "numbers")
    series = f"numbers = {numbers.code}.dropna().astype('int64')"
    return _Source((pattern,), numbers.function, series, numbers.rows_used, numbers.notes)


def _years(years: npt.NDArray[np.int64], counted: str, weights: npt.NDArray[np.int64] | None = None) -> _Pattern:
    distinct_years, places = np.unique(years, return_inverse=True)
    return _Pattern(YEAR, tuple(distinct_years.tolist()), _counts(places, len(distinct_years), weights), counted)


def _counts(numbers: npt.NDArray[Any], kinds: int, weights: npt.NDArray[np.int64] | None = None) -> tuple[int, ...]:
    return tuple(np.bincount(numbers, weights, kinds).astype(np.int64).tolist())


def _counted_spans(numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Returns the distinct numbers and their counts; memory must not depend on the range, as with a stray year 9999."""
    if not len(numbers) or int(numbers.max()) - int(numbers.min()) > 4 * len(numbers) + _DAYS_OF_A_CENTURY:
        distinct, counts = np.unique(numbers, return_counts=True)
        return distinct, counts
    first = int(numbers.min())
    counts = np.bincount(numbers - first)
    places = np.flatnonzero(counts)
    return places + first, counts[places]


def _most_texts(pattern: _Pattern, used: int) -> tuple[str, str]:
    """Returns the label with the highest count, and that count."""
    most = max(pattern.counts)
    names = [
        _label(pattern.unit, label)
        for label, count in zip(pattern.labels, pattern.counts, strict=True)
        if count == most
    ]
    several = f" 외 {len(names) - _MOST_TIES}개" if len(names) > _MOST_TIES else ""
    return f"{', '.join(names[:_MOST_TIES])}{several}", f"{count_text(most, '건')}, {share_text(most, used)}"


def _pattern_text(pattern: _Pattern, used: int) -> str:
    pairs = list(zip(pattern.labels, pattern.counts, strict=True))
    if len(pairs) > _MOST_YEARS_IN_TEXT:
        pairs = sorted(pairs, key=lambda pair: -pair[1])[:_MOST_YEARS_IN_TEXT]
    listed = ", ".join(f"{_label(pattern.unit, label)} {count:,}" for label, count in pairs)
    names, figures = _most_texts(pattern, used)
    return f"- {pattern.unit}별: {names}에 가장 많습니다 ({figures}). {listed}"


def _label(unit: str, label: Cell) -> str:
    return f"{label}{_SUFFIX[unit]}"


def _code(source: _Source) -> str:
    main, *others = source.patterns
    name = source.series.split(" ", 1)[0]
    lines = [
        source.series,
        f"counts = {_counted(main)}",
        f'result = counts.rename_axis("{main.unit}").reset_index(name="{COUNT}")',
        f'result["{SHARE}"] = result["{COUNT}"] / len({name}) * 100',
    ]
    english = {WEEKDAY: "weekday", MONTH: "month", QUARTER: "quarter", YEAR: "year"}
    lines += [f"by_{english[pattern.unit]} = {_counted(pattern)}" for pattern in others]
    return script("\n".join(lines) + "\n", source.function)


def _counted(pattern: _Pattern) -> str:
    if pattern.unit == YEAR:
        return f"{pattern.counted}.value_counts().sort_index()"
    labels = list(pattern.labels)
    is_range = pattern.unit != WEEKDAY
    index = f"range({labels[0]}, {int(str(labels[-1])) + 1})" if is_range else repr(labels)
    return f"{pattern.counted}.value_counts().reindex({index}, fill_value=0)"
