"""Conditions on one column: `사고유형 == 차대차`, `ECLO >= 5`, `사고일시 < 2019-03`, `시각 >= 22:00`.

The value is parsed as the kind of the column. A day, month, quarter or year means the whole period: `== 2019-03` is
all of March, `> 2019` begins on 2020-01-01. In a column of months, a day means its month.
"""

import operator
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from dataset_service.analysis.frame.column import Column, Mask, date_texts
from dataset_service.analysis.frame.frames import nearest_texts
from dataset_service.analysis.frame.meanings import SUFFIXES
from dataset_service.analysis.frame.readings import Reading, dates_of, numbers_of
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.question.written_values import clock_from, number_from, period_from, period_text
from dataset_service.analysis.wording import KIND_NAMES, cell_text, code_text, kind_text, value_text
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused

Operator = Literal["==", "!=", ">", "<", ">=", "<=", "contains"]
_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
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


def condition_on(column: Column, sign: Operator, value: str | float | bool) -> Condition:
    """Returns the condition. Raises `ToolRefused` if the value or the operator does not fit the column."""
    if column.kind is ColumnKind.BOOLEAN:
        return _on_boolean(column, sign, value)
    if column.kind is ColumnKind.TEXT:
        return _on_text(column, sign, value)
    dates, numbers = dates_of(column), numbers_of(column, with_infinities=True)
    if dates:
        return _on_dates(dates, sign, value)
    if numbers:
        return _on_numbers(numbers, sign, value)
    raise TypeError(f"Column of unknown kind {column.kind!r}.")


def _on_text(column: Column, sign: Operator, value: str | float | bool) -> Condition:
    written = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    if column.is_time and sign != "contains":
        return _on_times(column, sign, value)
    if sign == "contains":
        return _containing(column, written)
    if sign in ("==", "!="):
        condition = _equal(column, sign, written)
        if condition is not None:
            return condition
    dates, numbers = dates_of(column), numbers_of(column)
    if dates and period_from(value) is not None:
        return _on_dates(dates, sign, value)
    if numbers and number_from(value, unit=None) is not None:
        return _on_numbers(numbers, sign, value)
    if sign in ("==", "!="):
        return _unequal_to_all(column, sign, written)
    if dates or numbers:
        raise ToolRefused(
            f"{code_text(column.name)} 열과 {code_text(written)} 값은 크기를 비교할 수 없습니다. "
            f"{'2019-01-01 같은 날짜' if dates else '숫자'}를 적어주세요."
        )
    raise ToolRefused(
        f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 {sign} 비교를 할 수 없습니다. "
        f"==, !=, contains 중 하나를 쓰거나 숫자·날짜 열을 골라주세요. {_examples(column)}"
    )


def _equal(column: Column, sign: Operator, written: str) -> Condition | None:
    """Returns the rows with (or without) a text, in any Unicode normalisation form; None if no row has it."""
    spellings = (written, written.strip())
    forms = dict.fromkeys(unicodedata.normalize(form, text) for text in spellings for form in ("NFC", "NFD"))
    codes = {form: column.code_of(form) for form in forms}
    used_forms = [form for form, code in codes.items() if code >= 0 and column.counts[code]]
    if not used_forms:
        return None
    matches = np.isin(column.codes, [codes[form] for form in used_forms])
    expression = f"df[{column.name!r}]"
    if sign == "==":
        test = f"{expression} == {used_forms[0]!r}" if len(used_forms) == 1 else f"{expression}.isin({used_forms!r})"
        return _condition(column, matches, test, f"= {code_text(used_forms[0])}")
    test = f"{expression} != {used_forms[0]!r}" if len(used_forms) == 1 else f"~{expression}.isin({used_forms!r})"
    return _condition(column, ~matches & column.present, _and_present(column, test), f"≠ {code_text(used_forms[0])}")


def _unequal_to_all(column: Column, sign: Operator, written: str) -> Condition:
    nothing = np.zeros(column.rows, np.bool_)
    common = column.labels(column.largest(column.counts, _MOST_NEAR_LOOKED_AT))
    near = nearest_texts(written, list(map(str, common)))
    note = f"{code_text(written)} 값은 이 열에 없습니다. " + (
        f"비슷한 값: {', '.join(code_text(text) for text in near)}." if near else _examples(column)
    )
    test = f"df[{column.name!r}] {sign} {written!r}"
    words = f"{'=' if sign == '==' else '≠'} {code_text(written)}"
    if sign == "==":
        return _condition(column, nothing, test, words, note)
    return _condition(column, column.present, _and_present(column, test), words, note)


def _containing(column: Column, written: str) -> Condition:
    if not written:
        raise ToolRefused("contains에는 찾을 글자를 적어주세요.")
    forms = list(dict.fromkeys(unicodedata.normalize(form, written) for form in ("NFC", "NFD")))
    matches = [_categories_with(column, form) for form in forms]
    used = [form for form, flags in zip(forms, matches, strict=True) if flags.any()] or forms[:1]
    flags = np.append(np.logical_or.reduce(matches), False)  # code -1, a missing value, indexes the last element
    test = " | ".join(f"df[{column.name!r}].str.contains({form!r}, case=False, regex=False, na=False)" for form in used)
    note = "" if flags.any() else f"{code_text(written)} 글자가 든 값이 없습니다. {_examples(column)}"
    return _condition(column, flags[column.codes], test, f"contains {code_text(written)}", note)


def _categories_with(column: Column, part: str) -> Mask:
    matches = pc.match_substring(column.categories, part, ignore_case=True)
    return np.asarray(matches.to_numpy(zero_copy_only=False), dtype=np.bool_) & (column.counts > 0)


