"""The values of a chart as a table, for people who cannot see it or want the numbers."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from streamlit_client import texts
from streamlit_client.charts.group_charts import CELLS
from streamlit_client.charts.style import Fields, PlainFigure

_BOX = ("lowerfence", "q1", "median", "q3", "upperfence")
_DIGITS = 6


def chart_values(figure: PlainFigure) -> pd.DataFrame:
    """Returns a row for each mark of a chart, with columns named after the axes; reference lines are left out."""
    fields = figure.to_dict()
    traces = [
        trace
        for trace in fields["data"]
        if trace["type"] == "bar" or (trace.get("hoverinfo") != "skip" and trace.get("meta") != CELLS)
    ]
    axes = [_title(fields["layout"].get(name)) for name in ("xaxis", "yaxis")]
    tables = [_table(trace, *axes) for trace in traces]
    if len(tables) > 1:
        for trace, table in zip(traces, tables, strict=True):
            table.insert(0, texts.CHART_GROUP, trace.get("name", ""))
    return pd.concat(tables, ignore_index=True).round(_DIGITS)


def _title(axis: Fields | None) -> str:
    title = (axis or {}).get("title") or {}
    return str(title.get("text") or "")


def _table(trace: Fields, x: str, y: str) -> pd.DataFrame:
    if trace["type"] == "heatmap":
        table = pd.DataFrame(trace["z"], columns=list(trace["x"]))
        table.insert(0, texts.CHART_PLACE, list(trace["y"]))
        return table
    if trace["type"] == "box":
        return pd.DataFrame({word: trace[name] for word, name in zip(texts.CHART_BOX, _BOX, strict=True)})
    if trace.get("orientation") == "h":
        return pd.DataFrame({texts.CHART_PLACE: trace["y"], x or texts.CHART_VALUE: trace.get("text", trace["x"])})
    return pd.DataFrame({x or texts.CHART_PLACE: _places(trace), y or texts.CHART_VALUE: trace["y"]})


def _places(trace: Fields) -> Sequence[Any]:
    """Returns the positions of the marks; for bars of a histogram, their ranges."""
    if "width" not in trace:
        return list(trace["x"])
    if "hovertext" in trace:
        return list(trace["hovertext"])
    halves = [width / 2 for width in trace["width"]]
    return [
        texts.CHART_SPAN.format(low=place - half, high=place + half)
        for place, half in zip(trace["x"], halves, strict=True)
    ]
