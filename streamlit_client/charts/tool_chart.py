"""Draws the table of a tool as the chart that the tool suggests."""

from collections.abc import Sequence

import pandas as pd

from streamlit_client import texts_chat
from streamlit_client.backend.contract_datasets import Chart, Scalar, Table
from streamlit_client.charts.axes import (
    category_axis,
    colour_scale,
    names_height,
    number_axis,
    number_format,
    number_texts,
    thinned,
)
from streamlit_client.charts.categories import named_column
from streamlit_client.charts.group_charts import Grouped, group_chart
from streamlit_client.charts.style import BLUES, Fields, PlainFigure, chart_text, zoomable
from streamlit_client.theme import NEUTRAL

_MOST_BARS = 40
_LONGEST_BELOW = 6
"""Most characters of a name below its bar; with longer ones the bars are horizontal."""


def table_frame(table: Table) -> pd.DataFrame:
    """Returns a table as a frame; columns with any text are converted to text."""
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in table.columns)
    return pd.DataFrame(dict(zip(table.columns, map(_unify_types, columns), strict=True)))


def _unify_types(cells: Sequence[Scalar]) -> list[Scalar]:
    if not any(isinstance(cell, str) for cell in cells):
        return list(cells)
    return [cell if cell is None else str(cell) for cell in cells]


def tool_chart(table: Table, chart: Chart) -> PlainFigure | None:
    """Returns the figure; None for a map, or if the table lacks what the chart names."""
    frame = table_frame(table)
    if frame.empty or chart.x not in frame.columns:
        return None
    match chart.kind:
        case "bar" | "line" | "heatmap" if chart.series in frame.columns and chart.y in frame.columns:
            return _by_series(frame, chart)
        case "heatmap":
            return _heatmap(frame, chart.x)
        case "bar" | "line" if chart.y in frame.columns:
            return _bars_or_line(frame, chart)
        case "box" if chart.y in frame.columns:
            return _box(frame, chart)
    return None


def _by_series(frame: pd.DataFrame, chart: Chart) -> PlainFigure:
    names = chart.x, chart.series
    cells = [frame[name].tolist() for name in names]
    values = [None if pd.isna(value) else value for value in pd.to_numeric(frame[chart.y], errors="coerce").tolist()]
    return group_chart(chart.kind, Grouped([*map(named_column, names)], cells, values, chart.y))


def _bars_or_line(frame: pd.DataFrame, chart: Chart) -> PlainFigure:
    if chart.kind == "bar":
        frame = frame[:_MOST_BARS]
    labels = _labels(frame[chart.x])
    heights = pd.to_numeric(frame[chart.y], errors="coerce").tolist()
    names, numbers = category_axis(labels, chart.x), number_axis(heights, chart.y)
    texts = [f"{chart_text(label)}: {text}" for label, text in zip(labels, number_texts(heights), strict=True)]
    trace: Fields = {"hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}
    if chart.kind == "bar":
        trace |= {"type": "bar", "marker": {"color": NEUTRAL}}
    else:
        trace |= {"type": "scatter", "mode": "lines+markers", "line": {"color": NEUTRAL}}
    if chart.kind == "bar" and max(map(len, labels)) > _LONGEST_BELOW:
        lying = {"orientation": "h", "x": heights, "y": labels}
        return zoomable(
            trace | lying, height=names_height(names), xaxis=numbers, yaxis=names | {"autorange": "reversed"}
        )
    return zoomable(trace | {"x": labels, "y": heights}, height=320, xaxis=thinned(names), yaxis=numbers)


def _heatmap(frame: pd.DataFrame, x: str) -> PlainFigure:
    columns = [name for name in frame.columns if name != x]
    numbers = frame[columns].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=float("nan"))
    across, down = [str(name) for name in columns], _labels(frame[x])
    trace = {
        "type": "heatmap",
        "z": numbers.tolist(),
        "x": across,
        "y": down,
        "hovertext": [[chart_text(f"{row} · {column}") for column in across] for row in down],
        "hovertemplate": f"%{{hovertext}}: %{{z:{number_format(numbers.ravel())}}}<extra></extra>",
        "colorscale": BLUES,
        "colorbar": colour_scale(numbers.ravel()),
    }
    names = category_axis(down)
    return zoomable(
        trace,
        height=max(280, names_height(names)),
        xaxis=thinned(category_axis(across)),
        yaxis=names | {"autorange": "reversed"},
    )


def _box(frame: pd.DataFrame, chart: Chart) -> PlainFigure | None:
    values = dict(zip(frame[chart.x].astype(str), pd.to_numeric(frame[chart.y], errors="coerce"), strict=True))
    if not all(name in values and pd.notna(values[name]) for name in texts_chat.QUARTILES):
        return None
    least, low, middle, high, most = (float(values[name]) for name in texts_chat.QUARTILES)
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
    return zoomable(box, height=220, xaxis=number_axis([least, low, middle, high, most], ""))


def _labels(values: pd.Series) -> list[str]:
    """Returns values as names; integers that became floats are integers again."""
    return [f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value) for value in values]
