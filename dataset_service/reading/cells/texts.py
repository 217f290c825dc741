"""Columns of texts as dictionaries: distinct texts in NFC, null for white space alone and marks of missing values."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MISSING_MARKS = ("NA", "N/A", "NaN", "nan", "NULL", "null")
"""What programs write for a missing value."""
_TWO_LETTERS, _MOSTLY = "^[A-Z]{2}$", 0.8


class Encoded(NamedTuple):
    """The cells of a column, whether Hangul in separate letters was composed, and the marks of missing values."""

    cells: pa.DictionaryArray
    was_composed: bool
    marks: Counter[str]


def encode(texts: pa.Array) -> Encoded:
    """Returns the cells dictionary-encoded and in NFC."""
    cells = texts.dictionary_encode()
    blank = pc.utf8_is_space(cells.dictionary)
    is_mark = pc.and_(
        pc.less_equal(pc.binary_length(cells.dictionary), 16),
        pc.is_in(pc.utf8_trim_whitespace(cells.dictionary), pa.array(_MISSING_MARKS)),
    )
    marks: Counter[str] = Counter()
    if pc.any(is_mark).as_py():
        others = cells.dictionary.filter(pc.invert(pc.or_(is_mark, blank)))
        if (pc.mean(pc.match_substring_regex(others, _TWO_LETTERS)).as_py() or 0) >= _MOSTLY:  # NA is Namibia
            is_mark = pc.and_(is_mark, pc.invert(pc.match_substring_regex(cells.dictionary, _TWO_LETTERS)))
        for mark in cells.filter(is_mark.take(cells.indices)).to_pylist():
            marks[mark.strip()] += 1
    is_missing = pc.or_(blank, is_mark)
    if pc.any(is_missing).as_py():
        cells = with_values(cells, pc.if_else(is_missing, pa.scalar(None, pa.string()), cells.dictionary))
    if _is_composed(cells.dictionary):
        return Encoded(cells, False, marks)
    return Encoded(with_values(cells, pc.utf8_normalize(cells.dictionary, "NFC")), True, marks)


def with_values(cells: pa.DictionaryArray, values: pa.Array) -> pa.DictionaryArray:
    """Returns the cells with a new dictionary of the same order. Equal values are merged, null ones become null."""
    merged = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(merged.indices.take(cells.indices), merged.dictionary)


def kept_rows(cells: Sequence[pa.DictionaryArray], is_kept: np.ndarray) -> list[pa.DictionaryArray]:
    """Returns the rows that are kept, with dictionaries of only the texts that occur in them."""
    mask = pa.array(is_kept)
    return [column.filter(mask).cast(pa.string()).dictionary_encode() for column in cells]


def holds_values(columns: Sequence[pa.Array]) -> Any:
    """Returns for each row whether it holds a value; None if a column has no missing one."""
    if not all(column.null_count for column in columns):
        return None
    holds = np.zeros(len(columns[0]), bool)
    for column in columns:
        holds |= pc.is_valid(column).to_numpy(zero_copy_only=False)
    return holds


def _is_composed(texts: pa.Array) -> bool:
    start, end = (texts.buffers()[1], texts.offset), len(texts)
    offsets = np.frombuffer(start[0], np.int32)[start[1] : start[1] + end + 1] if end else None
    if offsets is None:
        return True
    joined = texts.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    return joined.isascii() or unicodedata.is_normalized("NFC", joined.decode())
