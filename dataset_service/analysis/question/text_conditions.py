"""Conditions on texts: equal to a text, a region or a weekday, with a part, or read as numbers or dates."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.analysis.frame.column import Column, Mask, weekday_names
from dataset_service.analysis.frame.frames import nearest_texts
from dataset_service.analysis.question.condition import (
    EQUAL,
    SYMBOLS,
    UNEQUAL,
    Condition,
    Value,
    condition,
    examples,
    negated,
    one_of,
)
from dataset_service.analysis.question.fields import PartRefused
from dataset_service.analysis.question.scales import on_scale, scale_of
from dataset_service.analysis.wording import code_text, kind_text, names_text
from dataset_service.reading.columns.kinds import Meaning
from servicekit.korea.matching import find_region

OF_PARTS = {
    "contains": (pc.match_substring, "글자가 든", "str.contains({!r}, case=False, regex=False, na=False)"),
    "starts_with": (pc.starts_with, "글자로 시작하는", "str.startswith({!r}, na=False)"),
}
"""Operators on parts of texts: how to test, what a fitting text is called, and the pandas code."""
_MOST_NEAR_LOOKED_AT = 300
_MOST_ABSENT_TOLD = 3
"""Values for which similar ones are looked for, which takes long."""


def with_part(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the rows with texts that contain, or start with, one of the values. Raises `PartRefused`."""
    test, fitting, code = OF_PARTS[sign]
    texts = list(map(_text, values))
    if not all(texts):
        raise PartRefused("value", f"{sign}에는 찾을 글자를 적어주세요.")
    flags = {form: categories_with(column, form, test) for text in texts for form in forms_of(text)}
    absent = [text for text in texts if not any(flags[form].any() for form in forms_of(text))]
    used = [form for form in flags if flags[form].any()] or texts[:1]
    notes = [f"{names_text(absent)} {fitting} 값이 없습니다. {examples(column)}" if absent else ""]
    notes += [_within_names(column, text) for text in texts if sign == "contains"]
    tests = " | ".join(f"df[{column.name!r}].{code.format(form)}" for form in used)
    rows = np.append(np.logical_or.reduce(list(flags.values())), False)[column.codes]
    return condition(column, rows, tests, f"{sign} {one_of(list(map(code_text, texts)))}", *notes)


