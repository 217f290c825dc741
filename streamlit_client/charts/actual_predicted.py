"""Actual compared with predicted ECLO."""

from collections.abc import Sequence

import numpy as np

from streamlit_client import texts_datasets
from streamlit_client.charts.style import PlainFigure, titled, zoomable
from streamlit_client.theme import NEUTRAL, TOTAL

_GROUPS = 20


def rmsle(predicted: Sequence[float], actual: Sequence[float]) -> float:
    """Returns the root mean squared error of log1p, the metric of the model."""
    return float(np.sqrt(np.mean((np.log1p(predicted) - np.log1p(actual)) ** 2)))


def constant_rmsle(actual: Sequence[float]) -> float:
    """Returns the RMSLE of the best constant prediction: the standard deviation of log1p."""
    return float(np.std(np.log1p(actual)))


def actual_by_expected(expected: Sequence[float], actual: Sequence[float]) -> PlainFigure:
    """Draws the mean actual ECLO of twenty groups of rows, in ascending order of expected ECLO."""
    order = np.argsort(expected, kind="stable")
    groups = np.array_split(order, min(_GROUPS, len(order)))
    places = [float(np.mean(np.asarray(expected)[members])) for members in groups]
    heights = [float(np.mean(np.asarray(actual)[members])) for members in groups]
    ends = [min(places), max(places)]
    line = {"dash": "dot", "color": TOTAL}
    return zoomable(
        {
            "type": "scatter",
            "x": places,
            "y": heights,
            "mode": "markers+lines",
            "marker": {"color": NEUTRAL, "size": 8},
        },
        {"type": "scatter", "x": ends, "y": ends, "mode": "lines", "line": line, "hoverinfo": "skip"},
        height=320,
        xaxis=titled(texts_datasets.EXPECTED_AXIS),
        yaxis=titled(texts_datasets.ACTUAL_AXIS),
    )
