"""docs/performance.md, written from the latest results of the benchmarks."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.benchmarks.processes import REPOSITORY

PAGE = REPOSITORY / "docs" / "performance.md"
BENCHMARKS = (
    "predict",
    "page-load",
    "page-load-mixed",
    "visit",
    "data",
    "pollution",
    "chat",
    "grow",
    "replicas",
    "rolling",
    "start",
)
_HEAD = """# Performance

<!-- Made by ./scripts/bench page from results; run the benchmarks again instead of editing it. -->

What was measured, and under which conditions. Each section is measured again by the command under its title, and
`./scripts/bench page` writes it here. Designs that are compared ran side by side in one run, in turns, because the
speed of a machine drifts: trust the ratios more than the times.
"""
_COMMAND = re.compile(r"^`\./scripts/bench ([^`]+)`$", re.MULTILINE)


def write(results: Path, page: Path = PAGE) -> Path:
    """Writes the page and returns its path. A benchmark without a new result keeps its section, if it has one."""
    sections = _sections(page.read_text("utf-8")) if page.exists() else {}
    for benchmark in BENCHMARKS:
        path = results / f"{benchmark}.json"
        if path.exists():
            lines = _section(_command(benchmark), json.loads(path.read_text("utf-8")))
            sections[_command(benchmark)] = "\n".join(lines)
    known = [sections[command] for command in map(_command, BENCHMARKS) if command in sections]
    page.write_text("\n".join([_HEAD, *known]), "utf-8")
    return page


def _command(benchmark: str) -> str:
    return benchmark.replace("-mixed", " --mixed")


def _sections(page: str) -> dict[str, str]:
    """Returns the sections of a page by their commands."""
    _, *sections = re.split("^(?=## )", page, flags=re.MULTILINE)
    return {found[1]: section.rstrip("\n") + "\n" for section in sections if (found := _COMMAND.search(section))}


def _section(command: str, result: dict[str, Any]) -> Iterator[str]:
    yield f"## {result['title']}\n"
    yield f"`./scripts/bench {command}`\n"
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
