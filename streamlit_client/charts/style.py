"""What all charts have in common."""

from typing import Any

import plotly.graph_objects as go

from streamlit_client.theme import FONT

# No tool bar: these charts are read, not edited.
CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def styled(figure: go.Figure, *, height: int) -> go.Figure:
    """Returns the figure in our font, transparent, without legend. Text and grid colours are the theme's."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"family": FONT, "size": 13},
        hoverlabel={"font": {"family": FONT}},
        showlegend=False,
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure


# What charts of a person's own data get besides: they are explored, so that zoom and save are at hand.
EXPLORE_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def zoomable(figure: go.Figure, *, height: int) -> go.Figure:
    """Returns the figure in our style, to be zoomed by dragging."""
    styled(figure, height=height)
    figure.update_layout(dragmode="zoom", margin={"t": 30})  # room for the tool bar
    figure.update_xaxes(fixedrange=False)
    figure.update_yaxes(fixedrange=False)
    return figure
