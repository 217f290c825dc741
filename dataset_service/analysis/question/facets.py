"""The values of columns with their rows, each under the conditions on the other columns."""

from typing import NamedTuple

import numpy as np

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.narrow import narrow
from servicekit.question import Question

_USUAL_VALUES = 20


class FacetValue(NamedTuple):
    """A value as text, and its rows."""

    value: str
    rows: int


class Facet(NamedTuple):
    """The values of a column; `kind` is `values` or `bins`."""

    column: str
    kind: str
    values: tuple[FacetValue, ...]
    bins: tuple[object, ...]
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
    """Returns the values of the question's columns. Raises `ToolRefused`."""
    names = question.columns or tuple(frame.columns)
    total = narrow(frame, question, (), question.search).frame.rows
    limit = question.limit or _USUAL_VALUES
    facets = []
    for name in names:
        others = tuple(one for one in question.where if one.column != name)
        narrowed = narrow(frame, question.model_copy(update={"where": others}), [name], question.search)
        facets.append(_facet(column_of(narrowed.frame, name), limit))
    return Facets(total, tuple(facets))


def _facet(column: Column, limit: int) -> Facet:
    codes = column.largest(column.counts, limit)
    counts = column.counts[codes].tolist()
    values = tuple(FacetValue(str(label), rows) for label, rows in zip(column.labels(codes), counts, strict=True))
    shown = sum(value.rows for value in values)
    unique = int(np.count_nonzero(column.counts))
    return Facet(column.name, "values", values, (), column.used - shown, column.missing, unique, None, None)
