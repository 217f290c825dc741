"""The analyses of a dataset, in this process: service time of each on a small and on a large frame, and of some beside
a line of pandas on the result of `read_csv`.
"""

import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.csv as pa_csv

from dataset_service.analysis import catalogue
from dataset_service.analysis import run as run_tool
from dataset_service.analysis.catalogue import Tool
from dataset_service.analysis.frame.frames import Frame
from scripts.benchmarks.frames import large_frame, large_table
from scripts.benchmarks.result import Goal, Table, at_least, at_most

COLUMNS = 28
LIMITS_MS = {15_000: 5.0, 400_000: 100.0}
"""Limit of the service time by number of rows, for repeated calls on a frame."""
_OFTEN_MS = 20.0
"""Limit that most tools stay below on the largest frame."""
_EXPENSIVE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("get_dataframe_info", {}),
    ("get_missing_values", {}),
    ("detect_data_types", {}),
    ("get_column_statistics", {"column": "실수 22"}),
    ("get_column_statistics", {"column": "연령"}),
    ("get_value_counts", {"column": "분류 2"}),
    ("get_value_counts", {"column": "관리번호"}),
    ("filter_dataframe", {"column": "정수 3", "operator": ">=", "value": "500"}),
    ("filter_dataframe", {"column": "관리번호", "operator": "contains", "value": "999"}),
    ("filter_dataframe", {"column": "사고일시", "operator": "==", "value": "2015-03"}),
    ("sort_dataframe", {"column": "정수 5", "ascending": False}),
    ("sort_dataframe", {"column": "관리번호"}),
    ("get_unique_values", {"column": "분류 5"}),
    ("get_sample_rows", {"n": 5, "column": "분류 2", "value": "값 000001"}),
    ("get_correlation", {}),
    ("group_by_aggregate", {"group_column": "분류 5", "agg_column": "정수 2", "operation": "mean"}),
    ("group_by_aggregate", {"group_column": "분류 5", "agg_column": "정수 2", "operation": "median"}),
    ("group_by_aggregate", {"group_column": "관리번호", "agg_column": "실수 22", "operation": "mean"}),
    ("calculate_percentile", {"column": "실수 22", "percentile": 90}),
    ("get_outliers", {"column": "실수 22"}),
    ("cross_tabulation", {"row_column": "요일", "col_column": "분류 3"}),
    ("cross_tabulation", {"row_column": "관리번호", "col_column": "사고번호"}),
    ("get_column_correlation_with_target", {"target_column": "위도"}),
    ("get_date_range", {"column": "사고일시"}),
    ("get_temporal_pattern", {"column": "사고일시"}),
    ("get_geo_bounds", {}),
    ("analyze_missing_pattern", {"column": "분류 1"}),
    ("summarize_categorical_distribution", {"column": "분류 5"}),
)
"""Tools with their most expensive arguments."""
_COLUMN_FOR = {"number": "정수 3", "date": "사고일시"}


def _simplest_call(tool: Tool) -> tuple[str, dict[str, Any]]:
    column = next((name for kind, name in _COLUMN_FOR.items() if kind in tool.needs), "분류 2")
    return tool.name, dict.fromkeys(tool.schema().get("required", ()), column)


