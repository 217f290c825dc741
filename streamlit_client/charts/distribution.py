"""How the predictions of a batch are distributed."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from streamlit_client import texts
from streamlit_client.charts.style import styled
from streamlit_client.contract import Band
from streamlit_client.theme import BAND_COLOURS, NEUTRAL, TOTAL

_BINS = 40


def words_chart(words: Sequence[str], bands: Sequence[Band]) -> go.Figure:
    """Draws how many accidents have each word, mildest first."""
    counts = Counter(words)
    names = [band.interpretation for band in bands]
    icons = dict(zip(names, texts.BAND_ICONS, strict=False))
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=[f"{icons.get(name, '')} {name}" for name in names],
            x=[counts[name] for name in names],
            marker={"color": list(BAND_COLOURS[: len(names)])},
            text=[texts.BAR_LABEL.format(count=counts[name], share=100 * counts[name] / len(words)) for name in names],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max(counts.values()) * 1.7])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return styled(figure, height=230)


def eclo_histogram(eclos: Sequence[float], bands: Sequence[Band]) -> go.Figure:
    """Draws how often each predicted ECLO occurs, and where the bands meet. Only the counts go to the browser."""
    counts, edges = np.histogram(np.asarray(eclos, dtype=float), bins=_BINS)
    figure = go.Figure(
        go.Bar(
            x=((edges[:-1] + edges[1:]) / 2).tolist(),
            y=counts.tolist(),
            width=np.diff(edges).tolist(),
            marker={"color": NEUTRAL, "line": {"width": 0}},
            customdata=[
                texts.HISTOGRAM_HOVER.format(low=low, high=high, count=int(count))
                for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for band in bands:
        if band.maximum_eclo is not None and edges[0] < band.maximum_eclo < edges[-1]:
            figure.add_vline(
                x=band.maximum_eclo,
                line={"dash": "dot", "width": 1, "color": TOTAL},
                annotation={"text": f"{band.maximum_eclo:.1f}", "yanchor": "bottom"},
                annotation_position="top",
            )
    figure.update_layout(bargap=0)
    figure.update_xaxes(title=texts.ECLO)
    figure.update_yaxes(visible=False)
    styled(figure, height=260)
    return figure.update_layout(margin={"t": 24})
