"""Questions put to a frame, in this process: rows, values of columns and measures by group, beside plain pandas."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from scripts.benchmarks.analyses import COLUMNS, milliseconds
from scripts.benchmarks.frames import large_frame
from scripts.benchmarks.result import Goal, Table, at_most
from servicekit.question import Question

LIMITS_MS = {15_000: 5.0, 400_000: 40.0}
"""Limit of the service time by number of rows, for repeated calls on a frame."""
_NIGHT = [22, 23, 0, 1, 2, 3, 4, 5]
_TEXTS, _LEAST = ["값 000001", "값 000004"], 300
_WHERE = [
    {"column": "분류 3", "value": _TEXTS},
    {"column": "정수 3", "operator": ">=", "value": _LEAST},
    {"column": "사고일시:시", "value": _NIGHT},
]
_FACETS = ["요일", "야간", "연령", *(f"분류 {number}" for number in range(7)), "정수 0", "정수 1"]
_MEASURES = [
    {"measure": "count"},
    {"measure": "mean", "column": "실수 22"},
    {"measure": "percentile", "column": "실수 22", "percentile": 90},
]
_BY_MONTH = {"groups": ["사고일시:연월", "분류 4"], "measures": _MEASURES}


def _question(call: Callable[..., Any], *more: Any, **parts: Any) -> Callable[[Frame], Any]:
    question = Question.model_validate(parts)
    return lambda frame: call(frame, question, *more)


QUESTIONS: Mapping[str, Callable[[Frame], Any]] = {
    "100 newest rows": _question(find_rows, 0, sort=[{"column": "사고일시", "descending": True}]),
    "100 newest rows, 3 conditions": _question(
        find_rows, 0, where=_WHERE, sort=[{"column": "사고일시", "descending": True}]
    ),
    "values of 12 columns": _question(count_facets, columns=_FACETS),
    "values of 12 columns, 3 conditions": _question(count_facets, columns=_FACETS, where=_WHERE),
    "month x text, 3 measures": _question(aggregate, **_BY_MONTH),
    "month x text, 3 measures, 3 conditions": _question(aggregate, **_BY_MONTH, where=_WHERE),
}


def _pandas_where(frame: pd.DataFrame) -> Any:
    is_night = frame["사고일시"].dt.hour.isin(_NIGHT)
    return frame[frame["분류 3"].isin(_TEXTS) & (frame["정수 3"] >= _LEAST) & is_night]


def _pandas_newest(frame: pd.DataFrame) -> object:
    return frame.sort_values("사고일시", ascending=False, kind="stable").head(100)


def _pandas_values(frame: pd.DataFrame) -> object:
    return [frame[name].value_counts() for name in _FACETS]


def _pandas_measures(frame: pd.DataFrame) -> object:
    by = frame.groupby([frame["사고일시"].dt.to_period("M"), frame["분류 4"]])["실수 22"]
    return by.size(), by.mean(), by.quantile(0.9)


_PANDAS: Mapping[str, Callable[[pd.DataFrame], object]] = {
    "100 newest rows": _pandas_newest,
    "100 newest rows, 3 conditions": lambda frame: _pandas_newest(_pandas_where(frame)),
    "values of 12 columns": _pandas_values,
    "values of 12 columns, 3 conditions": lambda frame: _pandas_values(_pandas_where(frame)),
    "month x text, 3 measures": _pandas_measures,
    "month x text, 3 measures, 3 conditions": lambda frame: _pandas_measures(_pandas_where(frame)),
}
METHOD = (
    f"Questions are answered in one thread on the same random accidents, {COLUMNS} columns, with their text and code."
    " First: on a fresh frame. Goals are held against processor time after it. pandas works on columns of the same"
    " values; it counts values under all conditions at once, where the facets leave out that of their own column.",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question on one frame, in milliseconds: wall time of the first call, and medians of those after it."""

    question: str
    rows: int
    first_ms: float
    median_ms: float
    processor_ms: float
    pandas_ms: float


def measure(rounds: int) -> list[Answered]:
    """Asks every question of every frame, ours and pandas in turn."""
    return [answered for rows in LIMITS_MS for answered in _answered(rows, rounds)]


def _answered(rows: int, rounds: int) -> Iterator[Answered]:
    for name, ask in QUESTIONS.items():
        frame = large_frame(rows, COLUMNS)
        plain = frame.to_pandas()
        first, _ = milliseconds(ask, frame)
        milliseconds(_PANDAS[name], plain)
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(milliseconds(ask, frame))
            theirs.append(milliseconds(_PANDAS[name], plain)[0])
        median, processor = (statistics.median(times) for times in zip(*ours, strict=True))
        yield Answered(name, rows, first, median, processor, statistics.median(theirs))


def tables(answered: list[Answered]) -> Iterator[Table]:
    """Yields a table for each size."""
    columns = ("question", "first", "then", "then, processor", "pandas", "pandas / ours")
    for rows in LIMITS_MS:
        lines = [(it.question, *(f"{value:.1f}" for value in _figures(it))) for it in answered if it.rows == rows]
        yield Table(f"Questions, {rows:,} rows x {COLUMNS} columns, ms", columns, lines)


def _figures(it: Answered) -> tuple[float, ...]:
    return it.first_ms, it.median_ms, it.processor_ms, it.pandas_ms, it.pandas_ms / it.median_ms


def goals(answered: list[Answered]) -> Iterator[Goal]:
    """Yields a goal for each size."""
    for rows, limit in LIMITS_MS.items():
        slowest = max((it for it in answered if it.rows == rows), key=lambda it: it.processor_ms)
        note = f" ({slowest.question})"
        yield at_most(f"slowest question, {rows:,} rows", limit, slowest.processor_ms, "ms", note=note)