_NAMES = {name for name, _ in _EXPENSIVE}
CALLS = (*_EXPENSIVE, *(_simplest_call(tool) for tool in catalogue() if tool.name not in _NAMES))
"""Every tool at least once; one that is not listed above gets a column for each required argument."""

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
class Timing:
    """One call on one frame, in milliseconds: on a fresh frame, and the median of the calls after it.

    `processor_ms` is the CPU time of the latter, which a busy machine distorts less than wall time.
    """

    tool: str
    arguments: dict[str, Any]
    rows: int
    first_ms: float
    median_ms: float
    first_processor_ms: float
    processor_ms: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One analysis: medians in milliseconds, ours including its text, and plain pandas without."""

    tool: str
    ours_ms: float
    plain_ms: float


def measure(rounds: int) -> list[Timing]:
    """Runs every call on every frame, one after the other in this thread."""
    return [timing for rows in LIMITS_MS for timing in _timings(rows, rounds)]


def compare(rounds: int) -> list[Comparison]:
    """Measures ours and plain pandas alternately on the largest frame, after a warm-up."""
    values, out = large_table(max(LIMITS_MS)), io.BytesIO()
    pa_csv.write_csv(values, out)
    frame, plain = Frame(values), pd.read_csv(io.BytesIO(out.getvalue()))
    comparisons = []
    for tool, arguments, line in _PLAIN:
        ours, theirs = [], []
        for _ in range(rounds + 1):
            ours.append(milliseconds(run_tool, tool, frame, arguments)[0])
            theirs.append(milliseconds(line, plain)[0])
        comparisons.append(Comparison(tool, statistics.median(ours[1:]), statistics.median(theirs[1:])))
    return comparisons


def tables(timings: list[Timing], comparisons: list[Comparison]) -> list[Table]:
    """Returns the results, one table per size and one of the comparisons."""
    rows = [(it.tool, *map(_cell, (it.ours_ms, it.plain_ms, it.plain_ms / it.ours_ms))) for it in comparisons]
    title = f"Beside a line of pandas, {max(LIMITS_MS):,} rows, ms"
    beside = Table(title, ("tool", "ours", "plain", "plain / ours"), rows)
    return [*(_table(rows, timings) for rows in LIMITS_MS), beside]


def _cell(value: float) -> str:
    return f"{value:.1f}"


def _timings(rows: int, rounds: int) -> Iterator[Timing]:
    for tool, arguments in CALLS:
        frame = large_frame(rows, COLUMNS)
        first, first_processor = milliseconds(run_tool, tool, frame, arguments)
        after = [milliseconds(run_tool, tool, frame, arguments) for _ in range(rounds)]
        median, processor = (statistics.median(times) for times in zip(*after, strict=True))
        yield Timing(tool, arguments, rows, first, median, first_processor, processor)


def milliseconds(call: Callable[..., object], *arguments: Any) -> tuple[float, float]:
    """Returns wall time and CPU time of a call, which runs in one thread."""
    started, started_processor = time.perf_counter(), time.thread_time()
    call(*arguments)
    elapsed = time.perf_counter() - started, time.thread_time() - started_processor
    return round(elapsed[0] * 1000, 3), round(elapsed[1] * 1000, 3)


def _table(rows: int, timings: list[Timing]) -> Table:
    lines = [
        (
            timing.tool,
            ", ".join(map(str, timing.arguments.values())),
            *map(_cell, (timing.first_ms, timing.median_ms, timing.first_processor_ms, timing.processor_ms)),
        )
        for timing in timings
        if timing.rows == rows
    ]
    columns = ("tool", "arguments", "first", "then", "first, processor", "then, processor")
    return Table(f"{rows:,} rows x {COLUMNS} columns, ms", columns, lines)


def goals(timings: list[Timing]) -> list[Goal]:
    """Returns the goals of the analyses."""
    promised = []
    for rows, limit in LIMITS_MS.items():
        slowest = max((timing for timing in timings if timing.rows == rows), key=lambda timing: timing.processor_ms)
        name, note = f"slowest tool, {rows:,} rows", f" ({slowest.tool})"
        promised.append(at_most(name, limit, slowest.processor_ms, "ms", note=note))
    largest = [timing.processor_ms for timing in timings if timing.rows == max(LIMITS_MS)]
    share = sum(time_ms <= _OFTEN_MS for time_ms in largest) / len(largest)
    name = f"calls within {_OFTEN_MS:g} ms, {max(LIMITS_MS):,} rows"
    promised.append(at_least(name, 75, 100 * share, "%", 0))
    return promised
