"""Finds the columns that name regions of Korea, alone or together."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.warning import DatasetWarning
from servicekit.korea.matching import AMBIGUOUS, UNKNOWN, WORDS_FOR_NONE, Reason, match
from servicekit.korea.names import LEVELS, SEJONG
from servicekit.korea.rows import RowRegions, find_regions

_SAMPLE = 40
_SAMPLE_SHARE, _LEAST_SHARE = 0.6, 0.8
_MOST_COLUMNS = 8
_NONE = sorted(WORDS_FOR_NONE)
_LEAST_WITH_HOUSE = 0.5
_MAY_NAME = ("", Meaning.CODE, Meaning.REGION, Meaning.ADDRESS)
# What names of regions end with, or are in short.
_LOOKS = (
    r"[시도군구읍면동리가](?:$|[\s(0-9])|^(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)|"
    r"^[0-9]{2}$|^[0-9]{5}$|^[0-9]{8}$|^[0-9]{10}$"
)
# Digits alone are codes of regions only in columns called so.
_CODE_NAMES = re.compile(
    r"동|구역|시도|시군구|지역|읍면|구군|지자체|region|sgg|bjd|sido|sigungu|adm|lawd|emd", re.IGNORECASE
)
# Names of other things are often those of the places where they are.
_OTHER_NAMES = re.compile(r"측정소|관측소|지점|정류|(?<!지)역명|상호|업체|업소|시설|기관|이름|성명|학교")
# What a row is worth by the digits of its region's code. Names are as good as precise addresses and codes.
_WORTH = {2: 1.0, 5: 4.0, 8: 4.5}
_LESS_FOR_ADDRESS, _LESS_FOR_CODE = 0.6, 0.01
_HOUSE = re.compile(r"(?:^|\s)산?[0-9]+(?:-[0-9]+)?(?:$|[\s,(])")


class RegionColumns(NamedTuple):
    """The columns that name the region of each row, the greater regions first, and how many rows have one."""

    columns: tuple[str, ...]
    level: str
    """That of most rows, a word of `LEVELS`; empty if no row has a region."""
    matched_rows: int
    unknown_rows: int
    ambiguous_rows: int


class _Candidate(NamedTuple):
    column: TypedColumn
    digits: int
    """Length of most codes of its regions."""
    is_address: bool


class NamedRegions(NamedTuple):
    """The columns, those that name regions marked as such; which of them tell a row's region; and warnings."""

    columns: Sequence[TypedColumn]
    regions: RegionColumns | None
    warnings: Sequence[DatasetWarning]


def name_regions(columns: Sequence[TypedColumn]) -> NamedRegions:
    """Finds the columns that name the most precise regions of most rows, alone or together."""
    candidates = [candidate for column in columns if (candidate := _candidate(column))][:_MOST_COLUMNS]
    marked = {one.column.name: _marked(one.column) for one in candidates if not one.is_address}
    named = [marked.get(column.name, column) for column in columns]
    tried = [
        (group, find_regions([one.column.cells for one in group]))
        for are_addresses in (False, True)
        for group in _groups([one for one in candidates if one.is_address is are_addresses])
    ]
    fitting = [(_worth(group, found), len(group), group, found) for group, found in tried if _is_named(found)]
    if not fitting:
        return NamedRegions(columns, None, ())
    _, _, group, found = max(fitting, key=lambda one: one[:2])
    return NamedRegions(named, *_described([one.column for one in group], found))


def regions_named_by(columns: Sequence[TypedColumn], name: str) -> tuple[Sequence[str], RowRegions] | None:
    """Returns the regions that one column names, and the columns that tell them: itself, or others with it.

    Greater regions stand in columns of their own: 시도 and 시군구. Returns None if the column names no regions.
    """
    candidates = [candidate for column in columns if (candidate := _candidate(column))]
    own = next((one for one in candidates if one.column.name == name), None)
    if own is None:
        (column,) = (column for column in columns if column.name == name)
        own = _Candidate(column, 0, is_address=False)
    others = [one for one in candidates if one.is_address is own.is_address and one.digits != own.digits]
    groups = [group for group in _groups([own, *others[: _MOST_COLUMNS - 1]]) if own in group]
    tried = [(group, find_regions([one.column.cells for one in group])) for group in groups]
    fitting = [(_worth(group, found), -len(group), group, found) for group, found in tried if _is_named(found)]
    if not fitting:
        return None
    _, _, group, found = max(fitting, key=lambda one: one[:2])
    return [one.column.name for one in group], found


