"""Rows of totals: their label says so, and their numbers are the sums of their group."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.gaps import Gap, find_gaps
from dataset_service.reading.columns.values.numbers import read_numbers
from dataset_service.reading.left_out import TableRows

REASON = "TOTALS_LEFT_OUT"

_WORD = (
    r"총\s*합\s*계|전\s*체\s*합\s*계|총\s*계|합\s*계|소\s*계|중\s*계|누\s*계|[연년월일]\s*계|계|전\s*체|전\s*국|합\s*산|총\s*괄|요\s*약|총\s*합|"
    r"(?:grand |sub ?-?)?totals?"
)
_LABEL = (
    rf"^[^0-9A-Za-z가-힣=+@-]*(?:{_WORD}|합|총|총액|총\s*[0-9,]+\s*(?:건|명|개소?)|연\s*간|sum|all|overall)[\s>\])〉】*:]*(?:\(.{{1,8}}\))?$|"
    rf"^.{{1,30}}[\s_-](?:{_WORD})$|^[가-힣a-z].{{0,30}}(?:합계|소계|총계|전체)$"
)
# Rows of such values are data of their own, but no part of a total.
_AVERAGE = (
    r"^.{0,10}평\s*균(?:\s*\(.{1,8}\))?$|^(?:.{1,10}\s)?(?:최\s*[대소고저]|중앙값|표준편차|구성비|비율|비중|점유율|증감[률율]?|"
    r"average|mean|median|max|min|maximum|minimum|share)(?:\s*\(.{1,8}\))?$"
)
_RATE_NAME = (
    r"[율률비]\s*(?:\(.*\))?$|평균|비중|누[계적]|지수|밀도|단가|연령|%|％|당\b|\b(?:rate|ratio|average|mean|per)\b"
)
# Such numbers tell what a row is of; they are not added up.
_KEY_NAME = r"^(?:.{1,6}\s?)?(?:연도|년도|[연년]월)$|^(?:년|월|분기|year|month|quarter)$|(?:코드|번호|순번|연번|code)$"
_FRACTION = r"\.(?P<digits>[0-9]+)[^0-9]*$"
_BLANKS = "\\s\u00a0\u3000"
_LAST_WORD = r"(?P<word>[^\s_-]+?)[\s>\])]*(?:\(.*\))?$"
_MOST_LABELLED, _VALUES_SHARE, _LEAST_SUMMED, _MOST_LEVELS = 0.7, 0.8, 0.5, 8
# Whole numbers may be thousands, rounded one by one; small ones are counts.
_ROUNDED_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of a column: NaN where a row has none, and half of the last digit of each."""

    values: Any
    rounding: Any
    is_given: Any
    """Whether each row holds anything but a word for nothing."""
    has_fractions: bool
    may_be_rate: bool

    def are_usual_in(self, data: Any) -> bool:
        """Tells whether most of the rows that hold anything hold a number."""
        given = data[self.is_given[data]]
        return len(given) > 0 and bool((~np.isnan(self.values[given])).mean() >= _VALUES_SHARE)


class _Group(NamedTuple):
    """For each candidate, what the rows add up to that it may be the total of; `count` is their number."""

    count: Any
    sums: dict[int, Any]
    rounding: dict[int, Any]
    least: dict[int, Any]
    most: dict[int, Any]


def find(rows: TableRows) -> list[int]:
    """Returns the rows that are totals of those with equal keys, of those right above or below, or of all."""
    labels = {
        index: label for index, column in enumerate(rows.columns) if (label := labels_of_totals(column)) is not None
    }
    if not labels:
        return []
    numbers = {
        index: found
        for index, (column, name) in enumerate(zip(rows.columns, rows.column_names, strict=True))
        if not re.search(_KEY_NAME, name, re.IGNORECASE) and (found := _numbers(column, name))
    }
    codes = [pc.fill_null(column.indices, -1).to_numpy() for column in rows.columns]
    none, is_total = np.zeros(rows.count, bool), np.zeros(rows.count, bool)
    for supposed, is_data in _suppositions(rows, labels, is_total):
        is_label = np.stack([supposed.get(index, none) for index in range(len(rows.columns))])
        is_total[_totals(numbers, codes, is_label, np.flatnonzero(is_data & ~is_total))] = True
    return np.flatnonzero(is_total).tolist()


