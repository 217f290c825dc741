"""Charts of a value by one or two groups of rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from plotly.colors import qualitative

from streamlit_client.backend.contract_datasets import Column, Scalar
from streamlit_client.charts.axes import (
    category_axis,
    colour_scale,
    count_axis,
    names_height,
    number_axis,
    number_texts,
    thinned,
)
from streamlit_client.charts.categories import places_of
from streamlit_client.charts.style import BLUES, Fields, PlainFigure, chart_text, titled, zoomable
from streamlit_client.theme import NEUTRAL

MOST_SERIES = 9
_LONGEST_BELOW = 6
"""Most characters of a name below its bar; with longer ones the bars are horizontal."""
_ABOVE: Fields = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
CELLS = "cells"
"""Marks the trace that makes the cells of a heatmap clickable."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """A value of each group: `cells` are those of the group columns, one list for each of one or two columns.

    `title` says what the values are, `of` is the column that they are values of.
    """

    columns: Sequence[Column]
    cells: Sequence[Sequence[Scalar]]
    values: Sequence[float | None]
    title: str
    of: Column | None = None
    is_count: bool = False


def group_chart(kind: str, grouped: Grouped) -> PlainFigure:
    """Draws the values as `bar`, `line` or `heatmap`. The `customdata` of each mark is the number of its group.

    A group between others that has no rows is empty, or 0 if rows are counted.
    """
    marks = _Marks(grouped)
    if kind == "heatmap":
        return _heatmap(grouped, marks)
    axis = (count_axis if grouped.is_count else number_axis)(marks.known(), grouped.title)
    if grouped.of is not None and not grouped.is_count:
        axis = number_axis(marks.known(), grouped.title, grouped.of)
    names = category_axis(marks.labels, grouped.columns[0].title)
    traces = [marks.trace(kind, place) for place in range(len(marks.series))]
    is_lying = kind == "bar" and len(traces) == 1 and not marks.is_ordered
    if is_lying and max(map(len, marks.labels)) > _LONGEST_BELOW:
        trace = traces[0] | {"orientation": "h", "x": traces[0]["y"], "y": traces[0]["x"]}
        return zoomable(trace, height=names_height(names), xaxis=axis, yaxis=names | {"autorange": "reversed"})
    return zoomable(
        *traces,
        height=360 if len(traces) > 1 else 320,
        barmode="stack" if grouped.is_count else "group",
        xaxis=thinned(names) | {"tickangle": 0},
        yaxis=axis,
        showlegend=len(traces) > 1,
        legend=_ABOVE | (titled(grouped.columns[1].title) if len(grouped.columns) > 1 else {}),
    )


class _Marks:
    """The values and the numbers of the groups, a row for each series and a column for each label."""

    def __init__(self, grouped: Grouped) -> None:
        across = places_of(grouped.cells[0], grouped.columns[0])
        self.labels, self.is_ordered = across.labels, across.is_ordered
        down: npt.NDArray[np.integer] = np.zeros(len(across.places), dtype=np.int64)
        self.series = [""]
        if len(grouped.columns) > 1:
            other = places_of(grouped.cells[1], grouped.columns[1])
            self.series, down = other.labels, other.places
        shape = len(self.series), len(self.labels)
        self.values = np.full(shape, 0.0 if grouped.is_count else math.nan)
        self.rows = np.full(shape, -1)
        self.values[down, across.places] = [math.nan if value is None else value for value in grouped.values]
        self.rows[down, across.places] = np.arange(len(grouped.values))
        self._of, self._is_count = grouped.of, grouped.is_count

    def known(self) -> npt.NDArray[np.float64]:
        known: npt.NDArray[np.float64] = self.values[np.isfinite(self.values)]
        return known

    def trace(self, kind: str, place: int) -> Fields:
        values = self.values[place]
        name, texts = self.series[place], number_texts(values, None if self._is_count else self._of)
        full = [f"{label} · {name}" if name else label for label in self.labels]
        colour = NEUTRAL if len(self.series) == 1 else qualitative.T10[place % len(qualitative.T10)]
        trace: Fields = {
            "name": name,
            "x": self.labels,
            "y": _gaps(values),
            "hovertext": [f"{chart_text(label)}: {text}" for label, text in zip(full, texts, strict=True)],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "customdata": self.rows[place].tolist(),
        }
        if kind == "bar":
            return trace | {"type": "bar", "marker": {"color": colour}}
        return trace | {"type": "scatter", "mode": "lines+markers", "line": {"color": colour}}


def _heatmap(grouped: Grouped, marks: _Marks) -> PlainFigure:
    """Draws the first groups below each other, and over the cells invisible marks: only those can be clicked."""
    down, across = marks.labels, marks.series
    trace: Fields = {
        "type": "heatmap",
        "z": [_gaps(row) for row in marks.values.T],
        "x": across,
        "y": down,
        "colorscale": BLUES,
        "colorbar": colour_scale(marks.known(), grouped.title),
    }
    texts = [number_texts(row, grouped.of) for row in marks.values.T]
    names = category_axis(down, grouped.columns[0].title)
    return zoomable(
        trace,
        clickable_cells(across, down, marks.rows.T.tolist(), texts),
        height=max(280, names_height(names)),
        hoverdistance=-1,
        xaxis=thinned(category_axis(across, grouped.columns[1].title)) | {"tickangle": 0},
        yaxis=names | {"autorange": "reversed"},
    )


def clickable_cells(
    across: Sequence[str], down: Sequence[str], numbers: Sequence[Sequence[int]], texts: Sequence[Sequence[str]]
) -> Fields:
    """Returns invisible marks over the cells of a heatmap, with the number and the text of each.

    Cells cannot be clicked, but the nearest mark can, if the chart has no `hoverdistance`.
    """
    return {
        "meta": CELLS,
        "type": "scatter",
        "mode": "markers",
        "x": list(across) * len(down),
        "y": [label for label in down for _ in across],
        "customdata": [number for row in numbers for number in row],
        "marker": {"opacity": 0, "size": 14},
        "hovertext": [
            chart_text(f"{label} · {place}: {text}")
            for label, row in zip(down, texts, strict=True)
            for place, text in zip(across, row, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _gaps(values: npt.NDArray[Any]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
