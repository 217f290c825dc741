"""Actual ECLO beside the predicted one."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from streamlit_client import texts_datasets as words
from streamlit_client.charts.style import zoomable
from streamlit_client.theme import NEUTRAL, TOTAL

_GROUPS = 20


def rmsle(predicted: Sequence[float], actual: Sequence[float]) -> float:
    """Returns the root mean squared error of log1p, the measure this task is scored by."""
    return float(np.sqrt(np.mean((np.log1p(predicted) - np.log1p(actual)) ** 2)))


def constant_rmsle(actual: Sequence[float]) -> float:
    """Returns the RMSLE of the best single value for all rows: the deviation of log1p from its mean."""
    return float(np.std(np.log1p(actual)))


def actual_by_predicted(predicted: Sequence[float], actual: Sequence[float]) -> go.Figure:
    """Draws the mean actual ECLO of twenty groups of rows, from the least to the most severe prediction."""
    order = np.argsort(predicted, kind="stable")
    groups = np.array_split(order, min(_GROUPS, len(order)))
    places = [float(np.mean(np.asarray(predicted)[members])) for members in groups]
    heights = [float(np.mean(np.asarray(actual)[members])) for members in groups]
    ends = [min(places), max(places)]
    figure = go.Figure(
        [
            go.Scatter(x=places, y=heights, mode="markers+lines", marker={"color": NEUTRAL, "size": 8}),
            go.Scatter(x=ends, y=ends, mode="lines", line={"dash": "dot", "color": TOTAL}, hoverinfo="skip"),
        ]
    )
    figure.update_xaxes(title=words.PREDICTED_AXIS)
    figure.update_yaxes(title=words.ACTUAL_AXIS)
    return zoomable(figure, height=320)