def _suppositions(rows: TableRows, labels: Mapping[int, Any], is_total: Any) -> Iterator[tuple[Mapping[int, Any], Any]]:
    """Yields labels of totals by column, and which rows they add up, from what is usual to what is rare.

    It ends as soon as all labels are those of `is_total`, the totals found by now.
    """
    labelled = np.any(list(labels.values()), axis=0)
    yield labels, ~labelled
    if is_total[labelled].all():
        return
    yield {index: label & ~is_total for index, label in labels.items()}, ~labelled
    for level in _levels(rows, labels):
        yield level, ~labelled
    is_average = np.zeros(rows.count, bool)
    for column in rows.columns:
        if (averages := _matches(column, _AVERAGE)) is not None:
            is_average |= averages
    if is_average.any():
        yield labels, ~labelled & ~is_average
    if len(labels) > 1:  # what is a label in one column may be a value of another, such as those a course is for
        for index, label in labels.items():
            yield {index: label}, ~label & ~is_average


def _levels(rows: TableRows, labels: Mapping[int, Any]) -> Iterator[Mapping[int, Any]]:
    """Yields the labels of one last word, if there are a few: each may have sums of another below it."""
    for index, label in labels.items():
        column = rows.columns[index]
        words = pc.struct_field(pc.extract_regex(column.dictionary, _LAST_WORD), "word").dictionary_encode()
        codes = pc.fill_null(words.indices.take(column.indices), -1).to_numpy()
        last_words = np.unique(codes[label])
        if 1 < len(last_words) <= _MOST_LEVELS:
            for word in last_words:
                yield {index: label & (codes == word)}


def _totals(parsed: Mapping[int, _Numbers], codes: Sequence[Any], is_label: Any, data: Any) -> Any:
    """Returns the labelled rows that are totals of data."""
    candidates = np.flatnonzero(is_label.any(axis=0))
    if not len(data) or not len(candidates):
        return candidates[:0]
    numbers = {index: column for index, column in parsed.items() if column.are_usual_in(data)}
    judge = _Judge(numbers, data, candidates, is_label[:, candidates])
    is_total = judge.accepts(judge.whole()) | judge.accepts(judge.above()) | judge.accepts(judge.below())
    for members, keys in _by_keys(codes, numbers, candidates, is_label):
        is_total[members] |= judge.accepts(judge.with_equal([codes[key] for key in keys]))[members]
    return candidates[is_total & ~_by_chance(is_total, codes, candidates, is_label)]


def _by_chance(is_total: Any, codes: Sequence[Any], candidates: Any, is_label: Any) -> Any:
    """Returns for each candidate whether most of those with the same label in the same column are no sums."""
    first = np.argmax(is_label[:, candidates], axis=0)
    label = np.stack([column[candidates] for column in codes])[first, np.arange(len(candidates))]
    which = np.unique(first * (int(label.max()) + 1) + label, return_inverse=True)[1].reshape(-1)
    return (np.bincount(which, is_total) < _LEAST_SUMMED * np.bincount(which))[which]


def labels_of_totals(column: pa.DictionaryArray) -> Any:
    """Returns for each row whether its cell is a label of totals; None if none is.

    What most rows hold is a value of the column, for example one sex of which only 계 is in the file.
    """
    labels = _matches(column, _LABEL)
    return labels if labels is not None and labels.mean() <= _MOST_LABELLED else None


def _matches(column: pa.DictionaryArray, pattern: str) -> Any:
    """Returns for each row whether its cell matches; None if no cell does."""
    texts = column.dictionary
    if pc.all(pc.string_is_ascii(texts)).as_py() and pc.ascii_upper(texts).equals(pc.ascii_lower(texts)):
        return None  # no letter: told in a quarter of the time
    # To Arrow, `\s` is ASCII alone.
    pattern = pattern.replace(r"[\s", "[\0").replace(r"\s", "[\0]").replace("\0", _BLANKS)
    matches = pc.match_substring_regex(texts, pattern, ignore_case=True)
    if not pc.any(matches).as_py():
        return None
    return pc.fill_null(matches.take(column.indices), False).to_numpy(zero_copy_only=False)


def _numbers(column: pa.DictionaryArray, name: str) -> _Numbers | None:
    """Returns the numbers of a column; None if it holds none."""
    codes = pc.fill_null(column.indices, -1).to_numpy()
    texts = pc.utf8_trim_whitespace(column.dictionary)
    is_gap = pc.not_equal(find_gaps(texts), Gap.NONE)
    numbers = read_numbers(pc.if_else(is_gap, pa.scalar(None, pa.string()), texts), name).cells
    if numbers.null_count == len(numbers):
        return None
    values = numbers.to_numpy(zero_copy_only=False)
    digits = pc.struct_field(pc.extract_regex(texts, _FRACTION), "digits")
    lengths = pc.fill_null(pc.utf8_length(digits), 0).to_numpy()[codes]
    is_filled = codes >= 0
    has_fractions = bool(lengths.any())
    return _Numbers(
        np.where(is_filled, values[codes], np.nan),
        np.where(is_filled, 0.5 * 10.0**-lengths, 0.0),
        is_filled & ~is_gap.to_numpy(zero_copy_only=False)[codes],
        has_fractions,
        may_be_rate=has_fractions or bool(re.search(_RATE_NAME, name, re.IGNORECASE)),
    )


