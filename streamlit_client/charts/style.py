"""What all charts have in common: they are plain data, in our style."""

import html
from typing import Any

from plotly.basedatatypes import BaseFigure
from plotly.colors import make_colorscale, sequential

from streamlit_client.theme import FONT

Fields = dict[str, Any]

# No tool bar: these charts are read, not edited.
CONFIG: Fields = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}
# What charts of a person's own data get besides: they are explored, so that zoom and save are at hand.
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
    """A figure as the fields plotly.js takes; `st.plotly_chart` sends them as they are.

    Plotly's own figures check and copy every field of every drawing, which takes a hundred times as long as the rest.
    The fields of ours are checked by the tests. Plotly's short forms are not understood: `{"title": {"text": ...}}`.
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
    """Returns the figure in our font, transparent, without legend. Text and grid colours are the theme's."""
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
    return PlainFigure([_as_written(trace) for trace in traces], style | layout)


def zoomable(
    *traces: Fields, height: int, xaxis: Fields | None = None, yaxis: Fields | None = None, **layout: Any
) -> PlainFigure:
    """Returns the figure in our style, to be zoomed by dragging."""
    return styled(
        *traces,
        height=height,
        xaxis={"fixedrange": False} | (xaxis or {}),
        yaxis={"fixedrange": False} | (yaxis or {}),
        margin_top=_TOOL_BAR,
        **{"dragmode": "zoom"} | layout,
    )


def titled(title: str) -> Fields:
    """Returns the field of an axis that gives it a title."""
    return {"title": {"text": chart_text(title)}}


def chart_text(text: str) -> str:
    """Returns a name or a value as Plotly shows it unchanged: it reads HTML, and in hover templates `%{x}`."""
    return html.escape(text, quote=False).replace("%{", "&#37;{")


def _as_written(trace: Fields) -> Fields:
    """Returns the trace with the names and values that it shows, as they are."""
    return trace | {field: _shown(trace[field]) for field in ("name", "x", "y", "text", "customdata") if field in trace}


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return chart_text(value)
    return list(map(_shown, value)) if isinstance(value, list) and value and isinstance(value[0], str) else value
