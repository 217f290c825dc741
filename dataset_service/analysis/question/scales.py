"""Conditions on columns with an order: numbers, dates and times of day."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.frame.column import Column, Mask, date_texts
from dataset_service.analysis.frame.meanings import SUFFIXES
from dataset_service.analysis.frame.readings import Reading, dates_of, numbers_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.question.condition import EQUAL, UNEQUAL, Condition, Value, condition, examples, one_of
from dataset_service.analysis.question.fields import PartRefused
from dataset_service.analysis.question.written_values import clock_from, number_from, period_from, period_text
from dataset_service.analysis.wording import KIND_NAMES, cell_text, code_text
from dataset_service.reading.columns.kinds import ColumnKind, Meaning

_COMPARE = {"==": operator.eq, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_STEPS: Mapping[str, tuple[float, float]] = {Meaning.HOUR: (0, 23), Meaning.DAY: (1, 31), Meaning.MONTH: (1, 12)}
"""The values that parts of dates may have."""
_INT64 = np.iinfo(np.int64)


class _Span(NamedTuple):
    """What a written value covers: from `low` up to `high`, which is not within unless they are equal."""

    low: Any
    high: Any
    words: str

    @property
    def is_point(self) -> bool:
        return bool(self.low == self.high)


class _Test(NamedTuple):
    """Which values pass, and a pandas expression for the same."""

    mask: Mask
    code: str

    def __and__(self, other: "_Test") -> "_Test":
        return _Test(self.mask & other.mask, f"({self.code}) & ({other.code})")

    def __or__(self, other: "_Test") -> "_Test":
        return _Test(self.mask | other.mask, f"({self.code}) | ({other.code})")


class Scale(NamedTuple):
    """A column with an order: its values, and how written ones are read.

    `code` is a pandas expression for the values, `edge` writes one for it. `by_row` makes a mask of rows from one of
    the values. `hint` says what is wrong with one that is not read. `wraps` means that the order goes around: from 22
    to 5 o'clock, from December to February.
    """

    column: Column
    values: npt.NDArray[Any]
    by_row: Callable[[Mask], Mask]
    read: Callable[[Value], _Span | None]
    code: str
    hint: str
    reading: Reading | None = None
    edge: Callable[[Any], str] = repr
    wraps: bool = False

    def spans(self, values: Sequence[Value]) -> list[_Span]:
        """Returns what the values cover. Raises `PartRefused`."""
        return [self.read(value) or self._refuse(value) for value in values]

    def _refuse(self, value: Value) -> _Span:
        ends = _range_words(self.reading) if self.reading else examples(self.column)
        raise PartRefused(
            "value",
            f"{code_text(self.column.name)} 열은 {KIND_NAMES[self.column.reading.kind]} 열입니다. "
            f"{code_text(str(value))} 값은 {self.hint} {ends}",
        )


def scale_of(column: Column, values: Sequence[Value]) -> Scale | None:
    """Returns the order in which a column is compared with values; None for text that is not read as they are."""
    if column.is_time:
        return _of_times(column)
    scales = [scale for scale in (_of_dates(column), _of_numbers(column)) if scale]
    if column.kind is ColumnKind.TEXT:
        scales = [scale for scale in scales if all(scale.read(value) for value in values)]
    return scales[0] if scales else None


def on_scale(scale: Scale, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the condition. Raises `PartRefused`."""
    column, spans = scale.column, scale.spans(values)
    words = f"{sign} {one_of([span.words for span in spans])}"
    if sign in (EQUAL, UNEQUAL):
        test = _within(scale, spans)
        if sign == UNEQUAL:
            test = _Test(~test.mask, f"{scale.code}.notna() & ~({test.code})")
    elif sign == "between":
        low, high = spans
        words = f"{low.words} ~ {high.words}"
        edges = _beside(scale, ">=", low), _beside(scale, "<=", high)
        if low.low > high.low and not scale.wraps:
            name = code_text(column.name)
            raise PartRefused(
                "value", f"{name} 조건의 처음 값이 끝 값보다 큽니다: {code_text(words)}. 순서를 바꿔주세요."
            )
        test = edges[0] | edges[1] if low.low > high.low else edges[0] & edges[1]
    else:
        test = _beside(scale, sign, spans[0])
    rows, code = scale.by_row(test.mask), test.code
    if column.kind is ColumnKind.INTEGER and column.missing and sign != UNEQUAL:
        code = f"df[{column.name!r}].notna() & ({code})"
    note = _range_words(scale.reading) if scale.reading and not rows.any() else ""
    return condition(column, rows, code, words, note, reading=scale.reading)