def _by_keys(
    codes: Sequence[Any], numbers: dict[int, _Numbers], candidates: Any, is_label: Any
) -> list[tuple[Any, list[int]]]:
    """Returns the candidates together that have the same columns of keys, and those columns.

    A key is a cell without a label before the first label, or a text behind it: the region or the sex that it is of.
    """
    labelled = is_label[:, candidates]
    first = np.argmax(labelled, axis=0)
    is_key = np.stack(
        [
            ~labelled[index] & (column[candidates] >= 0) & ((index < first) | (index not in numbers))
            for index, column in enumerate(codes)
        ]
    )
    patterns, which = np.unique(is_key, axis=1, return_inverse=True)
    return [
        (np.flatnonzero(which.reshape(-1) == number), np.flatnonzero(patterns[:, number]).tolist())
        for number in range(patterns.shape[1])
        if patterns[:, number].any()
    ]


class _Judge:
    """Compares candidates with the sums of groups of data rows, all at once."""

    def __init__(self, numbers: dict[int, _Numbers], data: Any, candidates: Any, labelled: Any) -> None:
        self._numbers = numbers
        self._data = data
        self._candidates = candidates
        first = np.argmax(labelled, axis=0)
        has_number = {
            index: ~labelled[index] & ~np.isnan(column.values[candidates]) for index, column in numbers.items()
        }
        behind = {index: mask & (index > first) for index, mask in has_number.items()}
        has_behind = np.any(list(behind.values()), axis=0) if behind else np.zeros(len(candidates), bool)
        # Numbers before the label are keys such as years, unless there are no others.
        self._compared = {index: np.where(has_behind, behind[index], has_number[index]) for index in numbers}

    def accepts(self, group: _Group) -> Any:
        """Returns for each candidate whether it is the total of its group.

        Its numbers are the sums; fractions, and columns whose name says so, may be rates, which lie between the others.
        """
        is_total, any_summed = group.count > 0, np.zeros(len(self._candidates), bool)
        for index, column in self._numbers.items():
            totals = column.values[self._candidates]
            rounding = group.rounding[index] + column.rounding[self._candidates]
            if not column.has_fractions:
                rounding = np.minimum(rounding, _ROUNDED_SHARE * np.abs(totals))
            is_sum = np.abs(group.sums[index] - totals) <= rounding + 1e-9 * np.abs(totals)
            may_be_rate = (group.least[index] <= totals) & (totals <= group.most[index]) & column.may_be_rate
            compared = self._compared[index]
            is_total &= ~compared | is_sum | may_be_rate
            any_summed |= compared & is_sum
        return is_total & any_summed

    def whole(self) -> _Group:
        """Returns the group of all data."""
        return self._grouped(np.zeros(len(self._data), np.int64), np.zeros(len(self._candidates), np.int64), 1)

    def above(self) -> _Group:
        """Returns for each candidate the data between the one before it and it."""
        places = np.arange(len(self._candidates))
        return self._grouped(np.searchsorted(self._candidates, self._data), places, len(places) + 1)

    def below(self) -> _Group:
        """Returns for each candidate the data between it and the one behind it."""
        places = np.arange(len(self._candidates))
        return self._grouped(np.searchsorted(self._candidates, self._data), places + 1, len(places) + 1)

    def with_equal(self, keys: Sequence[Any]) -> _Group:
        """Returns for each candidate the data with the same keys."""
        rows = np.concatenate((self._data, self._candidates))
        groups = np.zeros(len(rows), np.int64)
        for key in keys:
            pairs = groups * (int(key.max()) + 2) + key[rows] + 1
            groups = np.unique(pairs, return_inverse=True)[1].reshape(-1)
        return self._grouped(groups[: len(self._data)], groups[len(self._data) :], int(groups.max()) + 1)

    def _grouped(self, groups: Any, wanted: Any, number: int) -> _Group:
        """Adds up the data by group, and returns the groups that the candidates want."""
        sums, rounding, least, most = {}, {}, {}, {}
        for index, column in self._numbers.items():
            values = column.values[self._data]
            sums[index] = np.bincount(groups, np.nan_to_num(values), number)[wanted]
            rounding[index] = np.bincount(groups, column.rounding[self._data], number)[wanted]
            low, high = np.full(number, np.inf), np.full(number, -np.inf)
            if column.may_be_rate:
                np.fmin.at(low, groups, values)
                np.fmax.at(high, groups, values)
            least[index], most[index] = low[wanted], high[wanted]
        return _Group(np.bincount(groups, minlength=number)[wanted], sums, rounding, least, most)
