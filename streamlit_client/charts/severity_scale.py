"""One prediction compared with real accidents: its rank, and the range of real values."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import ceil

from streamlit_client import texts
from streamlit_client.backend.contract import Model, Prediction
from streamlit_client.charts.style import Fields, PlainFigure, styled, titled
from streamlit_client.theme import BAND_COLOURS, TOTAL

_NARROW = 10.0
_MARK: Fields = {"symbol": "diamond", "size": 15, "line": {"width": 2, "color": "#ffffff"}, "color": "#1f2933"}


def percentile(eclo: float, quantiles: Sequence[float]) -> float:
    """Returns the share (0 to 100) of real accidents with a lower prediction; `quantiles` are those of 0 to 100 %."""
    above = bisect_right(quantiles, eclo)
    if above == 0:
        return 0.0
    if above == len(quantiles):
        return 100.0
    low, high = quantiles[above - 1], quantiles[above]
    return (above - 1 + (eclo - low) / (high - low)) * 100 / (len(quantiles) - 1)


def band_places(model: Model) -> Mapping[str, tuple[int, int]]:
    """Returns the first and last rank of each word among 100 real accidents, mildest first."""
    ends = [round(end * 100) for end in accumulate(band.share for band in model.bands)]
    firsts = [1, *(end + 1 for end in ends)]
    return {band.interpretation: (first, last) for band, first, last in zip(model.bands, firsts, ends, strict=False)}


def place_of(prediction: Prediction, model: Model) -> int:
    """Returns the rank of a prediction among 100 real accidents, always within the ranks of its word."""
    first, last = band_places(model)[prediction.interpretation]
    return min(max(ceil(percentile(prediction.eclo, model.prediction_quantiles)), first), last)


def severity_strip(predictions: Sequence[Prediction], model: Model) -> PlainFigure:
    """Draws 100 ranked real accidents as the four bands, and the ranks of the predictions."""
    bars: list[Fields] = []
    labels: list[Fields] = []
    start = 0.0
    places_of_words = band_places(model)
    lowest, highest = model.prediction_quantiles[0], model.prediction_quantiles[-1]
    for band, colour, icon in zip(model.bands, BAND_COLOURS, texts.BAND_ICONS, strict=False):
        share = band.share * 100
        low, high = max(lowest, band.minimum_eclo), band.maximum_eclo or highest
        first, last = places_of_words[band.interpretation]
        hover = texts.STRIP_BAND.format(word=band.interpretation, first=first, last=last, low=low, high=high)
        bars.append(
            {
                "type": "bar",
                "x": [share],
                "base": [start],
                "y": [0],
                "orientation": "h",
                "width": 0.7,
                "name": band.interpretation,
                "marker": {"color": colour, "line": {"width": 0}},
                "hovertemplate": f"{hover}<extra></extra>",
            }
        )
        label = {"text": f"{icon} {band.interpretation}", "showarrow": False}
        if share < _NARROW:  # too narrow for its word, which moves one line down
            labels.append(label | {"x": start + share, "y": -1.15, "xanchor": "right"})
        else:
            labels.append(label | {"x": start + share / 2, "y": -0.65})
        start += share
    places = [place_of(prediction, model) - 0.5 for prediction in predictions]
    marks = {
        "type": "scatter",
        "x": places,
        "y": [0] * len(places),
        "mode": "markers",
        "marker": _MARK,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    values = [
        {"x": place, "y": 0.65, "text": f"<b>{prediction.eclo:.2f}</b>", "showarrow": False}
        for place, prediction in zip(places, predictions, strict=True)
    ]
    return styled(
        *bars,
        marks,
        height=124,
        barmode="overlay",
        xaxis={"range": [-3, 103], "visible": False},
        yaxis={"range": [-1.4, 1], "visible": False},
        annotations=labels + values,
    )


def range_whisker(prediction: Prediction, model: Model) -> PlainFigure:
    """Draws the ECLO axis with the four bands, the predicted value, and its range as a whisker."""
    low, high = prediction.range.low, prediction.range.high
    end = max(high, prediction.eclo, model.prediction_quantiles[-1]) * 1.05
    bands = [
        {
            "type": "rect",
            "x0": band.minimum_eclo,
            "x1": end if band.maximum_eclo is None else band.maximum_eclo,
            "y0": 0,
            "y1": 1,
            "yref": "y domain",
            "fillcolor": colour,
            "opacity": 0.18,
            "line": {"width": 0},
            "layer": "below",
        }
        for band, colour in zip(model.bands, BAND_COLOURS, strict=False)
    ]
    whisker = {
        "type": "scatter",
        "x": [prediction.eclo],
        "y": [0],
        "mode": "markers",
        "marker": _MARK,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - prediction.eclo],
            "arrayminus": [prediction.eclo - low],
            "color": TOTAL,
            "thickness": 3,
            "width": 9,
        },
        "hovertemplate": texts.RANGE_HOVER.format(coverage=prediction.range.coverage * 100, low=low, high=high)
        + "<extra></extra>",
    }
    ends = [{"x": value, "y": 0, "text": f"{value:.3g}", "showarrow": False, "yshift": 20} for value in (low, high)]
    value = {"x": prediction.eclo, "y": 0, "text": f"<b>{prediction.eclo:.2f}</b>", "showarrow": False, "yshift": -20}
    return styled(
        whisker,
        height=126,
        xaxis={"range": [0, end], "zeroline": False, "showgrid": False} | titled(texts.ECLO),
        yaxis={"range": [-1, 1], "visible": False},
        shapes=bands,
        annotations=[*ends, value],
    )
