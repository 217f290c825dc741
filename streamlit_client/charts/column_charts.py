"""Charts of one column, of two columns, and of the same column in two datasets."""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from plotly.colors import qualitative
from scipy.stats import gaussian_kde

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column
from streamlit_client.charts.axes import (
    are_whole,
    category_axis,
    count_axis,
    names_height,
    number_axis,
    number_texts,
    whole_step,
)
from streamlit_client.charts.style import Fields, PlainFigure, chart_text, titled, zoomable
from streamlit_client.theme import LOWERS, NEUTRAL, RAISES

Floats = npt.NDArray[np.float64]
_BINS, _AGE_BINS, _CURVE_POINTS = 50, 20, 200
MOST_KDE_VALUES, MOST_SCATTER_POINTS = 5_000, 5_000
MOST_BOXES = 12
_BOX_FIELDS = ("lowerfence", "q1", "median", "q3", "upperfence")
# Names of datasets and columns are long, and would leave no room for the bars.
_ABOVE: Fields = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
_MOST_SVG_POINTS = 1_000  # WebGL is faster for more


def label_bars(labels: Sequence[str], counts: Sequence[int], *, total: int, others: int) -> PlainFigure:
    """Draws labels as horizontal bars with count and share of `total`; `others` is the number of labels left out."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(labels),
        "x": list(counts),
        "customdata": list(range(len(labels))),
        "marker": {"color": NEUTRAL},
        "text": [f"{count:,} ({100 * count / max(1, total):.1f}%)" for count in counts],
        "textposition": "auto",
        "hovertext": [chart_text(label) for label in labels],
        "hovertemplate": "%{hovertext}: %{x:,}" + texts_explore.ROWS + "<extra></extra>",
    }
    places = category_axis(labels) | {"autorange": "reversed"}
    title = (
        texts_explore.COUNT if not others else f"{texts_explore.COUNT} · {texts_explore.OTHERS.format(count=others)}"
    )
    return zoomable(
        bars,
        height=names_height(places),
        xaxis=count_axis(counts, title),
        yaxis=places,
    )


class Bins(NamedTuple):
    """Intervals of numbers, all as wide: where the first begins, and how many there are."""

    start: float
    width: float
    size: int
    are_whole: bool

    def edges(self) -> Floats:
        """Returns the limits of the bars; those of whole numbers lie between two of them."""
        edges: Floats = (
            self.start + self.width * np.arange(self.size + 1, dtype=np.float64) - (0.5 if self.are_whole else 0.0)
        )
        return edges

    def names(self, column: Column | None) -> list[str]:
        """Returns the texts of the ranges."""
        edges = self.edges()
        if not self.are_whole:
            form = f",.{max(0, -math.floor(math.log10(self.width)))}f"
            return [f"{low:{form}} ~ {high:{form}}" for low, high in itertools.pairwise(edges.tolist())]
        firsts, lasts = (number_texts(values, column) for values in (edges[:-1] + 0.5, edges[1:] - 0.5))
        return [first if first == last else f"{first} ~ {last}" for first, last in zip(firsts, lasts, strict=True)]


def find_bins(low: float, high: float, *, are_whole: bool, column: Column | None = None) -> Bins:
    """Returns intervals with round widths for numbers from `low` to `high`: at most 50, of ages at most 20."""
    most = _AGE_BINS if column is not None and column.meaning == "age" else _BINS
    if are_whole:
        width = float(whole_step(high - low, most))
    else:
        unit = 10.0 ** math.floor(math.log10((high - low) / most or 1))
        width = unit * whole_step((high - low) / unit, most)
    start = math.floor(low / width) * width
    return Bins(start, width, math.floor((high - start) / width + 1e-9) + 1, are_whole)


def histogram(values: pd.Series) -> PlainFigure:
    """Draws a histogram of numbers. Only the counts go to the browser."""
    numbers = _finite(values)
    bins = find_bins(float(numbers.min()), float(numbers.max()), are_whole=are_whole(numbers))
    return bin_bars(bins, np.histogram(numbers, bins=bins.edges())[0].tolist(), title=str(values.name))


def bin_bars(bins: Bins, counts: Sequence[int], *, title: str, column: Column | None = None) -> PlainFigure:
    """Draws the counts of intervals as bars without gaps between them."""
    edges, named = bins.edges(), bins.names(column)
    bars = {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2).tolist(),
        "y": list(counts),
        "width": np.diff(edges).tolist(),
        "customdata": list(range(len(counts))),
        "marker": {"color": NEUTRAL, "line": {"width": 0}},
        "hovertext": [f"{name}{column.unit or ''}" for name in named] if column else named,
        "hovertemplate": "%{hovertext}: %{y:,}" + texts_explore.ROWS + "<extra></extra>",
    }
    return zoomable(
        bars,
        height=340,
        bargap=0,
        xaxis=number_axis(edges + 0.5 if bins.are_whole else edges, title, column),
        yaxis=count_axis(counts, texts_explore.COUNT),
    )


class Box(NamedTuple):
    """What a box is drawn from: percentiles of the values of a group, and their mean."""

    name: str
    percentiles: Sequence[float]
    mean: float


BOX_PERCENTILES = (5, 25, 50, 75, 95)


def box(boxes: Sequence[Box], title: str, column: Column | None = None) -> PlainFigure:
    """Draws box plots, whose whiskers end at the 5th and the 95th percentile."""
    traces = [
        {
            "type": "box",
            "name": one.name,
            "x": [one.name],
            **{name: [value] for name, value in zip(_BOX_FIELDS, one.percentiles, strict=True)},
            "mean": [one.mean],
            "marker": {"color": NEUTRAL},
        }
        for one in boxes
    ]
    return zoomable(
        *traces,
        height=360,
        xaxis={"type": "category", "automargin": True},
        yaxis=number_axis([value for one in boxes for value in one.percentiles], title, column),
    )


def density(values: pd.Series, column: Column | None = None) -> PlainFigure | None:
    """Draws a Gaussian kernel density of at most MOST_KDE_VALUES values; None for too few distinct ones."""
    numbers = _finite(values)
    if len(np.unique(numbers)) < 3:
        return None
    places = np.linspace(numbers.min(), numbers.max(), _CURVE_POINTS)
    heights = gaussian_kde(numbers)(places)
    curve = {
        "type": "scatter",
        "x": places.tolist(),
        "y": heights.tolist(),
        "fill": "tozeroy",
        "line": {"color": NEUTRAL},
    }
    return zoomable(
        curve,
        height=340,
        xaxis=_axis(numbers, values, column),
        yaxis=number_axis(heights, texts_explore.DENSITY),
    )


def scatter(frame: pd.DataFrame, x: Column, y: Column, colour: str | None) -> PlainFigure:
    """Draws two columns against each other; `frame` has at most MOST_SCATTER_POINTS rows."""
    labels = pd.Series("", frame.index) if colour is None else _as_labels(frame[colour])
    kind = "scattergl" if len(frame) > _MOST_SVG_POINTS else "scatter"
    hover = f"{chart_text(x.title)}=%{{x}}<br>{chart_text(y.title)}=%{{y}}<extra></extra>"
    marks = [
        {
            "type": kind,
            "mode": "markers",
            "name": label,
            "x": frame.loc[labels == label, x.name].tolist(),
            "y": frame.loc[labels == label, y.name].tolist(),
            "marker": {"color": mark, "opacity": 0.55},
            "hovertemplate": hover if colour is None else f"{chart_text(colour)}={chart_text(label)}<br>{hover}",
        }
        for label, mark in zip(labels.unique(), qualitative.T10, strict=False)
    ]
    return zoomable(
        *marks,
        height=420,
        xaxis=_axis(_finite(frame[x.name]), frame[x.name], x),
        yaxis=_axis(_finite(frame[y.name]), frame[y.name], y),
        showlegend=colour is not None,
        legend=_ABOVE | titled(colour or ""),
    )


def two_histograms(first: pd.Series, second: pd.Series, names: Sequence[str]) -> tuple[PlainFigure, float]:
    """Draws two distributions in percent, and returns their overlap, 0 to 1."""
    numbers = [_finite(first), _finite(second)]
    edges = np.histogram_bin_edges(np.concatenate(numbers), bins=40)
    shares = [np.histogram(values, bins=edges)[0] / max(1, len(values)) for values in numbers]
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": ((edges[:-1] + edges[1:]) / 2).tolist(),
            "y": (100 * share).tolist(),
            "width": np.diff(edges).tolist(),
            "opacity": 0.55,
            "marker": {"color": colour},
        }
        for name, share, colour in zip(names, shares, (LOWERS, RAISES), strict=True)
    ]
    figure = zoomable(
        *bars,
        height=340,
        barmode="overlay",
        bargap=0,
        xaxis=number_axis(np.concatenate(numbers), ""),
        yaxis=number_axis(100 * np.concatenate(shares), texts_explore.SHARE),
        showlegend=True,
        legend=_ABOVE,
    )
    return figure, float(np.minimum(*shares).sum())


def two_label_bars(first: pd.Series, second: pd.Series, names: Sequence[str]) -> tuple[PlainFigure, str, float, float]:
    """Draws the shares of labels in two datasets; also returns the label that differs most and its percentages."""
    shares = [values.astype(str).where(values.notna()).value_counts(normalize=True) * 100 for values in (first, second)]
    both = pd.concat(shares, axis="columns", keys=[0, 1]).fillna(0.0)
    both = both.loc[both.max(axis="columns").sort_values(ascending=False).index[:15]]
    places = [str(label) for label in both.index]
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": places,
            "y": both[number].tolist(),
            "marker": {"color": colour},
            "hovertext": [chart_text(place) for place in places],
            "hovertemplate": "%{hovertext}: %{y:.1f}%<extra>%{fullData.name}</extra>",
        }
        for number, (name, colour) in enumerate(zip(names, (LOWERS, RAISES), strict=True))
    ]
    figure = zoomable(
        *bars,
        height=360,
        barmode="group",
        xaxis=category_axis(places),
        yaxis=number_axis(both.to_numpy().ravel(), texts_explore.SHARE),
        showlegend=True,
        legend=_ABOVE,
    )
    ours, theirs = both[0].tolist(), both[1].tolist()
    most = max(range(len(both)), key=lambda index: abs(ours[index] - theirs[index]))
    return figure, str(both.index[most]), ours[most], theirs[most]


def _axis(numbers: Floats, values: pd.Series, column: Column | None) -> Fields:
    return number_axis(numbers, str(values.name) if column is None else column.title, column)


def _finite(values: pd.Series) -> Floats:
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers[np.isfinite(numbers)]


def _as_labels(values: pd.Series) -> pd.Series:
    texts = values.astype(str).where(values.notna())
    return texts.where(texts.isin(texts.value_counts().index[:9]), texts_explore.POPUP_MORE)
