"""Finds the regions that the rows of a table name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from servicekit.korea.matching import AMBIGUOUS, UNKNOWN, WORDS_FOR_NONE, Reason, match
from servicekit.row_numbers import number_rows

# Up to here each distinct text is matched by itself.
_FEW = 20_000
_SHOWN = 20
_LONGEST_SHOWN = 80
_LONGEST_HEAD = 30
# From the first word on, apart from that at the beginning, that does not end as the name of a region or a number of a
# house behind it; only such brackets count.
_REST = r"\s(?:[0-9]\S*|\S*[^\s0-9시도군구읍면동리가로-]|\S*로\s+\S+)(?:\s.*)?$"
_BRACKET = "^[^0-9]*[0-9]?[읍면동리가시도]$|^[0-9]{10}$"


class Unmatched(NamedTuple):
    """A text that names no region, or several, and the number of its rows."""

    text: str
    reason: Reason
    rows: int


class RowRegions(NamedTuple):
    """The regions of the rows of a table."""

    codes: pa.DictionaryArray
    """Codes by row; null where a row names no region."""
    matched_rows: int
    unknown_rows: int
    ambiguous_rows: int
    unmatched: Sequence[Unmatched]
    """The 20 most frequent texts without a region."""

    def rows_by_code(self) -> dict[str, int]:
        """Returns the number of rows of each region."""
        counts = pc.value_counts(self.codes.indices.drop_null())
        names = self.codes.dictionary.to_pylist()
        return {names[count["values"]]: count["counts"] for count in counts.to_pylist()}


def find_regions(columns: Sequence[pa.Array]) -> RowRegions:
    """Returns the region that each row names in these columns of texts or integers, the greater regions first.

    All columns have the same length, and there is at least one. Rows where all are missing, blank or words for none
    are not counted.
    """
    texts = [_encoded(column) for column in columns]
    kinds, first_rows = _distinct(texts)
    parts = list(zip(*(column.take(first_rows).to_pylist() for column in texts), strict=True))
    named = [[part for part in row if part and part not in WORDS_FOR_NONE] for row in parts]
    matches = [match(row) if row else None for row in named]
    counts = np.bincount(kinds, minlength=len(matches))

    def count(reason: Reason | None) -> int:
        return sum(int(rows) for found, rows in zip(matches, counts, strict=True) if found and found.reason == reason)

    def shown(kind: int) -> str:
        cells = (column[int(first_rows[kind])].as_py() for column in columns)
        return " ".join(str(cell).strip() for cell in cells if cell is not None)[:_LONGEST_SHOWN]

    failed = [(int(rows), kind) for kind, rows in enumerate(counts) if (found := matches[kind]) and found.reason]
    codes = pa.array([found.region.code if found and found.region else None for found in matches], pa.string())
    return RowRegions(
        codes.take(pa.array(kinds)).dictionary_encode(),
        count(None),
        count(UNKNOWN),
        count(AMBIGUOUS),
        [
            Unmatched(shown(kind), found.reason, rows)
            for rows, kind in sorted(failed, key=lambda one: (-one[0], one[1]))[:_SHOWN]
            if (found := matches[kind]) and found.reason
        ],
    )


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    """Returns what decides about the region in each text; blank cells are missing."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    heads = _heads(column.dictionary.cast(pa.string()))
    heads = pc.if_else(pc.equal(heads, ""), pa.scalar(None, pa.string()), heads).dictionary_encode()
    return pa.DictionaryArray.from_arrays(heads.indices.take(column.indices), heads.dictionary)


def _heads(texts: pa.StringArray) -> pa.StringArray:
    """Returns the first words of each text that may be names of regions, and the first in brackets.

    What else there is in addresses differs from row to row: this leaves a few thousand texts of any number.
    """
    texts = pc.utf8_trim_whitespace(pc.fill_null(texts, ""))
    if len(texts) <= _FEW:
        return texts
    if pc.any(pc.starts_with(texts, "(")).as_py():  # (41900) 대구광역시
        texts = pc.replace_substring_regex(texts, r"^\([^)]*\)\s*", "")
    texts, bracket = _split(texts, "(")
    words = pc.utf8_slice_codeunits(texts, 0, _LONGEST_HEAD)
    heads = pc.utf8_rtrim(pc.replace_substring_regex(words, _REST, "", max_replacements=1), "0123456789- ")
    if bracket.null_count == len(bracket):
        return heads
    inner, _ = _split(pc.utf8_rtrim(pc.fill_null(_split(bracket, ",")[0], ""), ")"), ")")
    decides = pc.match_substring_regex(inner, _BRACKET)
    return pc.if_else(decides, pc.binary_join_element_wise(heads, "(", inner, ")", ""), heads)


def _split(texts: pa.StringArray, mark: str) -> tuple[pa.StringArray, pa.StringArray]:
    """Returns what stands before the first mark, and what stands behind it, null where there is none."""
    parts = pc.split_pattern(pc.fill_null(texts, ""), mark, max_splits=1)
    flat = pc.list_slice(parts, 0, 2, return_fixed_size_list=True).flatten()
    return flat.take(pa.array(np.arange(0, len(flat), 2))), flat.take(pa.array(np.arange(1, len(flat), 2)))


def _distinct(columns: Sequence[pa.DictionaryArray]) -> tuple[Any, Any]:
    """Returns the number of each row's combination of texts, and the first row of each combination."""
    rows = len(columns[0])
    kinds, different = number_rows(rows, ((column.indices, len(column.dictionary)) for column in columns))
    first_rows = np.zeros(different, np.int64)
    first_rows[kinds[::-1]] = np.arange(rows - 1, -1, -1)
    return kinds, first_rows
