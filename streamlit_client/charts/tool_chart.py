"""Draws the table of a tool as the tool says it shows best."""

from collections.abc import Sequence

import pandas as pd

from streamlit_client import texts_chat as words
from streamlit_client.charts.style import BLUES, PlainFigure, titled, zoomable
from streamlit_client.contract_datasets import Chart, Scalar, Table
from streamlit_client.theme import NEUTRAL

_MOST_BARS = 40


def table_frame(table: Table) -> pd.DataFrame:
    """Returns a table as a frame; a column that holds any text holds text alone."""
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in table.columns)
    return pd.DataFrame(dict(zip(table.columns, map(_of_one_kind, columns), strict=True)))


def _of_one_kind(cells: Sequence[Scalar]) -> list[Scalar]:
    if not any(isinstance(cell, str) for cell in cells):
        return list(cells)
    return [cell if cell is None else str(cell) for cell in cells]


def tool_chart(table: Table, chart: Chart) -> PlainFigure | None:
    """Returns the figure; None where the table does not hold what the chart names, or for a map."""
    frame = table_frame(table)
    if frame.empty or chart.x not in frame.columns:
        return None
    match chart.kind:
        case "heatmap":
            return _heatmap(frame, chart.x)
        case "bar" | "line" if chart.y in frame.columns:
            return _bars_or_line(frame, chart)
        case "box" if chart.y in frame.columns:
            return _box(frame, chart)
    return None


def _bars_or_line(frame: pd.DataFrame, chart: Chart) -> PlainFigure:
    places = [str(value) for value in frame[chart.x]]
    heights = pd.to_numeric(frame[chart.y], errors="coerce").tolist()
    if chart.kind == "line":
        trace = {"type": "scatter", "x": places, "y": heights, "mode": "lines+markers", "line": {"color": NEUTRAL}}
    else:
        trace = {"type": "bar", "x": places[:_MOST_BARS], "y": heights[:_MOST_BARS], "marker": {"color": NEUTRAL}}
    return zoomable(trace, height=320, xaxis={"type": "category"} | titled(chart.x), yaxis=titled(chart.y))


def _heatmap(frame: pd.DataFrame, x: str) -> PlainFigure:
    columns = [name for name in frame.columns if name != x]
    numbers = frame[columns].apply(pd.to_numeric, errors="coerce")
    trace = {
        "type": "heatmap",
        "z": numbers.to_numpy(dtype=float, na_value=float("nan")).tolist(),
        "x": [str(name) for name in columns],
        "y": [str(value) for value in frame[x]],
        "colorscale": BLUES,
    }
    return zoomable(
        trace,
        height=max(280, 60 + 24 * len(frame)),
        xaxis={"type": "category"},
        yaxis={"type": "category", "autorange": "reversed", "automargin": True},
    )


def _box(frame: pd.DataFrame, chart: Chart) -> PlainFigure | None:
    values = dict(zip(frame[chart.x].astype(str), pd.to_numeric(frame[chart.y], errors="coerce"), strict=True))
    if not all(name in values and pd.notna(values[name]) for name in words.QUARTILES):
        return None
    least, low, middle, high, most = (float(values[name]) for name in words.QUARTILES)
    box = {
        "type": "box",
        "name": "",
        "orientation": "h",
        "marker": {"color": NEUTRAL},
        "lowerfence": [least],
        "q1": [low],
        "median": [middle],
        "q3": [high],
        "upperfence": [most],
    }
    return zoomable(box, height=220)