def _of_numbers(column: Column) -> Scale | None:
    unit = None if column.kind is ColumnKind.TEXT else column.unit or SUFFIXES.get(column.meaning, "")

    def read(value: Value) -> _Span | None:
        number = number_from(value, unit=unit)
        if number is None:
            return None
        words = cell_text(column, number)
        least, most = _STEPS.get(column.meaning, (-math.inf, math.inf)) if column.is_ordered else (-math.inf, math.inf)
        if not least <= number <= most:
            raise PartRefused("value", f"{code_text(column.name)} 값은 {least}~{most}입니다: {words} 값은 없습니다.")
        if column.kind is ColumnKind.INTEGER and not _INT64.min <= number <= _INT64.max:
            number = math.copysign(math.inf, number)  # floats near the ends are equal to some integers
        return _Span(number, number, words)

    def edge(number: float) -> str:
        return repr(number) if abs(number) != math.inf else f"float('{number}')"

    return _of_reading(numbers_of(column, with_infinities=True), read, edge, "숫자로 읽을 수 없습니다.")


def _of_dates(column: Column) -> Scale | None:
    def read(value: Value) -> _Span | None:
        period = period_from(value)
        if period is None:
            return None
        low, high = SPANS[column.precision].widened(*period)
        return _Span(low, high, period_text(low, high))

    def edge(moment: np.datetime64) -> str:
        return repr(date_texts(np.array([moment]), with_time=True)[0])

    hint = "날짜로 읽을 수 없습니다. 2019, 2019-03, 2019-03-05, 2019-03-05 13:00 같은 형식으로 적어주세요."
    return _of_reading(dates_of(column), read, edge, hint)


def _of_reading(
    reading: Reading | None, read: Callable[[Value], _Span | None], edge: Callable[[Any], str], hint: str
) -> Scale | None:
    if reading is None:
        return None
    column, wraps = reading.column, reading.column.meaning in (Meaning.HOUR, Meaning.MONTH)
    return Scale(
        column, reading.values, lambda mask: mask & reading.present, read, reading.code, hint, reading, edge, wraps
    )


def _of_times(column: Column) -> Scale:
    def read(value: Value) -> _Span | None:
        start = clock_from(value)
        # The end is behind all of that minute or hour: the sign sorts after digits and colons.
        return _Span(start, f"{start}~", start if ":" in start else f"{start}시") if start else None

    times = np.array(column.categories.to_pylist(), dtype=np.str_)
    hint = "시각으로 읽을 수 없습니다. 09:05, 09:05:30 또는 9시 같은 형식으로 적어주세요."
    code = f"df[{column.name!r}]"
    return Scale(column, times, lambda mask: np.append(mask, False)[column.codes], read, code, hint, wraps=True)


def _within(scale: Scale, spans: Sequence[_Span]) -> _Test:
    """Returns which values are within one of the spans."""
    if len(spans) > 1 and all(span.is_point for span in spans):
        points = [span.low for span in spans]
        if scale.column.kind is ColumnKind.INTEGER:
            points = [point for point in points if point == point // 1]  # neither fractions nor infinite
        code = f"{scale.code}.isin([{', '.join(map(scale.edge, points))}])"
        return _Test(np.isin(scale.values, np.array(points, scale.values.dtype)), code)
    if scale.column.is_time:
        spans = [_Span("00:00", "00:00~", one.words) if one.low == "24:00" else one for one in spans]  # as stored
    tests = [
        _compared(scale, "==", one.low) if one.is_point else _beside(scale, ">=", one) & _beside(scale, "<=", one)
        for one in spans
    ]
    return reduce(operator.or_, tests)


def _beside(scale: Scale, sign: str, span: _Span) -> _Test:
    """Returns which values are on one side of a span, or in it as well."""
    if span.is_point or sign in (">=", "<"):
        return _compared(scale, sign, span.low)
    return _compared(scale, ">=" if sign == ">" else "<", span.high)


def _compared(scale: Scale, sign: str, edge: Any) -> _Test:
    return _Test(_COMPARE[sign](scale.values, edge), f"{scale.code} {sign} {scale.edge(edge)}")


def _range_words(reading: Reading) -> str:
    if not reading.rows_used:
        return "이 열에는 값이 없습니다."
    low, high = reading.used.min(), reading.used.max()
    if reading.kind is ColumnKind.DATE:
        low_text, high_text = reading.column.date_texts(np.array([low, high]), with_time=False)
        return f"값의 범위: {low_text} ~ {high_text}."
    return f"값의 범위: {' ~ '.join(cell_text(reading.column, end.item()) for end in (low, high))}."