def _marked(column: TypedColumn) -> TypedColumn:
    meaning = column.reading.meaning or Meaning.REGION
    return column._replace(reading=replace(column.reading, meaning=meaning))


def _candidate(column: TypedColumn) -> _Candidate | None:
    """Returns the column if most of some texts all over it look like names of regions, and are."""
    if column.kind is not ColumnKind.TEXT or not len(column.values) or column.reading.meaning not in _MAY_NAME:
        return None
    is_chosen = column.reading.meaning == Meaning.REGION
    if not is_chosen and _OTHER_NAMES.search(column.name):
        return None
    places = np.linspace(0, len(column.values) - 1, min(_SAMPLE, len(column.values)), dtype=np.int64)
    sample = pc.utf8_trim_whitespace(column.values.take(places))
    sample = sample.filter(pc.invert(pc.is_in(sample, pa.array(_NONE))))
    if not len(sample):
        return None
    if not is_chosen and pc.mean(pc.match_substring_regex(sample, _LOOKS)).as_py() < _SAMPLE_SHARE:
        return None
    texts = sample.to_pylist()
    are_codes = all(map(str.isdigit, texts))
    if not is_chosen and are_codes and not _CODE_NAMES.search(column.name):
        return None
    matches = [match([text]) for text in texts]
    if not is_chosen and sum(one.reason == UNKNOWN for one in matches) > (1 - _SAMPLE_SHARE) * len(texts):
        return None
    # 세종 stands among both provinces and cities.
    digits = Counter(one.digits for one in matches if one.digits and not (one.region and one.region.code == SEJONG))
    has_houses = not are_codes and _share_with_house(texts) >= _LEAST_WITH_HOUSE
    is_address = column.reading.meaning == Meaning.ADDRESS or has_houses
    return _Candidate(column, max(digits, key=lambda one: (digits[one], one), default=0), is_address)


def _share_with_house(texts: Sequence[str]) -> float:
    return sum(bool(_HOUSE.search(text)) for text in texts) / len(texts)


def _groups(candidates: Sequence[_Candidate]) -> Iterator[Sequence[_Candidate]]:
    """Yields each column, and the first ones of two or three levels together."""
    first: dict[int, _Candidate] = {}
    for one in candidates:
        yield (one,)
        first.setdefault(one.digits, one)
    levels = [first[digits] for digits in sorted(first) if digits]
    for size in range(2, len(levels) + 1):
        yield from combinations(levels, size)


def _is_named(found: RowRegions) -> bool:
    named = found.matched_rows + found.ambiguous_rows
    return named > 0 and named >= _LEAST_SHARE * (named + found.unknown_rows)


def _worth(group: Sequence[_Candidate], found: RowRegions) -> float:
    """Returns how much the columns tell about the rows; of equal ones names are better than codes and addresses."""
    less = _LESS_FOR_ADDRESS if group[0].is_address else 0.0
    less += _LESS_FOR_CODE * any(one.column.reading.meaning == Meaning.CODE for one in group)
    return sum(rows * (_WORTH[len(code)] - less) for code, rows in found.rows_by_code().items())


def _level(found: RowRegions) -> str:
    """Returns the level of most rows; of an equal number the finer one."""
    digits = Counter[int]()
    for code, rows in found.rows_by_code().items():
        digits[len(code)] += rows
    return LEVELS[max(digits, key=lambda one: (digits[one], one))] if digits else ""


def _described(columns: Sequence[TypedColumn], found: RowRegions) -> tuple[RegionColumns, Sequence[DatasetWarning]]:
    counts = (found.matched_rows, found.unknown_rows, found.ambiguous_rows)
    name = columns[-1].name
    warnings = []
    if found.ambiguous_rows:
        given, used = str(found.ambiguous_rows), _example(found, AMBIGUOUS)
        warnings.append(DatasetWarning("REGIONS_AMBIGUOUS", column=name, given=given, used=used))
    if found.unknown_rows:
        given, used = str(found.unknown_rows), _example(found, UNKNOWN)
        warnings.append(DatasetWarning("REGIONS_UNKNOWN", column=name, given=given, used=used))
    return RegionColumns(tuple(column.name for column in columns), _level(found), *counts), warnings


def _example(found: RowRegions, reason: Reason) -> str:
    return next((unmatched.text for unmatched in found.unmatched if unmatched.reason == reason), "")
