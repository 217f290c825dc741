"""What every chart and every heading of the page must bring along, and where its Korean is."""

import ast
import re
from collections.abc import Iterator

from tests.real_servers import REPOSITORY
from tests.rules.repository import committed

HEADINGS = {"title", "header", "subheader"}


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Yields the calls of Streamlit's functions of these names, each with the file it is in."""
    for path in committed():
        if path.parts[0] == "streamlit_client" and path.suffix == ".py":
            for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                    yield str(path), node


def test_charts_are_drawn_in_one_place_which_adds_their_values() -> None:
    assert {path for path, _ in calls("plotly_chart")} == {"streamlit_client/parts/chart.py"}


def test_headings_are_no_links() -> None:
    without = [path for path, call in calls(*HEADINGS) if "anchor" not in {word.arg for word in call.keywords}]
    assert without == []


def test_korean_that_people_read_is_in_the_texts() -> None:
    shown = [
        path for path in committed() if path.parts[0] == "streamlit_client" and path.suffix in (".js", ".css", ".html")
    ]
    assert shown
    assert [str(path) for path in shown if re.search("[가-힣]", (REPOSITORY / path).read_text(encoding="utf-8"))] == []
