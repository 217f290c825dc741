"""The naive analysis for comparison: a line of pandas on the result of `read_csv`."""

import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import pyarrow.csv as pa_csv

from dataset_service.analysis import run as run_tool
from dataset_service.analysis.frames import Frame
from scripts.benchmarks.frames import large_table
from scripts.benchmarks.result import Table

_PLAIN: tuple[tuple[str, dict[str, Any], Callable[[pd.DataFrame], Any]], ...] = (
    ("get_missing_values", {}, lambda frame: frame.isna().sum()),
    ("get_value_counts", {"column": "분류 2"}, lambda frame: frame["분류 2"].value_counts()),
    ("get_correlation", {}, lambda frame: frame.corr(numeric_only=True)),
    (
        "group_by_aggregate",
        {"group_column": "분류 5", "agg_column": "정수 2", "operation": "mean"},
        lambda frame: frame.groupby("분류 5")["정수 2"].mean(),
    ),
    (
        "cross_tabulation",
        {"row_column": "요일", "col_column": "분류 3"},
        lambda frame: pd.crosstab(frame["요일"], frame["분류 3"]),
    ),
    ("get_column_statistics", {"column": "실수 22"}, lambda frame: frame["실수 22"].describe()),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One analysis: medians in milliseconds, ours including its text, and plain pandas without."""

    tool: str
    ours_ms: float
    plain_ms: float


def compare(rows: int, rounds: int) -> list[Comparison]:
    """Measures both alternately, on the same values, after a warm-up."""
    table = large_table(rows)
    frame, plain = Frame(table), _as_read(table)
    found = []
    for tool, arguments, line in _PLAIN:
        ours, theirs = [], []
        for _ in range(rounds + 1):
            ours.append(_milliseconds(partial(run_tool, tool, frame, arguments)))
            theirs.append(_milliseconds(partial(line, plain)))
        found.append(Comparison(tool, statistics.median(ours[1:]), statistics.median(theirs[1:])))
    return found


def table(comparisons: list[Comparison], rows: int) -> Table:
    """Returns the comparisons as ratios."""
    return Table(
        f"Beside a line of pandas, {rows:,} rows, ms",
        ("tool", "ours", "plain", "plain / ours"),
        [(it.tool, f"{it.ours_ms:.1f}", f"{it.plain_ms:.1f}", f"{it.plain_ms / it.ours_ms:.1f}") for it in comparisons],
    )


def _as_read(table: Any) -> pd.DataFrame:
    out = io.BytesIO()
    pa_csv.write_csv(table, out)
    return pd.read_csv(io.BytesIO(out.getvalue()))


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
