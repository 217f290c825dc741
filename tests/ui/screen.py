"""What a person sees of a page."""

from typing import Any

import orjson
from streamlit.testing.v1 import AppTest


def texts_of(at: AppTest) -> str:
    """Returns all sentences on the page."""
    headings = (*at.title, *at.header, *at.subheader)
    elements = (*headings, *at.error, *at.warning, *at.info, *at.success, *at.markdown, *at.caption, *at.text)
    return "\n".join(str(element.value) for element in elements)


def metrics_of(at: AppTest) -> dict[str, str]:
    """Returns the figures by their labels."""
    return {metric.label: str(metric.value) for metric in at.metric}


def chart_of(at: AppTest, key: str) -> list[dict[str, Any]]:
    """Returns the traces of the chart with that key."""
    (chart,) = (chart for chart in at.get("plotly_chart") if chart.key == key)
    traces: list[dict[str, Any]] = orjson.loads(chart.proto.spec)["data"]
    return traces


def keys_of(at: AppTest) -> set[str]:
    """Returns the keys of the buttons a person can press."""
    return {str(button.key) for button in (*at.button, *at.get("download_button")) if not button.proto.disabled}
