"""Charts of one column, of two columns, and of the same column in two datasets."""

import itertools
from collections.abc import Sequence

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
_MOST_KDE_VALUES, MOST_SCATTER_POINTS = 5_000, 5_000
_MOST_GROUPS = 12
# Names of datasets and columns are long, and would leave no room for the bars.
_ABOVE: Fields = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
_MOST_SVG_POINTS = 1_000  # WebGL is faster for more


def top_counts(values: pd.Series, most: int = texts_explore.TOP_COUNT) -> tuple[list[str], list[int], int]:
    """Returns the most frequent labels, their counts, and the number of other labels."""
    counts = values.value_counts()
    counts = counts[counts > 0]
    return [str(label) for label in counts.index[:most]], counts.iloc[:most].tolist(), max(0, len(counts) - most)


def label_bars(values: pd.Series) -> PlainFigure:
    """Draws the most frequent labels as horizontal bars with count and share."""
    labels, counts, others = top_counts(values)
    total = max(1, int(values.notna().sum()))
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": counts,
        "marker": {"color": NEUTRAL},
        "text": [f"{count:,} ({100 * count / total:.1f}%)" for count in counts],
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


def histogram(values: pd.Series, column: Column | None = None) -> PlainFigure:
    """Draws a histogram, whose bars have whole limits if all numbers are whole. Only the counts go to the browser."""
    numbers = _finite(values)
    edges, named = _bins(numbers, column)
    counts, _ = np.histogram(numbers, bins=edges)
    places = (edges[:-1] + edges[1:]) / 2
    bars = {
        "type": "bar",
        "x": places.tolist(),
        "y": counts.tolist(),
        "width": np.diff(edges).tolist(),
        "marker": {"color": NEUTRAL, "line": {"width": 0}},
        "hovertext": [f"{name}{column.unit or ''}" for name in named] if column else named,
        "hovertemplate": "%{hovertext}: %{y:,}" + texts_explore.ROWS + "<extra></extra>",
    }
    return zoomable(
        bars,
        height=340,
        bargap=0,
        xaxis=_axis(numbers, values, column),
        yaxis=count_axis(counts, texts_explore.COUNT),
    )


def box(values: pd.Series, groups: pd.Series | None = None, column: Column | None = None) -> PlainFigure:
    """Draws box plots, one for each of the most frequent groups if given. Only the quartiles go to the browser."""
    boxes: list[Fields] = []
    for name, members in _groups(values, groups):
        numbers = _finite(members)
        if not len(numbers):
            continue
        low, middle, high = np.quantile(numbers, (0.25, 0.5, 0.75)).tolist()
        reach = 1.5 * (high - low)
        inside = numbers[(numbers >= low - reach) & (numbers <= high + reach)]
        boxes.append(
            {
                "type": "box",
                "name": name,
                "q1": [low], "median": [middle], "q3": [high],
                "lowerfence": [float(inside.min())], "upperfence": [float(inside.max())],
                "mean": [float(numbers.mean())],
                "marker": {"color": NEUTRAL},
            }
        )  # fmt: skip
    return zoomable(
        *boxes,
        height=360,
        xaxis={"type": "category", "automargin": True},
        yaxis=_axis(_finite(values), values, column),
    )


def density(values: pd.Series, column: Column | None = None) -> PlainFigure | None:
    """Draws a Gaussian kernel density; None for too few distinct values."""
    numbers = _finite(values)
    if len(numbers) > _MOST_KDE_VALUES:
        numbers = np.random.default_rng(0).choice(numbers, _MOST_KDE_VALUES, replace=False)
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


def _bins(numbers: Floats, column: Column | None) -> tuple[Floats, list[str]]:
    """Returns the limits of the bars, and the texts of their ranges."""
    if not are_whole(numbers):
        edges = np.histogram_bin_edges(numbers, bins=_BINS)
        return edges, [f"{low} ~ {high}" for low, high in itertools.pairwise(number_texts(edges, column))]
    low, high = numbers.min(), numbers.max()
    step = whole_step(high - low, _AGE_BINS if column is not None and column.meaning == "age" else _BINS)
    firsts = np.arange(low // step * step, high + 1, step)
    names = number_texts(firsts, column)
    if step > 1:
        names = [
            f"{first} ~ {last}" for first, last in zip(names, number_texts(firsts + step - 1, column), strict=True)
        ]
    return np.append(firsts, firsts[-1] + step) - 0.5, names


def _axis(numbers: Floats, values: pd.Series, column: Column | None) -> Fields:
    return number_axis(numbers, str(values.name) if column is None else column.title, column)


def _finite(values: pd.Series) -> Floats:
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers[np.isfinite(numbers)]


def _groups(values: pd.Series, groups: pd.Series | None) -> list[tuple[str, pd.Series]]:
    if groups is None:
        return [(str(values.name), values)]
    labels, _, _ = top_counts(groups, _MOST_GROUPS)
    if isinstance(groups.dtype, pd.CategoricalDtype) and groups.cat.ordered:
        labels = [label for label in groups.cat.categories if label in labels]
    texts = groups.astype(str)
    return [(label, values[texts == label]) for label in labels]


def _as_labels(values: pd.Series) -> pd.Series:
    labels, _, _ = top_counts(values, 9)
    return values.astype(str).where(lambda texts: texts.isin(labels), texts_explore.POPUP_MORE)
