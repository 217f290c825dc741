"""The distribution of the predictions of a batch."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from streamlit_client import texts
from streamlit_client.backend.contract import Band
from streamlit_client.charts.style import PlainFigure, styled, titled
from streamlit_client.theme import BAND_COLOURS, NEUTRAL, TOTAL

_BINS = 40


def words_chart(words: Sequence[str], bands: Sequence[Band]) -> PlainFigure:
    """Draws the number of accidents by severity word, mildest first."""
    counts = Counter(words)
    names = [band.interpretation for band in bands]
    icons = dict(zip(names, texts.BAND_ICONS, strict=False))
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [f"{icons.get(name, '')} {name}" for name in names],
        "x": [counts[name] for name in names],
        "marker": {"color": list(BAND_COLOURS[: len(names)])},
        "text": [texts.BAR_LABEL.format(count=counts[name], share=100 * counts[name] / len(words)) for name in names],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return styled(
        bars,
        height=230,
        xaxis={"visible": False, "range": [0, max(counts.values()) * 1.7]},
        yaxis={"autorange": "reversed", "automargin": True},
    )


def eclo_histogram(eclos: Sequence[float], bands: Sequence[Band]) -> PlainFigure:
    """Draws a histogram of predicted ECLO with the limits of the bands. Only the counts go to the browser."""
    counts, edges = np.histogram(np.asarray(eclos, dtype=float), bins=_BINS)
    bars = {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2).tolist(),
        "y": counts.tolist(),
        "width": np.diff(edges).tolist(),
        "marker": {"color": NEUTRAL, "line": {"width": 0}},
        "customdata": [
            texts.HISTOGRAM_HOVER.format(low=low, high=high, count=int(count))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    cuts = [
        band.maximum_eclo
        for band in bands
        if band.maximum_eclo is not None and edges[0] < band.maximum_eclo < edges[-1]
    ]
    line = {
        "type": "line",
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"dash": "dot", "width": 1, "color": TOTAL},
    }
    label = {"y": 1, "yref": "y domain", "yanchor": "bottom", "xanchor": "center", "showarrow": False}
    return styled(
        bars,
        height=260,
        margin_top=24,
        bargap=0,
        xaxis=titled(texts.ECLO),
        yaxis={"visible": False},
        shapes=[line | {"x0": cut, "x1": cut} for cut in cuts],
        annotations=[label | {"x": cut, "text": f"{cut:.1f}"} for cut in cuts],
    )
