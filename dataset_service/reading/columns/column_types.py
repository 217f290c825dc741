"""Converts text cells to typed columns. A type applies to the whole column; otherwise all of it stays text.

Types are decided on the distinct texts of a column, not on its cells, by the rules of values/: the first that reads all
texts wins. Words for nothing among numbers or dates are missing values. A type that a person chose is read as far as it
goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.values import RULES
from dataset_service.reading.columns.values.booleans import read_booleans
from dataset_service.reading.columns.values.gaps import Gap, find_gaps
from dataset_service.reading.columns.values.mixed_dates import are_mixed_dates
from dataset_service.reading.columns.values.value_rule import Values
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.warning import DatasetWarning

_SAMPLE = 200
# Shares of readable values: of a sample, to read the whole column; of all values, to warn about the rest.
_SAMPLE_SHARE, _NEARLY_ALL = 0.8, 0.95
_LONGEST_GIVEN = 80
_UNCHOSEN = ColumnReading()


class TypedColumn(NamedTuple):
    """A column: its cells, its distinct values in order of appearance, and for each cell the index of its value.

    Cells of text and times of day are dictionary arrays, dates timestamps in milliseconds without time zone. A missing
    cell is null in both cells and codes.
    """

    name: str
    reading: ColumnReading
    cells: pa.Array
    codes: pa.Array
    values: pa.Array
    warnings: tuple[DatasetWarning, ...] = ()

    @property
    def kind(self) -> ColumnKind:
        """The type of the cells."""
        return ColumnKind(self.reading.kind)


def typed(name: str, cells: pa.DictionaryArray, wanted: ColumnReading = _UNCHOSEN) -> TypedColumn:
    """Returns the column with what is chosen of it; a kind that is not chosen is the one that fits all its cells."""
    texts = pc.utf8_trim_whitespace(cells.dictionary)
    if wanted.kind and wanted.kind != ColumnKind.TEXT:
        return _read_as(name, wanted, cells, texts)
    if wanted.kind or not _may_be_typed(_without_gaps(_sample(texts)).drop_null()):
        return _text_column(name, wanted, cells)
    texts = _without_gaps(texts)
    sample = _sample(texts)
    nearly: tuple[float, ColumnKind, pa.Array] | None = None
    for kind, read in RULES:
        if _share_read(read(sample, name).cells, sample) < _SAMPLE_SHARE:
            continue
        values = read(texts, name)
        share = _share_read(values.cells, texts)
        if share == 1.0:
            return _read_column(name, _found(wanted, kind, values), cells, values, texts)
        if share >= _NEARLY_ALL and (nearly is None or share > nearly[0]):
            nearly = (share, kind, values.cells)
    column = _text_column(name, wanted, cells)
    if nearly is None:
        is_mixed = are_mixed_dates(sample, name)
        return column._replace(warnings=(DatasetWarning("DATES_MIXED", column=name),) * is_mixed)
    _, kind, unread = nearly
    strange = cells.dictionary.filter(pc.and_(pc.is_null(unread), pc.is_valid(texts)))[0].as_py()
    warning = DatasetWarning(
        "COLUMN_MIXED", column=name, given=strange[:_LONGEST_GIVEN], used=kind, undo=_as_kind(name, kind)
    )
    return column._replace(warnings=(warning,))


def _read_as(name: str, wanted: ColumnReading, cells: pa.DictionaryArray, texts: pa.Array) -> TypedColumn:
    """Returns the column as numbers, dates or the like; what cannot be read so is missing."""
    kind = ColumnKind(wanted.kind)
    texts = _without_gaps(texts)
    if kind in (ColumnKind.INTEGER, ColumnKind.NUMBER):
        texts = pc.replace_substring_regex(texts, r"^([+-]?)0+([0-9])", r"\1\2")
    # The name tells months from days; it is no reason against a kind that was chosen.
    readings = [read(texts, given) for given in (name, "") for known, read in RULES if known is kind]
    if wanted.precision:  # of a table that is read again as it was
        readings.sort(key=lambda values: values.precision != wanted.precision)
    values = min(readings, key=lambda values: values.cells.null_count)
    is_strange = pc.and_(pc.is_null(values.cells), pc.is_valid(texts))
    column = _read_column(name, _found(wanted, kind, values), cells, values, texts)
    strange = pc.sum(is_strange.take(cells.indices)).as_py() or 0
    if strange == 0:
        return column
    undo = {"columns": {name: {"kind": None}}}
    warning = DatasetWarning("CELLS_NOT_OF_KIND", column=name, given=str(strange), used=kind, undo=undo)
    return column._replace(warnings=(*column.warnings, warning))


def _found(wanted: ColumnReading, kind: ColumnKind, values: Values) -> ColumnReading:
    return replace(wanted, kind=kind, unit=wanted.unit or values.unit, precision=values.precision)


def _as_kind(name: str, kind: ColumnKind) -> Mapping[str, Any]:
    return {"columns": {name: {"kind": str(kind)}}}


def _text_column(name: str, wanted: ColumnReading, cells: pa.DictionaryArray) -> TypedColumn:
    reading = replace(wanted, kind=ColumnKind.TEXT)
    return TypedColumn(name, reading, cells, cells.indices, cells.dictionary)


def _read_column(
    name: str, reading: ColumnReading, cells: pa.DictionaryArray, values: Values, texts: pa.Array
) -> TypedColumn:
    different = values.cells.dictionary_encode()  # `1` and `1.0` are two texts but one value
    codes = different.indices.take(cells.indices)
    is_text = reading.kind == ColumnKind.TIME
    read = pa.DictionaryArray.from_arrays(codes, different.dictionary) if is_text else different.dictionary.take(codes)
    warnings = (*_told_gaps(name, cells, texts), *_told(name, cells, values))
    return TypedColumn(name, reading, read, codes, different.dictionary, warnings)


def _told(name: str, cells: pa.DictionaryArray, values: Values) -> Iterator[DatasetWarning]:
    """Yields what the rule tells, with the number of cells."""
    for reason, are_told in values.told.items():
        if are_told.any():
            count = pc.sum(pa.array(are_told).take(cells.indices)).as_py()
            yield DatasetWarning(reason, column=name, given=str(count), undo=_as_kind(name, ColumnKind.TEXT))


def _without_gaps(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(find_gaps(texts), Gap.NONE), texts, pa.scalar(None, texts.type))


def _told_gaps(name: str, cells: pa.DictionaryArray, texts: pa.Array) -> tuple[DatasetWarning, ...]:
    words = cells.dictionary.filter(pc.is_null(texts))
    if not len(words):
        return ()
    undo = _as_kind(name, ColumnKind.TEXT)
    return (DatasetWarning("CELLS_READ_AS_MISSING", column=name, given=words[0].as_py().strip(), undo=undo),)


def _may_be_typed(texts: pa.Array) -> bool:
    """Tells quickly whether the column may be typed: apart from booleans, every readable text has digits."""
    if not len(texts):
        return False
    have_digits = bool(pc.mean(pc.match_substring_regex(texts, "[0-9]")).as_py() >= _SAMPLE_SHARE)
    return have_digits or bool(read_booleans(texts, "").cells.null_count < len(texts))


def _share_read(values: pa.Array, texts: pa.Array) -> float:
    """Returns the share of texts that are read; 0 if there are none."""
    candidates = len(texts) - texts.null_count
    return (len(values) - values.null_count) / candidates if candidates else 0.0


def _sample(values: pa.Array) -> pa.Array:
    if len(values) <= _SAMPLE:
        return values
    return values.take(np.linspace(0, len(values) - 1, _SAMPLE, dtype=np.int64))
