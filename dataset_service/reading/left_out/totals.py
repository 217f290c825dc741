"""Rows of totals: their label says so, and their numbers are the sums of their group."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.left_out import TableRows

REASON = "TOTALS_LEFT_OUT"

_LABEL = (
    r"^[\s<\[(〈【△▲*]*(?:총\s*합\s*계|전체\s*합계|총\s*계|합\s*계|소\s*계|중\s*계|누\s*계|계|합|총|전\s*체|전\s*국|"
    r"(?:grand |sub ?-?)?totals?|sum|all|overall)"
    r"[\s>\])〉】*:]*(?:\(.{1,8}\))?$|^.{1,30}(?:\s|_|-)(?:합\s*계|소\s*계|총\s*계|(?:grand |sub ?-?)?total)$"
)
_NUMBER = r"^[-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?$"
_MOST_CANDIDATES, _LEAST_ROWS = 20_000, 2
_MOST_WORK = 200_000_000
_MOST_LABELLED = 0.7
_VALUES_SHARE = 0.8
_DASHES = pa.array(["-", "–", "—"])
# Whole numbers may be thousands, rounded one by one; small ones are counts.
_ROUNDED_SHARE = 0.001


def find(rows: TableRows) -> list[int]:
    """Returns the rows that are totals of others."""
    labels = [_labels(column) for column in rows.columns]
    # What most rows hold is a value of the column, for example one sex of which only 계 is in the file.
    labels = [label if label is not None and label.mean() <= _MOST_LABELLED else None for label in labels]
    if rows.count < _LEAST_ROWS or all(label is None for label in labels):
        return []
    is_label = np.stack([np.zeros(rows.count, bool) if label is None else label for label in labels])
    candidates = np.flatnonzero(is_label.any(axis=0))
    is_data = ~is_label.any(axis=0)
    if not is_data.any() or len(candidates) > _MOST_CANDIDATES:
        return []
    table = _Table(rows.columns, is_data)
    return [row for row in candidates.tolist() if table.is_total(row, is_label[:, row], candidates)]


def _labels(column: pa.DictionaryArray) -> Any:
    """Returns for each row whether its cell is a label of totals; None if no cell is."""
    matches = pc.match_substring_regex(column.dictionary, _LABEL, ignore_case=True)
    if not pc.any(matches).as_py():
        return None
    return pc.fill_null(matches.take(column.indices), False).to_numpy(zero_copy_only=False)


class _Table:
    """The numbers and the keys of a table with candidates for totals."""

    def __init__(self, columns: Sequence[pa.DictionaryArray], is_data: Any) -> None:
        self._is_data = is_data
        self._numbers: dict[int, Any] = {}
        self._decimals: dict[int, Any] = {}
        self._keys: dict[int, Any] = {}
        for index, column in enumerate(columns):
            codes = pc.fill_null(column.indices, -1).to_numpy()
            texts = pc.utf8_trim_whitespace(column.dictionary)
            is_number = pc.match_substring_regex(texts, _NUMBER)
            numeric = is_number.to_numpy(zero_copy_only=False)
            used = codes[is_data]
            used = used[used >= 0]
            used = used[~pc.is_in(texts, _DASHES).to_numpy(zero_copy_only=False)[used]]
            if len(used) and numeric[used].mean() >= _VALUES_SHARE:
                plain = pc.if_else(is_number, pc.replace_substring(texts, ",", ""), pa.scalar(None, pa.string()))
                values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
                self._numbers[index] = np.where(codes >= 0, values[codes], np.nan)
                fractions = pc.extract_regex(plain, r"\.(?P<digits>[0-9]+)$")
                lengths = pc.fill_null(pc.utf8_length(pc.struct_field(fractions, "digits")), 0).to_numpy()
                self._decimals[index] = np.where(codes >= 0, lengths[codes], 0)
            self._keys[index] = codes

    def is_total(self, row: int, labelled: Any, candidates: Any) -> bool:
        """Tells whether the numbers of a row are the sums of one of the groups that it may be the total of."""
        numbers = [index for index in self._numbers if not labelled[index] and not np.isnan(self._numbers[index][row])]
        if not numbers:
            return False
        first = int(np.argmax(labelled))
        measures = [index for index in numbers if index > first]
        return any(
            self._is_sum(row, measures or numbers, group) for group in self._groups(row, labelled, first, candidates)
        )

    def _groups(self, row: int, labelled: Any, first: int, candidates: Any) -> Iterator[Any]:
        """Yields the rows that it may be the total of: those of the same keys, right above, right below, and all."""
        is_affordable = len(candidates) * len(self._is_data) <= _MOST_WORK
        keys = [
            index
            for index, codes in self._keys.items()
            if not labelled[index] and codes[row] >= 0 and (index < first or index not in self._numbers)
        ]
        if is_affordable and keys:
            is_same = self._is_data.copy()
            for index in keys:
                is_same &= self._keys[index] == self._keys[index][row]
            yield np.flatnonzero(is_same)
        place = int(np.searchsorted(candidates, row))
        above = int(candidates[place - 1]) + 1 if place else 0
        below = int(candidates[place + 1]) if place + 1 < len(candidates) else len(self._is_data)
        for start, stop in ((above, row), (row + 1, below)):
            yield start + np.flatnonzero(self._is_data[start:stop])
        if is_affordable:
            yield np.flatnonzero(self._is_data)

    def _is_sum(self, row: int, numbers: Sequence[int], group: Any) -> bool:
        """Tells whether whole numbers are the sums; among fractions may be rates, which lie between the others."""
        if not len(group):
            return False
        summed = 0
        for index in numbers:
            values, total = self._numbers[index][group], self._numbers[index][row]
            digits, digit = self._decimals[index][group], self._decimals[index][row]
            has_fractions = bool(digits.any() or digit)
            rounding = 0.5 * (float((10.0**-digits).sum()) + 10.0**-digit)
            tolerance = rounding if has_fractions else min(rounding, _ROUNDED_SHARE * abs(total))
            if abs(np.nansum(values) - total) <= tolerance + 1e-9 * abs(total):
                summed += 1
            elif not has_fractions or not np.nanmin(values) <= total <= np.nanmax(values):
                return False
        return summed > 0
