"""Measures of the groups of rows."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import Cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.narrow import narrow
from dataset_service.analysis.result import Chart, Table
from dataset_service.analysis.wording import COUNT, basis_text, paragraphs, table_text
from servicekit.errors import ToolRefused
from servicekit.question import Measure, Question

_USUAL_GROUPS = 200


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Measures by group: a row of the table for each combination."""

    text: str
    table: Table
    chart: Chart | None
    code: str
    rows_matched: int
    rows_used: int
    rows_missing: int


def aggregate(frame: Frame, question: Question) -> Aggregate:
    """Returns the measures that a question asks for. Raises `ToolRefused`."""
    measures = question.measures or (Measure(),)
    named = [*question.groups, *(name for one in measures for name in (one.column, one.per) if name)]
    asked = narrow(frame, question, named, question.search)
    groups = [column_of(asked.frame, name) for name in question.groups]
    data = pd.DataFrame({group.name: group.to_pandas() for group in groups}, index=range(asked.frame.rows)).dropna()
    by = data.groupby([group.name for group in groups]) if groups else None
    if by is None or any(one.measure != "count" for one in measures):
        raise ToolRefused("아직 건수만 셀 수 있습니다.", field="measures[0]")
    counts: Any = by.size().sort_values(ascending=False, kind="stable").reset_index(name=COUNT)
    rows: list[tuple[Cell, ...]] = [tuple(row) for row in counts.astype(object).to_numpy().tolist()]
    headers = (*(group.name for group in groups), COUNT)
    table = Table.of(headers, rows[: question.limit or _USUAL_GROUPS], len(rows))
    used = len(data)
    return Aggregate(
        paragraphs(table_text(table), basis_text(frame.rows, used, asked.frame.rows - used)),
        table,
        Chart("bar", headers[0], COUNT),
        "",
        asked.frame.rows,
        used,
        asked.frame.rows - used,
    )
