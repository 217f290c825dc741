"""Conditions on one column: `사고유형 == 차대차`, `ECLO >= 5`, `사고일시 < 2019-03`, `시각 between 22:00, 05:00`.

The value is parsed as the kind of the column. A day, month, quarter or year means the whole period: `== 2019-03` is
all of March, `> 2019` begins on 2020-01-01. In a column of months, a day means its month. Of several values one must
fit; with `!=` none may.
"""

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.analysis.frame.column import Column, Mask, date_texts, weekday_names
from dataset_service.analysis.frame.frames import nearest_texts
from dataset_service.analysis.frame.meanings import SUFFIXES
from dataset_service.analysis.frame.readings import Reading, dates_of, numbers_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.question.fields import PartRefused
from dataset_service.analysis.question.written_values import clock_from, number_from, period_from, period_text
from dataset_service.analysis.wording import KIND_NAMES, cell_text, code_text, kind_text, names_text, value_text
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from servicekit.korea.matching import find_region

Operator = Literal["==", "!=", ">", "<", ">=", "<=", "contains"]
Value = str | int | float | bool
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_EQUAL, _UNEQUAL = "==", "!="
_OF_TEXT = {
    "contains": (pc.match_substring, "str.contains({!r}, case=False, regex=False, na=False)"),
    "starts_with": (pc.starts_with, "str.startswith({!r}, na=False)"),
}
_YES = {"true", "t", "yes", "y", "1", "참", "예"}
_NO = {"false", "f", "no", "n", "0", "거짓", "아니오", "아니요"}
_MOST_NEAR_LOOKED_AT = 300
_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, slots=True)
class Condition:
    """The matching rows. `code` is a pandas expression for the same mask; `rows_used` rows had a value to compare."""

    rows: Mask
    code: str
    words: str
    rows_used: int
    rows_missing: int
    function: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Memory of the mask in bytes."""
        return int(self.rows.nbytes)


class _Span(NamedTuple):
    """What a written value covers: from `low` up to `high`, which is not within unless they are equal."""

    low: Any
    high: Any
    words: str


class _Scale(NamedTuple):
    """A column with an order. `code` is a pandas expression for the values, `edge` formats one of them for code.

    `spread` makes a mask of rows from one of the values, `wraps` means that it goes around: from 22 to 5 o'clock.
    """

    column: Column
    values: npt.NDArray[Any]
    spread: Callable[[Mask], Mask]
    parse: Callable[[Value], _Span]
    code: str
    reading: Reading | None = None
    edge: Callable[[Any], str] = repr
    wraps: bool = False


def condition_on(column: Column, sign: str, value: Value | Sequence[Value] | None = None) -> Condition:
    """Returns the condition. Raises `PartRefused` if the value or the operator does not fit the column."""
    values = _values(sign, value)
    if sign in ("missing", "present"):
        rows, name = (~column.present, "isna") if sign == "missing" else (column.present, "notna")
        words = "값 없음" if sign == "missing" else "값 있음"
        return Condition(np.asarray(rows), f"df[{column.name!r}].{name}()", words, column.rows, 0)
    if column.kind is ColumnKind.BOOLEAN:
        return _on_boolean(column, sign, values)
    if sign in _OF_TEXT:
        return _on_part(column, sign, values)
    if column.kind is ColumnKind.TEXT and not column.is_time:
        return _on_text(column, sign, values)
    scale = _of_times(column) if column.is_time else _of_dates(column) or _of_numbers(column)
    if scale is None:
        raise TypeError(f"Column of unknown kind {column.kind!r}.")
    return _on_scale(scale, sign, values)


def _values(sign: str, value: Value | Sequence[Value] | None) -> tuple[Value, ...]:
    values = () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)
    wanted = {
        "missing": "값을 적지 않습니다",
        "present": "값을 적지 않습니다",
        "between": "처음과 끝 값 두 개가 필요합니다",
    }
    if sign in (_EQUAL, _UNEQUAL, *_OF_TEXT):
        fits, words = bool(values), "값이 하나 이상 필요합니다"
    else:
        number = {"missing": 0, "present": 0, "between": 2}.get(sign, 1)
        fits, words = len(values) == number, wanted.get(sign, "값이 하나만 필요합니다")
    if not fits:
        raise PartRefused("value", f"{sign} 조건에는 {words}. 지금은 {len(values)}개입니다.")
    return values


def _on_boolean(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    written = [str(value).strip().casefold().removesuffix(".0") for value in values]
    if not set(written) <= _YES | _NO:
        raise PartRefused(
            "value", f"{code_text(column.name)} 열은 참/거짓 열입니다. 값으로 true 또는 false를 적어주세요."
        )
    if sign not in (_EQUAL, _UNEQUAL):
        raise PartRefused("operator", f"{code_text(column.name)} 열은 참/거짓 열이라 == 와 != 만 쓸 수 있습니다.")
    wanted = {(one in _YES) == (sign == _EQUAL) for one in written}
    if len(wanted) == 2:  # both, or none of both
        rows = column.present if sign == _EQUAL else np.zeros(column.rows, np.bool_)
        code = f"df[{column.name!r}].notna() & {sign == _EQUAL}"
        return _condition(column, rows, code, f"{'=' if sign == _EQUAL else '≠'} 참, 거짓")
    (is_wanted,) = wanted
    rows = (column.values == is_wanted) & column.present
    test = f"{'' if is_wanted else '~'}df[{column.name!r}]"
    code = f"({test}).fillna(False)" if column.missing else test
    return _condition(column, rows, code, f"= {value_text(is_wanted)}")


def _on_part(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the rows with texts that contain, or start with, one of the values."""
    if column.kind is ColumnKind.DATE:
        raise PartRefused(
            "operator",
            f"{code_text(column.name)} 열은 날짜 열이라 {sign}를 쓸 수 없습니다. "
            "연도나 달을 찾으려면 == 와 2019 또는 2019-03 같은 값을 써주세요.",
        )
    if column.kind is not ColumnKind.TEXT:
        raise PartRefused(
            "operator",
            f"{code_text(column.name)} 열은 {KIND_NAMES[column.reading.kind]} 열이라 {sign}를 쓸 수 없습니다. "
            "==, >=, <= 등을 써주세요.",
        )
    test, code = _OF_TEXT[sign]
    written = [_text(value) for value in values]
    if not all(written):
        raise PartRefused("value", f"{sign}에는 찾을 글자를 적어주세요.")
    flags, used, absent = np.zeros(len(column.categories), np.bool_), list[str](), list[str]()
    for text in written:
        forms = forms_of(text)
        by_form = [categories_with(column, form, test) for form in forms]
        fitting = [form for form, matches in zip(forms, by_form, strict=True) if matches.any()]
        flags |= np.logical_or.reduce(by_form)
        used += fitting or forms[:1]
        absent += [] if fitting else [text]
    tests = " | ".join(f"df[{column.name!r}].{code.format(form)}" for form in dict.fromkeys(used))
    ending = "글자로 시작하는" if sign == "starts_with" else "글자가 든"
    note = f"{names_text(absent)} {ending} 값이 없습니다. {_examples(column)}" if absent else ""
    words = f"{sign} {_one_of([code_text(text) for text in written])}"
    notes = (note, *(_within_names(column, text) for text in written if sign == "contains"))
    return _condition(column, np.append(flags, False)[column.codes], tests, words, *notes)


