"""docs/performance.md, written from the latest results of the benchmarks."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.benchmarks.processes import REPOSITORY

PAGE = REPOSITORY / "docs" / "performance.md"
BENCHMARKS = ("predict", "page-load", "visit", "data", "pollution", "chat", "start")
_HEAD = """# Performance

<!-- Made by ./scripts/bench page from results; run the benchmarks again instead of editing it. -->

What was measured, and under which conditions. `./scripts/bench predict`, `page-load`, `visit`, `data`, `pollution`,
`chat` and `start` measure it again, and `./scripts/bench page` writes this page. Designs that are compared ran side by
side in one run, in turns, because the speed of a machine drifts: trust the ratios more than the times.
"""


class ResultMissing(Exception):
    """A benchmark has no result; the message says which."""


def write(results: Path, page: Path = PAGE) -> Path:
    """Writes the page and returns its path. Raises `ResultMissing`."""
    measured = []
    for benchmark in BENCHMARKS:
        path = results / f"{benchmark}.json"
        if not path.exists():
            raise ResultMissing(f"There is no {path}. Run ./scripts/bench {benchmark} first.")
        measured.append(json.loads(path.read_text("utf-8")))
    page.write_text("\n".join([_HEAD, *(line for result in measured for line in _section(result))]), "utf-8")
    return page


def _section(result: dict[str, Any]) -> Iterator[str]:
    yield f"## {result['title']}\n"
    yield from (f"- {sentence}" for sentence in result["method"])
    yield ""
    for table in result["tables"]:
        yield f"### {table['title']}\n"
        yield from _rows(table["columns"], table["rows"])
    yield "### Goals\n"
    goals = [
        (goal["name"], goal["goal"], goal["measured"], "met" if goal["is_met"] else "**missed**")
        for goal in result["goals"]
    ]
    yield from _rows(("what", "goal", "measured", ""), goals)
    yield f"### Conditions of {result['taken_at']}\n"
    yield from (f"- {name}: {value}" for name, value in result["conditions"].items())
    yield ""


def _rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'|'.join(['---'] + ['---:'] * (len(columns) - 1))}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""
