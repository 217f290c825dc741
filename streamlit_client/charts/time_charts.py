"""Charts of rows by hour, weekday and month."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from streamlit_client import texts_explore
from streamlit_client.charts.axes import colour_scale, count_axis
from streamlit_client.charts.style import BLUES, Fields, PlainFigure, titled, zoomable
from streamlit_client.theme import NEUTRAL, RAISES

_HOURS, _DAYS = 24, 7
_LABELLED_HOURS, _MOST_LABELLED = 3, 6


def has_hours(moments: pd.Series) -> bool:
    """Tells whether any timestamp has a time of day; missing ones are ignored."""
    return bool((moments.dropna().dt.hour != 0).any())


def count_by_hour(moments: pd.Series) -> list[int]:
    """Returns 24 counts."""
    return [int(count) for count in np.bincount(moments.dropna().dt.hour, minlength=_HOURS)]


def count_by_weekday(moments: pd.Series) -> list[int]:
    """Returns seven counts, Monday first."""
    return [int(count) for count in np.bincount(moments.dropna().dt.day_of_week, minlength=_DAYS)]


def count_by_month(moments: pd.Series) -> list[int]:
    """Returns twelve counts."""
    return [int(count) for count in np.bincount(moments.dropna().dt.month, minlength=13)[1:]]


def bars(labels: Sequence[str], counts: Sequence[int], *, x: str, every: int = 1) -> PlainFigure:
    """Draws counts as bars, with the highest in another colour; `every` n-th bar is labelled."""
    top = max(counts, default=0)
    colours = [RAISES if count == top and top else NEUTRAL for count in counts]
    trace = {
        "type": "bar",
        "x": list(labels),
        "y": list(counts),
        "marker": {"color": colours},
        "hovertemplate": "%{x}: %{y:,}" + texts_explore.ROWS + "<extra></extra>",
    }
    return zoomable(
        trace,
        height=280,
        xaxis={"type": "category", "tickvals": list(labels[::every]), "tickangle": 0, "automargin": True} | titled(x),
        yaxis=count_axis(counts, texts_explore.COUNT),
    )


def trend(labels: Sequence[str], heights: Sequence[float], *, x: str, y: Fields) -> PlainFigure:
    """Draws a value of each period as a line, which breaks where one has none. `y` are the fields of its axis."""
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(labels),
        "y": [None if np.isnan(height) else height for height in heights],
        "line": {"color": NEUTRAL},
        "hovertemplate": "%{x}: %{y}<extra></extra>",
    }
    named = labels[:: math.ceil(len(labels) / _MOST_LABELLED)]
    ticks = {"tickvals": list(named), "ticktext": [label.replace(" ", "<br>") for label in named], "tickangle": 0}
    return zoomable(trace, height=320, xaxis={"type": "category", "automargin": True} | ticks | titled(x), yaxis=y)


def hour_weekday_heatmap(moments: pd.Series) -> PlainFigure:
    """Draws the number of rows by hour and weekday, with Monday on top."""
    known = moments.dropna()
    cells = np.bincount(known.dt.day_of_week * _HOURS + known.dt.hour, minlength=_DAYS * _HOURS).reshape(_DAYS, _HOURS)
    labels = [texts_explore.HOUR_VALUE.format(hour=hour) for hour in range(_HOURS)]
    trace = {
        "type": "heatmap",
        "z": cells.tolist(),
        "x": labels,
        "y": list(texts_explore.WEEKDAYS),
        "colorscale": BLUES,
        "hovertemplate": texts_explore.HEATMAP_HOVER + texts_explore.ROWS + "<extra></extra>",
        "colorbar": colour_scale(cells.ravel(), texts_explore.COUNT),
    }
    hours = {"tickvals": labels[::_LABELLED_HOURS], "tickangle": 0}
    return zoomable(trace, height=300, xaxis=hours, yaxis={"autorange": "reversed"})
