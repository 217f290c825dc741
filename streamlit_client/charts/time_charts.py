"""Charts of rows by hour, weekday and month, and of a value by periods."""

import math
from collections.abc import Sequence

import numpy as np

from streamlit_client import texts_explore
from streamlit_client.charts.axes import colour_scale, count_axis
from streamlit_client.charts.group_charts import clickable_cells
from streamlit_client.charts.style import BLUES, Fields, PlainFigure, titled, zoomable
from streamlit_client.theme import NEUTRAL, RAISES, TOTAL

HOURS, DAYS = 24, 7
_LABELLED_HOURS, _MOST_LABELLED = 3, 6
Heights = Sequence[float | None]
"""A value of each period; None where there is none."""


def bars(labels: Sequence[str], counts: Sequence[int], *, x: str, every: int = 1) -> PlainFigure:
    """Draws counts as bars, with the highest in another colour; `every` n-th bar is labelled."""
    top = max(counts, default=0)
    colours = [RAISES if count == top and top else NEUTRAL for count in counts]
    trace = {
        "type": "bar",
        "x": list(labels),
        "y": list(counts),
        "customdata": list(range(len(counts))),
        "marker": {"color": colours},
        "hovertemplate": "%{x}: %{y:,}" + texts_explore.ROWS + "<extra></extra>",
    }
    return zoomable(
        trace,
        height=280,
        xaxis={"type": "category", "tickvals": list(labels[::every]), "tickangle": 0, "automargin": True} | titled(x),
        yaxis=count_axis(counts, texts_explore.COUNT),
    )


def trend(
    labels: Sequence[str], heights: Heights, *, x: str, y: Fields, others: Sequence[tuple[str, Heights]] = ()
) -> PlainFigure:
    """Draws a value of each period as a line, which breaks where one has none; `y` are the fields of its axis.

    `others` are lines to compare it with, by their names: the first is dashed, the second dotted.
    """
    styles: Sequence[Fields] = [{"color": TOTAL, "dash": "dash"}, {"color": RAISES, "dash": "dot"}]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": list(labels),
            "y": list(values),
            "line": style | {"width": 1.5},
            "hovertemplate": "%{x}: %{y}<extra>%{fullData.name}</extra>",
        }
        for (name, values), style in zip(others, styles, strict=False)
    ]
    title = y.get("title", {}).get("text", "")
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": title,
        "x": list(labels),
        "y": list(heights),
        "customdata": list(range(len(labels))),
        "line": {"color": NEUTRAL},
        "hovertemplate": "%{x}: %{y}<extra></extra>",
    }
    named = labels[:: math.ceil(len(labels) / _MOST_LABELLED)]
    ticks = {"tickvals": list(named), "ticktext": [label.replace(" ", "<br>") for label in named], "tickangle": 0}
    return zoomable(
        *traces,
        trace,
        height=360 if traces else 320,
        xaxis={"type": "category", "automargin": True} | ticks | titled(x),
        yaxis=y,
        showlegend=bool(traces),
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    )


def moving_mean(heights: Heights, length: int) -> Heights:
    """Returns the mean of each value and those before it, `length` in all; None where one of them is missing."""
    windows = (heights[end - length : end] if end >= length else [None] for end in range(1, len(heights) + 1))
    return [None if None in window else math.fsum(value or 0 for value in window) / length for window in windows]


def shifted(heights: Heights, length: int) -> Heights:
    """Returns for each period the value of the one that was `length` periods before."""
    return [None] * min(length, len(heights)) + list(heights[: max(0, len(heights) - length)])


def hour_weekday_heatmap(counts: Sequence[Sequence[int]]) -> PlainFigure:
    """Draws the number of rows by hour and weekday, with Monday on top; `counts` has 24 hours of each day."""
    labels = [texts_explore.HOUR_VALUE.format(hour=hour) for hour in range(HOURS)]
    trace = {
        "type": "heatmap",
        "z": [list(day) for day in counts],
        "x": labels,
        "y": list(texts_explore.WEEKDAYS),
        "colorscale": BLUES,
        "colorbar": colour_scale(np.ravel(counts), texts_explore.COUNT),
    }
    numbers = np.arange(DAYS * HOURS).reshape(DAYS, HOURS).tolist()
    texts = [[f"{count:,}{texts_explore.ROWS}" for count in day] for day in counts]
    days = [texts_explore.WEEKDAY_VALUE.format(day=day) for day in texts_explore.WEEKDAYS]
    cells = clickable_cells(labels, days, numbers, texts) | {
        "y": [day for day in texts_explore.WEEKDAYS for _ in labels]
    }
    hours = {"tickvals": labels[::_LABELLED_HOURS], "tickangle": 0}
    return zoomable(trace, cells, height=300, hoverdistance=-1, xaxis=hours, yaxis={"autorange": "reversed"})