def _on_boolean(column: Column, sign: Operator, value: str | float | bool) -> Condition:
    written = str(value).strip().casefold().removesuffix(".0")
    if written not in _YES | _NO:
        raise ToolRefused(f"{code_text(column.name)} 열은 참/거짓 열입니다. 값으로 true 또는 false를 적어주세요.")
    if sign not in ("==", "!="):
        raise ToolRefused(f"{code_text(column.name)} 열은 참/거짓 열이라 == 와 != 만 쓸 수 있습니다.")
    is_wanted = (written in _YES) == (sign == "==")
    rows = (column.values == is_wanted) & column.present
    test = f"{'' if is_wanted else '~'}df[{column.name!r}]"
    code = f"({test}).fillna(False)" if column.missing else test
    return _condition(column, rows, code, f"= {value_text(is_wanted)}")


def _on_numbers(reading: Reading, sign: Operator, value: str | float | bool) -> Condition:
    column = reading.column
    name = code_text(column.name)
    if sign == "contains":
        raise ToolRefused(
            f"{name} 열은 {KIND_NAMES[column.reading.kind]} 열이라 contains를 쓸 수 없습니다. ==, >=, <= 등을 써주세요."
        )
    unit = column.unit or SUFFIXES.get(column.meaning, "")
    number = number_from(value, unit=None if column.kind is ColumnKind.TEXT else unit)
    if number is None:
        raise ToolRefused(
            f"{name} 열은 {KIND_NAMES[column.reading.kind]} 열입니다. "
            f"{code_text(str(value))} 값은 숫자로 읽을 수 없습니다. {_range_words(reading)}"
        )
    if column.kind is ColumnKind.INTEGER and not _INT64.min <= number <= _INT64.max:
        is_above = number > 0
        fits = sign == "!=" or sign in (("<", "<=") if is_above else (">", ">="))
        rows = reading.present if fits else np.zeros(column.rows, np.bool_)
        number = float(number)
    else:
        rows = _COMPARE[sign](reading.values, number) & reading.present
    test = f"{reading.code} {sign} {number!r}"
    if sign == "!=" or (column.kind is ColumnKind.INTEGER and column.missing):
        test = (
            _and_present(column, test) if column.kind is not ColumnKind.TEXT else f"{reading.code}.notna() & ({test})"
        )
    note = "" if rows.any() else _range_words(reading)
    return _condition(column, rows, test, f"{sign} {cell_text(column, number)}", note, reading=reading)


def _on_dates(reading: Reading, sign: Operator, value: str | float | bool) -> Condition:
    column = reading.column
    if sign == "contains":
        raise ToolRefused(
            f"{code_text(column.name)} 열은 날짜 열이라 contains를 쓸 수 없습니다. "
            "연도나 달을 찾으려면 == 와 2019 또는 2019-03 같은 값을 써주세요."
        )
    period = period_from(value)
    if period is None:
        raise ToolRefused(
            f"{code_text(column.name)} 열은 날짜 열입니다. {code_text(str(value))} 값은 날짜로 읽을 수 없습니다. "
            f"2019, 2019-03, 2019-03-05, 2019-03-05 13:00 같은 형식으로 적어주세요. {_range_words(reading)}"
        )
    start, end = SPANS[column.precision].widened(*period)
    low, high = (date_texts(np.array([moment]), with_time=True)[0] for moment in (start, end))
    rows, test = _compared(sign, reading.values, (start, end), reading.code, (low, high))
    note = "" if rows.any() else _range_words(reading)
    return _condition(column, rows, test, f"{sign} {period_text(start, end)}", note, reading=reading)


def _on_times(column: Column, sign: Operator, value: str | float | bool) -> Condition:
    start = clock_from(value)
    if start is None:
        raise ToolRefused(
            f"{code_text(column.name)} 열은 시각 열입니다. {code_text(str(value))} 값은 시각으로 읽을 수 없습니다. "
            f"09:05, 09:05:30 또는 9시 같은 형식으로 적어주세요. {_examples(column)}"
        )
    if start == "24:00" and sign in ("==", "!="):
        start = "00:00"  # as it is stored
    ends = start, f"{start}~"  # behind all of that minute or hour: the sign sorts after digits and colons
    times = np.array(column.categories.to_pylist(), dtype=np.str_)
    rows, test = _compared(sign, times, ends, f"df[{column.name!r}]", ends)
    words = f"{sign} {start if ':' in start else f'{start}시'}"
    return _condition(column, np.append(rows, False)[column.codes], test, words)


def _compared(
    sign: Operator, values: npt.NDArray[Any], ends: tuple[Any, Any], code: str, written: tuple[str, str]
) -> tuple[Mask, str]:
    """Compares values with a period from its start to its exclusive end; returns a pandas expression as well."""
    (start, end), (low, high) = ends, written
    match sign:
        case "==":
            return (values >= start) & (values < end), f"({code} >= {low!r}) & ({code} < {high!r})"
        case "!=":
            return (values < start) | (values >= end), f"({code} < {low!r}) | ({code} >= {high!r})"
        case "<":
            return values < start, f"{code} < {low!r}"
        case "<=":
            return values < end, f"{code} < {high!r}"
        case ">":
            return values >= end, f"{code} >= {high!r}"
        case _:
            return values >= start, f"{code} >= {low!r}"


def _condition(
    column: Column, rows: Mask, code: str, words: str, note: str = "", *, reading: Reading | None = None
) -> Condition:
    return Condition(
        rows,
        code,
        words,
        reading.rows_used if reading else column.used,
        column.missing,
        reading.function if reading else "",
        (*(reading.notes if reading else ()), *((note,) if note else ())),
    )


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
