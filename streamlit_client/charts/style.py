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