def _within_names(column: Column, part: str) -> str:
    """Returns a note if the text is also the end of other names of regions: 서구 of 달서구."""
    if column.meaning not in (Meaning.REGION, Meaning.ADDRESS):
        return ""
    flags = pc.match_substring_regex(column.categories, f"[가-힣]{re.escape(part)}").to_numpy(zero_copy_only=False)
    others = column.labels(np.flatnonzero(flags & (column.counts > 0))[:1])
    if not others:
        return ""
    return f"{code_text(part)} 글자는 {code_text(str(others[0]))} 같은 값에도 들어 있습니다.{_by_level(column)}"


def _on_text(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    if sign in (_EQUAL, _UNEQUAL):
        return _on_texts(column, sign, values)
    written = [_text(value) for value in values]
    dates, numbers = _of_dates(column), _of_numbers(column)
    if dates and all(period_from(value) is not None for value in values):
        return _on_scale(dates, sign, values)
    if numbers and all(number_from(value, unit=None) is not None for value in values):
        return _on_scale(numbers, sign, values)
    if dates or numbers:
        raise PartRefused(
            "value",
            f"{code_text(column.name)} 열과 {code_text(', '.join(written))} 값은 크기를 비교할 수 없습니다. "
            f"{'2019-01-01 같은 날짜' if dates else '숫자'}를 적어주세요.",
        )
    raise PartRefused(
        "operator",
        f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 {sign} 비교를 할 수 없습니다. "
        f"==, !=, contains 중 하나를 쓰거나 숫자·날짜 열을 골라주세요. {_examples(column)}",
    )


def _on_texts(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the rows with (or without) texts, or with what else the values mean there: regions, dates, numbers."""
    texts, spans, absent, words = list[str](), list[Value](), list[str](), list[str]()
    scale: _Scale | None = None
    for value in values:
        if exact := _texts_of(column, _text(value)):
            texts += exact
            words.append(code_text(exact[0]))
            continue
        fitting = _of_dates(column) if period_from(value) is not None else None
        fitting = fitting or (_of_numbers(column) if number_from(value, unit=None) is not None else None)
        if fitting:
            scale = fitting
            spans.append(value)
            continue
        texts.append(_text(value))
        absent.append(_text(value))
        words.append(code_text(_text(value)))
    if scale and not texts:
        return _on_scale(scale, sign, spans)
    known = [place for text in texts if (place := column.code_of(text)) >= 0]
    rows, expression, function = np.isin(column.codes, known), f"df[{column.name!r}]", ""
    test = f"{expression} {sign} {texts[0]!r}" if len(texts) == 1 else f"{expression}.isin({texts!r})"
    if scale:
        met = _on_scale(scale, _EQUAL, spans)
        test = f"{expression}.isin({texts!r}) | ({met.code})"
        rows, function = rows | met.rows, met.function
        words += [scale.parse(value).words for value in spans]
    if sign == _UNEQUAL:
        rows = ~rows & column.present
        test = _and_present(column, test if not scale and len(texts) == 1 else f"~({test})")
    symbol = "=" if sign == _EQUAL else "≠"
    notes = [_absent(column, text) for text in absent]
    return _condition(column, rows, test, f"{symbol} {_one_of(words)}", *notes, function=function)


def _texts_of(column: Column, written: str) -> list[str]:
    """Returns the texts of the column that a value means, in any Unicode normalisation form; none if no row has it."""
    forms = [form for text in (written, written.strip()) for form in forms_of(text)]
    codes = {form: column.code_of(form) for form in dict.fromkeys(forms)}
    if used := [form for form, code in codes.items() if code >= 0 and column.counts[code]]:
        return used
    if column.region_codes is None:
        days = column.categories.to_pylist() if column.natural_places is not None else []
        return [day for day in days if weekday_names([day]) and day[0] == written.strip().removesuffix("요일")]
    names = [str(name) for name in column.categories.to_pylist()]
    wanted = " ".join(unicodedata.normalize("NFC", written).split())
    last = [name for name in names if name.endswith(f" {wanted}")]
    if len(last) > 1:
        raise PartRefused(
            "value",
            f"{code_text(written)} 지역은 {code_text(column.name)} 열에 {len(last)}곳입니다. "
            f"하나를 골라 적어주세요: {names_text(last)}.",
        )
    region = None if last else find_region(wanted)
    return last or [
        name for name, code in zip(names, column.region_codes, strict=True) if region and code == region.code
    ]


def _absent(column: Column, written: str) -> str:
    common = column.labels(column.largest(column.counts, _MOST_NEAR_LOOKED_AT))
    near = nearest_texts(written, list(map(str, common)))
    hint = f"비슷한 값: {', '.join(code_text(text) for text in near)}." if near else _examples(column)
    is_place = column.meaning in (Meaning.REGION, Meaning.ADDRESS) and column.region_codes is None
    return f"{code_text(written)} 값은 이 열에 없습니다. {hint}{_by_level(column) if is_place else ''}"


def _by_level(column: Column) -> str:
    return f" 지역으로 고르려면 {code_text(f'{column.name}:시군구')}처럼 단계를 붙인 열을 써주세요."


def _text(value: Value) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def forms_of(text: str) -> list[str]:
    """Returns the Unicode normalisation forms of a text."""
    return list(dict.fromkeys(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))


def categories_with(column: Column, part: str, test: Callable[..., pa.Array] = pc.match_substring) -> Mask:
    """Returns which categories of a column that rows have hold a text, whatever the case of its letters."""
    ignore = test is pc.match_substring and part.lower() != part.upper()  # without it, searching is much faster
    matches = test(column.categories, part, ignore_case=ignore)
    return np.asarray(matches.to_numpy(zero_copy_only=False), dtype=np.bool_) & (column.counts > 0)


def _of_numbers(column: Column) -> _Scale | None:
    reading = numbers_of(column, with_infinities=True)
    if reading is None:
        return None
    unit = column.unit or SUFFIXES.get(column.meaning, "")

    def parse(value: Value) -> _Span:
        number = number_from(value, unit=None if column.kind is ColumnKind.TEXT else unit)
        if number is None:
            raise PartRefused(
                "value",
                f"{code_text(column.name)} 열은 {KIND_NAMES[column.reading.kind]} 열입니다. "
                f"{code_text(str(value))} 값은 숫자로 읽을 수 없습니다. {_range_words(reading)}",
            )
        words = cell_text(column, number)
        if column.kind is ColumnKind.INTEGER and not _INT64.min <= number <= _INT64.max:
            number = math.copysign(math.inf, number)  # floats near the ends are equal to some integers
        return _Span(number, number, words)

    def edge(number: float) -> str:
        return repr(number) if abs(number) != math.inf else f"float('{number}')"

    wraps = column.meaning == Meaning.HOUR
    return _Scale(column, reading.values, _those_present(reading), parse, reading.code, reading, edge, wraps)


def _of_dates(column: Column) -> _Scale | None:
    reading = dates_of(column)
    if reading is None:
        return None

    def parse(value: Value) -> _Span:
        period = period_from(value)
        if period is None:
            raise PartRefused(
                "value",
                f"{code_text(column.name)} 열은 날짜 열입니다. {code_text(str(value))} 값은 날짜로 읽을 수 없습니다. "
                f"2019, 2019-03, 2019-03-05, 2019-03-05 13:00 같은 형식으로 적어주세요. {_range_words(reading)}",
            )
        low, high = SPANS[column.precision].widened(*period)
        return _Span(low, high, period_text(low, high))

    def edge(moment: np.datetime64) -> str:
        return repr(date_texts(np.array([moment]), with_time=True)[0])

    return _Scale(column, reading.values, _those_present(reading), parse, reading.code, reading, edge)


def _of_times(column: Column) -> _Scale:
    times = np.array(column.categories.to_pylist(), dtype=np.str_)

    def parse(value: Value) -> _Span:
        start = clock_from(value)
        if start is None:
            raise PartRefused(
                "value",
                f"{code_text(column.name)} 열은 시각 열입니다. {code_text(str(value))} 값은 시각으로 읽을 수 없습니다. "
                f"09:05, 09:05:30 또는 9시 같은 형식으로 적어주세요. {_examples(column)}",
            )
        # The end is behind all of that minute or hour: the sign sorts after digits and colons.
        return _Span(start, f"{start}~", start if ":" in start else f"{start}시")

    def spread(mask: Mask) -> Mask:
        return np.append(mask, False)[column.codes]

    return _Scale(column, times, spread, parse, f"df[{column.name!r}]", wraps=True)


def _those_present(reading: Reading) -> Callable[[Mask], Mask]:
    return lambda mask: mask & reading.present


def _on_scale(scale: _Scale, sign: str, values: Sequence[Value]) -> Condition:
    column, reading = scale.column, scale.reading
    spans = [scale.parse(value) for value in values]
    if sign in (_EQUAL, _UNEQUAL):
        if column.is_time:
            spans = [_Span("00:00", "00:00~", one.words) if one.low == "24:00" else one for one in spans]  # as stored
        mask, code = _equal(scale, spans)
        rows = scale.spread(mask)
        if sign == _UNEQUAL:
            single = f"{scale.code} != {scale.edge(spans[0].low)}" if len(spans) == 1 and _is_point(spans[0]) else ""
            code = f"{scale.code}.notna() & ({single or f'~({code})'})"
            rows = scale.spread(~mask)
        elif column.kind is ColumnKind.INTEGER and column.missing:
            code = _and_present(column, code)
        words = f"{sign} {_one_of([span.words for span in spans])}"
    elif sign == "between":
        low, high = spans
        wraps = scale.wraps and low.low > high.low
        if low.low > high.low and not wraps:
            raise PartRefused(
                "value",
                f"between의 처음 값 {code_text(low.words)}이(가) 끝 값 {code_text(high.words)}보다 큽니다. "
                "순서를 바꿔주세요.",
            )
        (above, first), (below, last) = _compared(scale, ">=", low), _compared(scale, "<=", high)
        mask, code = (above | below, f"({first}) | ({last})") if wraps else (above & below, f"({first}) & ({last})")
        rows, words = scale.spread(mask), f"{low.words} ~ {high.words}"
    else:
        mask, code = _compared(scale, sign, spans[0])
        rows, words = scale.spread(mask), f"{sign} {spans[0].words}"
    if column.kind is ColumnKind.INTEGER and column.missing and sign not in (_EQUAL, _UNEQUAL):
        code = _and_present(column, code)
    note = "" if reading is None or rows.any() else _range_words(reading)
    return _condition(column, rows, code, words, note, reading=reading)


def _is_point(span: _Span) -> bool:
    return bool(span.low == span.high)


def _equal(scale: _Scale, spans: Sequence[_Span]) -> tuple[Mask, str]:
    """Returns which values are within one of the spans."""
    if len(spans) > 1 and all(map(_is_point, spans)):
        points = [span.low for span in spans]
        if scale.column.kind is ColumnKind.INTEGER:
            points = [point for point in points if point == point // 1]  # neither fractions nor infinite
        code = f"{scale.code}.isin([{', '.join(map(scale.edge, points))}])"
        return np.isin(scale.values, np.array(points, scale.values.dtype)), code
    masks, codes = zip(*(_compared(scale, _EQUAL, span) for span in spans), strict=True)
    return np.logical_or.reduce(masks), codes[0] if len(codes) == 1 else " | ".join(f"({code})" for code in codes)


def _compared(scale: _Scale, sign: str, span: _Span) -> tuple[Mask, str]:
    """Compares values with a span; returns a pandas expression as well."""
    values, code, (start, end, _) = scale.values, scale.code, span
    low, high = scale.edge(start), scale.edge(end)
    if _is_point(span):
        return _COMPARE[sign](values, start), f"{code} {sign} {low}"
    match sign:
        case "==":
            return (values >= start) & (values < end), f"({code} >= {low}) & ({code} < {high})"
        case "<":
            return values < start, f"{code} < {low}"
        case "<=":
            return values < end, f"{code} < {high}"
        case ">":
            return values >= end, f"{code} >= {high}"
        case _:
            return values >= start, f"{code} >= {low}"


def _condition(
    column: Column, rows: Mask, code: str, words: str, *notes: str, reading: Reading | None = None, function: str = ""
) -> Condition:
    return Condition(
        rows,
        code,
        words,
        reading.rows_used if reading else column.used,
        column.missing,
        reading.function if reading else function,
        (*(reading.notes if reading else ()), *(note for note in notes if note)),
    )


def _one_of(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def _and_present(column: Column, test: str) -> str:
    return f"df[{column.name!r}].notna() & ({test})" if column.missing else test


def _range_words(reading: Reading) -> str:
    if not reading.rows_used:
        return "이 열에는 값이 없습니다."
    low, high = reading.used.min(), reading.used.max()
    if reading.kind is ColumnKind.DATE:
        low_text, high_text = reading.column.date_texts(np.array([low, high]), with_time=False)
        return f"값의 범위: {low_text} ~ {high_text}."
    return f"값의 범위: {' ~ '.join(cell_text(reading.column, end.item()) for end in (low, high))}."


def _examples(column: Column) -> str:
    texts = [code_text(str(text)) for text in column.labels(column.largest(column.counts, 5))]
    return f"이 열의 값 예: {', '.join(texts)}." if texts else "이 열에는 값이 없습니다."
