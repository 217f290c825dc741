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

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.meanings import are_names, find_meaning
from dataset_service.reading.columns.meanings.facts import sample_of
from dataset_service.reading.columns.values import RULES
from dataset_service.reading.columns.values.booleans import read_booleans
from dataset_service.reading.columns.values.date_names import says_month
from dataset_service.reading.columns.values.gaps import REASONS, Gap, find_gaps
from dataset_service.reading.columns.values.mixed_dates import are_mixed_dates
from dataset_service.reading.columns.values.numbers import TOLD_OF_TEXT
from dataset_service.reading.columns.values.units import find_unit, unit_in_name
from dataset_service.reading.columns.values.value_rule import Values
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.warning import DatasetWarning

# Shares of readable values: of a sample, to read the whole column; of all values, to warn about the rest.
_SAMPLE_SHARE, _NEARLY_ALL = 0.8, 0.95
_LONGEST_GIVEN, _MOST_NAMED, _MOST_COMPARED = 80, 5, 100
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


def typed(name: str, cells: pa.DictionaryArray, wanted: ColumnReading = _UNCHOSEN, unit: str = "") -> TypedColumn:
    """Returns the column with what is chosen of it; a kind that is not chosen is the one that fits all its cells.

    `unit` is what stands below the name. A unit beside the cells, or else in the name, counts more.
    """
    texts = _in_plain_width(pc.utf8_trim_whitespace(cells.dictionary))
    if wanted.meaning == Meaning.CODE or wanted.kind == ColumnKind.TEXT:
        column = _text_column(name, wanted, cells)
    elif wanted.kind:
        column = _read_as(name, wanted, cells, texts)
    else:
        column = _read(name, wanted, cells, texts)
    reading = column.reading
    if column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER):
        reading = replace(reading, unit=reading.unit or unit_in_name(name) or find_unit(unit))
    meaning = wanted.meaning or find_meaning(name, column.kind, reading.unit, column.values)
    return column._replace(reading=replace(reading, meaning=meaning))


def _read(name: str, wanted: ColumnReading, cells: pa.DictionaryArray, texts: pa.Array) -> TypedColumn:
    """Returns the column as the first kind that all its texts can be read as, or else as text."""
    if not _may_be_typed(_without_gaps(sample_of(texts)).drop_null()):
        return _text_column(name, wanted, cells)
    gaps = find_gaps(texts)
    texts = _values_only(texts, gaps)
    if are_names(name, texts.drop_null()):
        return _text_column(name, wanted, cells)
    sample = sample_of(texts)
    mixed = (DatasetWarning("DATES_MIXED", column=name),)
    if says_month(name) and are_mixed_dates(sample, name):  # not the numbers 2023 and 2023.01
        return _text_column(name, wanted, cells)._replace(warnings=mixed)
    nearly: tuple[float, ColumnKind, pa.Array] | None = None
    told: Mapping[str, Any] = {}
    for kind, read in RULES:
        in_sample = read(sample, name)
        if _share_read(in_sample.cells, sample) < _SAMPLE_SHARE and not TOLD_OF_TEXT.intersection(in_sample.told):
            continue
        values = read(texts, name)
        share = _share_read(values.cells, texts)
        if share == 1.0:
            return _read_column(name, _found(wanted, kind, values), cells, values, gaps)
        told = {reason: are_told for reason, are_told in values.told.items() if reason in TOLD_OF_TEXT} or told
        if share >= _NEARLY_ALL and (nearly is None or share > nearly[0]):
            nearly = (share, kind, values.cells)
    column = _text_column(name, wanted, cells)
    if nearly is None:
        warnings = tuple(_told(name, cells, told, ColumnKind.NUMBER))
        return column._replace(warnings=(*warnings, *(mixed if are_mixed_dates(sample, name) else ())))
    _, kind, unread = nearly
    strange = cells.dictionary.filter(pc.and_(pc.is_null(unread), pc.is_valid(texts)))[0].as_py()
    warning = DatasetWarning(
        "COLUMN_MIXED", column=name, given=strange[:_LONGEST_GIVEN], used=kind, undo=_as_kind(name, kind)
    )
    return column._replace(warnings=(warning,))


