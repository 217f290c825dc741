"""The analyses of a dataset: service time of each on a small and on a large frame, in this process."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dataset_service.analysis import run as run_tool
from dataset_service.analysis.frames import Frame
from scripts.benchmarks.frames import large_frame
from scripts.benchmarks.result import Goal, Table

COLUMNS = 28
LIMITS_MS = {15_000: 5.0, 400_000: 100.0}
"""Limit of the service time by number of rows, for repeated calls on a frame."""
_OFTEN_MS = 20.0
"""Limit that most tools stay below on the largest frame."""
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
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
"""Every tool at least once, with its most expensive arguments."""


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


def measure(rounds: int) -> list[Timing]:
    """Runs every call on every frame, one after the other in this thread."""
    return [timing for rows in LIMITS_MS for timing in _timings(rows, rounds)]


def tables(timings: list[Timing]) -> list[Table]:
    """Returns the results, one table per size."""
    return [_table(rows, timings) for rows in LIMITS_MS]


def _timings(rows: int, rounds: int) -> Iterator[Timing]:
    for tool, arguments in CALLS:
        frame = large_frame(rows, COLUMNS)
        first, first_processor = _milliseconds(tool, frame, arguments)
        after = [_milliseconds(tool, frame, arguments) for _ in range(rounds)]
        median, processor = (statistics.median(times) for times in zip(*after, strict=True))
        yield Timing(tool, arguments, rows, first, median, first_processor, processor)


def _milliseconds(tool: str, frame: Frame, arguments: dict[str, Any]) -> tuple[float, float]:
    """Returns wall time and CPU time of a call, which runs in one thread."""
    started, started_processor = time.perf_counter(), time.thread_time()
    run_tool(tool, frame, arguments)
    elapsed = time.perf_counter() - started, time.thread_time() - started_processor
    return round(elapsed[0] * 1000, 3), round(elapsed[1] * 1000, 3)


def _table(rows: int, timings: list[Timing]) -> Table:
    lines = [
        (
            timing.tool,
            ", ".join(map(str, timing.arguments.values())),
            *(
                f"{value:.1f}"
                for value in (timing.first_ms, timing.median_ms, timing.first_processor_ms, timing.processor_ms)
            ),
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
        measured = f"{slowest.processor_ms:.1f} ms ({slowest.tool})"
        promised.append(
            Goal(f"slowest tool, {rows:,} rows", f"<= {limit:g} ms", measured, slowest.processor_ms <= limit)
        )
    largest = [timing.processor_ms for timing in timings if timing.rows == max(LIMITS_MS)]
    share = sum(time_ms <= _OFTEN_MS for time_ms in largest) / len(largest)
    name = f"calls within {_OFTEN_MS:g} ms, {max(LIMITS_MS):,} rows"
    promised.append(Goal(name, ">= 75 %", f"{share:.0%}", share >= 0.75))
    return promised
