"""The result of an analysis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from dataset_service.analysis.frame.column import Cell
from servicekit.question import Question

ChartKind = Literal["bar", "line", "heatmap", "box", "map"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, truncated if too long; `total_rows` includes the omitted rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int

    @classmethod
    def of(cls, columns: Sequence[str], rows: Sequence[Sequence[Cell]], total_rows: int | None = None) -> "Table":
        """Returns a table of these rows; without `total_rows` it is complete."""
        return cls(tuple(columns), tuple(map(tuple, rows)), len(rows) if total_rows is None else total_rows)


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw the table: the column on each axis.

    `y` is empty for a heatmap, whose columns after the first are drawn. A box is drawn from the rows 최소, 25%, 중앙값,
    75% and 최대 of `x`. With `series`, the table has a row for each pair: a line, a group of bars or a column of the
    heatmap for each value of that column.
    """

    kind: ChartKind
    x: str
    y: str = ""
    series: str = ""


def asking(**parts: Any) -> Question:
    """Returns the question with these parts; without them if a column has a name that a question cannot hold."""
    try:
        return Question(**parts)
    except ValidationError:
        return Question()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of one analysis.

    `text` is short Korean Markdown. `code` is pandas code that leaves the same table in `result` when run on the frame
    `df`. It is based on `rows_used` rows of the frame; `rows_missing` were left out because a value was missing.
    `question` shows the same rows or groups.
    """

    text: str
    table: Table
    chart: Chart | None = field(default=None, kw_only=True)
    code: str = field(kw_only=True)
    rows_used: int = field(kw_only=True)
    rows_missing: int = field(default=0, kw_only=True)
    question: Question | None = field(default=None, kw_only=True)