def _read_as(name: str, wanted: ColumnReading, cells: pa.DictionaryArray, texts: pa.Array) -> TypedColumn:
    """Returns the column as numbers, dates or the like; what cannot be read so is missing."""
    kind = ColumnKind(wanted.kind)
    gaps = find_gaps(texts)
    texts = _values_only(texts, gaps)
    if kind in (ColumnKind.INTEGER, ColumnKind.NUMBER):
        texts = pc.replace_substring_regex(texts, r"^([+-]?)0+([0-9])", r"\1\2")
    # The name tells months from days; it is no reason against a kind that was chosen.
    readings = [read(texts, given) for given in (name, "") for known, read in RULES if known is kind]
    if wanted.precision:  # of a table that is read again as it was
        readings.sort(key=lambda values: values.precision != wanted.precision)
    values = min(readings, key=lambda values: values.cells.null_count)
    is_strange = pc.and_(pc.is_null(values.cells), pc.is_valid(texts))
    column = _read_column(name, _found(wanted, kind, values), cells, values, gaps)
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
    name: str, reading: ColumnReading, cells: pa.DictionaryArray, values: Values, gaps: pa.Array
) -> TypedColumn:
    different = values.cells.dictionary_encode()  # `1` and `1.0` are two texts but one value
    codes = different.indices.take(cells.indices)
    is_text = reading.kind == ColumnKind.TIME
    read = pa.DictionaryArray.from_arrays(codes, different.dictionary) if is_text else different.dictionary.take(codes)
    missing = gaps.to_numpy()
    told = {reason: missing == gap for gap, reason in REASONS.items()} if missing.any() else {}
    told |= {reason: are_told for reason, are_told in values.told.items() if reason not in TOLD_OF_TEXT}
    warnings = tuple(_told(name, cells, told, ColumnKind.TEXT))
    return TypedColumn(name, reading, read, codes, different.dictionary, warnings)


def _told(name: str, cells: pa.DictionaryArray, told: Mapping[str, Any], other: ColumnKind) -> Iterator[DatasetWarning]:
    """Yields a warning for each reason: in how many cells, and the most frequent texts with their numbers of cells."""
    told = {reason: are_told for reason, are_told in told.items() if are_told.any()}
    if not told:
        return
    counts = np.bincount(cells.indices.drop_null().to_numpy(), minlength=len(cells.dictionary))
    for reason, are_told in told.items():
        texts = np.flatnonzero(are_told & (counts > 0))
        named: dict[str, int] = {}
        for text in texts[np.argsort(-counts[texts], kind="stable")][:_MOST_COMPARED].tolist():
            trimmed = cells.dictionary[text].as_py().strip()
            named[trimmed] = named.get(trimmed, 0) + int(counts[text])
        most = sorted(named, key=lambda text: -named[text])
        used = ", ".join([f"{text} ×{named[text]}" for text in most[:_MOST_NAMED]] + ["…"] * (len(most) > _MOST_NAMED))
        undo = _as_kind(name, other)
        yield DatasetWarning(reason, column=name, given=str(counts[texts].sum()), used=used[:_LONGEST_GIVEN], undo=undo)


def _without_gaps(texts: pa.Array) -> pa.Array:
    return _values_only(texts, find_gaps(texts))


def _values_only(texts: pa.Array, gaps: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(gaps, Gap.NONE), texts, pa.scalar(None, texts.type))


def _in_plain_width(texts: pa.Array) -> pa.Array:
    """Returns the texts with full-width digits, letters and signs as usual ones, if a sample has any."""
    if not pc.any(pc.match_substring_regex(sample_of(texts), "[！-～]")).as_py():
        return texts
    return pc.utf8_normalize(texts, "NFKC")


def _may_be_typed(texts: pa.Array) -> bool:
    """Tells quickly whether the column may be typed: apart from booleans, every readable text has digits."""
    if not len(texts):
        return False
    have_digits = bool(pc.mean(pc.match_substring_regex(texts, "[0-9０-９]")).as_py() >= _SAMPLE_SHARE)
    return have_digits or bool(read_booleans(texts, "").cells.null_count < len(texts))


def _share_read(values: pa.Array, texts: pa.Array) -> float:
    """Returns the share of texts that are read; 0 if there are none."""
    candidates = len(texts) - texts.null_count
    return (len(values) - values.null_count) / candidates if candidates else 0.0
