"""The values of columns with their rows, each under the conditions on the other columns."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.frame.column import Cell, Column, count_codes
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.bins import bins_of
from dataset_service.analysis.question.narrow import with_defined, with_named
from dataset_service.analysis.question.search import each_word
from dataset_service.analysis.question.where import all_of, each_where
from dataset_service.analysis.wording import value_text
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.question import Question

Rows = npt.NDArray[np.int64]
_USUAL_VALUES = 20
_MOST_STEPS = 31
"""Values with an order that are all shown: those of hours, days and months."""


class FacetValue(NamedTuple):
    """A value as text, and its rows."""

    value: str
    rows: int


class FacetBin(NamedTuple):
    """Values from `start` up to `end`, as texts, and their rows."""

    start: str
    end: str
    rows: int


class Facet(NamedTuple):
    """The values of a column; `kind` is `values` or `bins`. The smallest and greatest one are those of all rows."""

    column: str
    kind: str
    values: tuple[FacetValue, ...]
    bins: tuple[FacetBin, ...]
    other_rows: int
    missing_rows: int
    unique: int
    minimum: str | None
    maximum: str | None


class Facets(NamedTuple):
    """Rows that meet all conditions, and the facets in the order asked for."""

    total: int
    facets: tuple[Facet, ...]


def count_facets(frame: Frame, question: Question) -> Facets:
    """Returns the values of the question's columns, of all without any. Raises `ToolRefused`."""
    whole, _ = with_defined(frame, question.define)
    names = question.columns or tuple(whole.columns)
    whole, _ = with_named(whole, {name: f"columns[{place}]" for place, name in enumerate(names)})
    columns = [column for name in names if (column := whole.find(name)) is not None]
    found = [*each_word(whole, question.search), *each_where(whole, question.where)]
    rows_by_conditions: dict[tuple[int, ...], Rows | None] = {}

    def rows_without(column: Column | None) -> Rows | None:
        places = tuple(place for place, one in enumerate(found) if column is None or not one.is_on(column.name))
        if places not in rows_by_conditions:
            chosen = [found[place] for place in places]
            rows_by_conditions[places] = np.flatnonzero(all_of(whole, chosen).rows) if chosen else None
        return rows_by_conditions[places]

    rows = rows_without(None)
    limit = question.limit or _USUAL_VALUES
    facets = tuple(_facet(whole, column, rows_without(column), limit) for column in columns)
    return Facets(whole.rows if rows is None else len(rows), facets)


def _facet(frame: Frame, column: Column, rows: Rows | None, limit: int) -> Facet:
    most = max(limit, _MOST_STEPS) if column.has_order else limit
    if rows is None:
        return frame.once(("facet", column, most), lambda: _counted(frame, column, None, most))
    return _counted(frame, column, rows, most)


def _counted(frame: Frame, column: Column, rows: Rows | None, most: int) -> Facet:
    total = frame.rows if rows is None else len(rows)
    is_amount = column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.DATE)
    first, last = frame.once(("ends", column), lambda: _ends(column)) if is_amount else (None, None)
    bins = None
    if is_amount and not column.is_name and column.unique > most:
        bins = frame.once(("bins", column), lambda: bins_of(column))
    if bins:
        counts = count_codes(bins.codes if rows is None else bins.codes.take(rows), len(bins.edges) - 1)
        shown = tuple(map(FacetBin, bins.edges, bins.edges[1:], counts.tolist()))
        used = column.used if rows is None else int(np.count_nonzero(column.present[rows])) if column.missing else total
        other = used - int(counts.sum())
        return Facet(column.name, "bins", (), shown, other, total - used, column.unique, first, last)
    counts = column.counts if rows is None else count_codes(column.codes.take(rows), len(column.counts))
    codes = column.largest(counts, most)
    if column.has_order or column.kind is not ColumnKind.TEXT:
        codes = codes[np.argsort(column.text_places[codes] if column.kind is ColumnKind.TEXT else codes)]
    values = tuple(map(FacetValue, map(_text, column.labels(codes)), counts[codes].tolist()))
    used, unique = int(counts.sum()), int(np.count_nonzero(counts))
    other = used - sum(value.rows for value in values)
    return Facet(column.name, "values", values, (), other, total - used, unique, first, last)


def _ends(column: Column) -> tuple[str | None, str | None]:
    """Returns the smallest and the greatest value as texts."""
    if not column.used:
        return None, None
    values = column.values if not column.missing else column.values[column.present]
    ends = np.array([values.min(), values.max()])
    texts = column.date_texts(ends) if column.kind is ColumnKind.DATE else map(_text, ends.tolist())
    first, last = map(str, texts)
    return first, last


def _text(cell: Cell) -> str:
    """Returns a value as a condition takes it."""
    return value_text(cell) if isinstance(cell, bool) else str(cell).removesuffix(".0")