def on_text(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the rows by their texts, or by the numbers or dates that these are read as. Raises `PartRefused`."""
    if sign in (EQUAL, UNEQUAL):
        return _equal(column, sign, values)
    if sign == "between" and (days := _days_between(column, *map(_text, values))):
        return _equal(column, EQUAL, days)
    if scale := scale_of(column, values):
        return on_scale(scale, sign, values)
    if known := scale_of(column, ()):
        known.spans(values)  # refuses the one that is not read
    raise PartRefused(
        "operator",
        f"{code_text(column.name)} 열은 {kind_text(column)} 열이라 {sign} 비교를 할 수 없습니다. "
        f"==, !=, contains 중 하나를 쓰거나 숫자·날짜 열을 골라주세요. {examples(column)}",
    )


def _days_between(column: Column, first: str, last: str) -> list[str]:
    """Returns the weekdays of a column from one to another, round the week; none if it has no weekdays."""
    labels = column.categories.to_pylist() if column.natural_places is not None else []
    order = [day[0] for day in weekday_names(labels) or ()]
    start, end = (one.strip().removesuffix("요일") for one in (first, last))
    if start not in order or end not in order:
        return []
    length = (order.index(end) - order.index(start)) % len(order)
    return [day for day in labels if (order.index(day[0]) - order.index(start)) % len(order) <= length]


def _equal(column: Column, sign: str, values: Sequence[Value]) -> Condition:
    """Returns the rows with (or without) texts; a value that no text is may be a number or a date that some are."""
    codes = column.codes_of(form for value in values for form in _spellings(_text(value)))
    found = {value: _texts_of(column, _text(value), codes) for value in values}
    unfound = [value for value in values if not found[value]]
    read = [value for value in unfound if scale_of(column, [value])] if unfound and scale_of(column, ()) else []
    scale = scale_of(column, read) if read else None
    if scale and len(read) == len(values):
        return on_scale(scale, sign, values)
    texts = [text for value in values if value not in read for text in found[value] or [_text(value)]]
    absent = [_text(value) for value in values if not found[value] and value not in read]
    words = [code_text((found[value] or [_text(value)])[0]) for value in values if value not in read]
    rows, series, function = np.isin(column.codes, list(column.codes_of(texts).values())), f"df[{column.name!r}]", ""
    code = f"{series} == {texts[0]!r}" if len(texts) == 1 else f"{series}.isin({texts!r})"
    if scale:
        met = on_scale(scale, EQUAL, read)
        rows, code, function = rows | met.rows, f"({code}) | ({met.code})", met.function
        words += [span.words for span in scale.spans(read)]
    if sign == UNEQUAL:
        rows, code = negated(column, rows, code)
    notes = [_absent(column, text) for text in absent[:_MOST_ABSENT_TOLD]]
    if others := absent[_MOST_ABSENT_TOLD:]:
        notes.append(f"{names_text(others)} 값도 이 열에 없습니다.")
    return condition(column, rows, code, f"{SYMBOLS[sign]} {one_of(words)}", *notes, function=function)


def _texts_of(column: Column, written: str, codes: Mapping[str, int]) -> list[str]:
    """Returns the texts of the column that a value means, in any Unicode normalisation form; none if no row has it.

    `codes` has the codes of the spellings of the value that the column knows.
    """
    if used := [form for form in _spellings(written) if form in codes and column.counts[codes[form]]]:
        return used
    wanted = " ".join(unicodedata.normalize("NFC", written).split())
    if column.region_codes is not None:
        return _regions_of(column, column.region_codes, wanted)
    labels = column.categories.to_pylist() if column.natural_places is not None else []
    first = wanted.removesuffix("요일")
    if column.is_ordered and (names := weekday_names(labels)) and first not in [day[0] for day in names]:
        raise PartRefused("value", f"{code_text(written)} 값은 요일이 아닙니다. {names_text(names)} 중에서 적어주세요.")
    return [label for label in labels if weekday_names([label]) and label[0] == first]


def _regions_of(column: Column, codes: tuple[str, ...], wanted: str) -> list[str]:
    names: list[str] = column.categories.to_pylist()
    last = [name for name in names if name.endswith(f" {wanted}")]
    if len(last) > 1:
        raise PartRefused(
            "value",
            f"{code_text(wanted)} 지역은 {code_text(column.name)} 열에 {len(last)}곳입니다. "
            f"하나를 골라 적어주세요: {names_text(last)}.",
        )
    region = find_region(wanted)
    if region is None and not last:
        raise PartRefused("value", f"{code_text(wanted)} 지역을 하나로 알 수 없습니다. {_absent(column, wanted)}")
    return last or [name for name, code in zip(names, codes, strict=True) if region and code == region.code]


def _absent(column: Column, written: str) -> str:
    common = column.labels(column.largest(column.counts, _MOST_NEAR_LOOKED_AT))
    near = nearest_texts(written, list(map(str, common)))
    hint = f"비슷한 값: {', '.join(code_text(text) for text in near)}." if near else examples(column)
    return f"{code_text(written)} 값은 이 열에 없습니다. {hint}{_by_level(column)}"


def _within_names(column: Column, part: str) -> str:
    """Returns a note if the text is also the end of other names of regions: 서구 of 달서구."""
    if not (advice := _by_level(column)):
        return ""
    flags = pc.match_substring_regex(column.categories, f"[가-힣]{re.escape(part)}").to_numpy(zero_copy_only=False)
    others = column.labels(np.flatnonzero(flags & (column.counts > 0))[:1])
    return f"{code_text(part)} 글자는 {code_text(str(others[0]))} 같은 값에도 들어 있습니다.{advice}" if others else ""


def _by_level(column: Column) -> str:
    if column.meaning not in (Meaning.REGION, Meaning.ADDRESS) or column.region_codes is not None:
        return ""
    return f" 지역으로 고르려면 {code_text(f'{column.name}:시군구')}처럼 단계를 붙인 열을 써주세요."


def _text(value: Value) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _spellings(written: str) -> list[str]:
    return list(dict.fromkeys(form for text in (written, written.strip()) for form in forms_of(text)))


def forms_of(text: str) -> list[str]:
    """Returns the Unicode normalisation forms of a text."""
    return list(dict.fromkeys(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))


def categories_with(column: Column, part: str, test: Callable[..., pa.Array] = pc.match_substring) -> Mask:
    """Returns which categories of a column that rows have hold a text, whatever the case of its letters."""
    ignore = test is pc.match_substring and part.lower() != part.upper()  # without it, searching is much faster
    matches = test(column.categories, part, ignore_case=ignore)
    return np.asarray(matches.to_numpy(zero_copy_only=False), dtype=np.bool_) & (column.counts > 0)
