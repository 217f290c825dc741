"""The common style of all charts, as plain data."""

import html
from typing import Any

from plotly.basedatatypes import BaseFigure
from plotly.colors import make_colorscale, sequential

from streamlit_client.theme import FONT

Fields = dict[str, Any]

# No toolbar: these charts are not interactive.
CONFIG: Fields = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}
# Charts of the user's data are explored, and offer zooming and saving.
EXPLORE_CONFIG: Fields = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
BLUES = make_colorscale(sequential.Blues)
_MARGIN = 8
_TOOL_BAR = 30


class PlainFigure(BaseFigure):  # type: ignore[misc]  # Plotly has no types
    """A figure as the fields of plotly.js; `st.plotly_chart` sends them unchanged.

    Plotly's own figures validate and copy every field, which takes a hundred times as long as the rest. The tests
    validate our fields. Plotly's shorthands are not supported: write `{"title": {"text": ...}}`.
    """

    def __init__(self, traces: list[Fields], layout: Fields) -> None:
        self._fields = {"data": traces, "layout": layout}

    def to_dict(self) -> Fields:
        """Returns the fields."""
        return self._fields


def styled(
    *traces: Fields,
    height: int,
    xaxis: Fields | None = None,
    yaxis: Fields | None = None,
    margin_top: int = _MARGIN,
    **layout: Any,
) -> PlainFigure:
    """Returns the figure in our font, transparent, without legend. Text and grid have the theme's colours."""
    style: Fields = {
        "height": height,
        "margin": {"l": _MARGIN, "r": _MARGIN, "t": margin_top, "b": _MARGIN},
        "font": {"family": FONT, "size": 13},
        "hoverlabel": {"font": {"family": FONT}},
        "showlegend": False,
        "dragmode": False,
        "xaxis": {"fixedrange": True} | (xaxis or {}),
        "yaxis": {"fixedrange": True} | (yaxis or {}),
    }
    return PlainFigure([_escape_trace(trace) for trace in traces], style | layout)


def zoomable(
    *traces: Fields, height: int, xaxis: Fields | None = None, yaxis: Fields | None = None, **layout: Any
) -> PlainFigure:
    """Returns the figure in our style, zoomable by dragging."""
    return styled(
        *traces,
        height=height,
        xaxis={"fixedrange": False} | (xaxis or {}),
        yaxis={"fixedrange": False} | (yaxis or {}),
        margin_top=_TOOL_BAR,
        **{"dragmode": "zoom"} | layout,
    )


def titled(title: str) -> Fields:
    """Returns the title field of an axis."""
    return {"title": {"text": chart_text(title)}}


def chart_text(text: str) -> str:
    """Escapes a name or a value for Plotly, which interprets HTML, and `%{x}` in hover templates."""
    return html.escape(text, quote=False).replace("%{", "&#37;{")


def _escape_trace(trace: Fields) -> Fields:
    """Returns the trace with its names and values escaped."""
    return trace | {
        field: _escape(trace[field]) for field in ("name", "x", "y", "text", "customdata") if field in trace
    }


def _escape(value: Any) -> Any:
    if isinstance(value, str):
        return chart_text(value)
    return list(map(_escape, value)) if isinstance(value, list) and value and isinstance(value[0], str) else value
