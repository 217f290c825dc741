"""The rows that a question leaves, in its order."""

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.narrow import narrow
from dataset_service.analysis.question.sorting import sort_rows
from dataset_service.reading.columns.date_texts import finest_unit
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.table_file import DATE_UNIT
from servicekit.question import Question

MOST_ROWS = 1000
"""Most rows of an answer in JSON."""
_USUAL_ROWS = 100


class Rows(NamedTuple):
    """Rows of a table; `total` includes those before and behind, `next_offset` is None at the end."""

    table: pa.Table
    total: int
    next_offset: int | None


def find_rows(frame: Frame, question: Question, offset: int) -> Rows:
    """Returns the columns and rows that a question asks for, from `offset` on. Raises `ToolRefused`.

    Without columns these are all of the dataset and those that the question defines. Of a sample, the rows are spread
    evenly over all in their order.
    """
    paths = {one.column: f"sort[{place}].column" for place, one in enumerate(question.sort)}
    paths |= {name: f"columns[{place}]" for place, name in enumerate(question.columns)}
    asked = narrow(frame, question, paths, question.search)
    total = asked.frame.rows
    found = total if question.sample is None else min(question.sample, total)
    usual = question.sample or _USUAL_ROWS
    limit = (usual if question.limit is None else question.limit) or found
    start, end = min(offset, found), min(offset + limit, found)
    sorts = [(column_of(asked.whole, one.column), one.descending) for one in question.sort]
    if sorts:
        rows = sort_rows(asked.whole, sorts, asked.rows, end if question.sample is None else None)
    else:
        rows = np.arange(total) if asked.rows is None else asked.rows
    if question.sample is not None:
        rows = rows[np.linspace(0, total - 1, found).astype(np.int64)]
    named = [column_of(asked.whole, name).name for name in question.columns]
    names = dict.fromkeys(named or [*frame.columns, *(one.name for one in question.define)])
    return Rows(_table(asked.whole, rows[start:end], list(names)), total, end if end < found else None)


def _table(frame: Frame, rows: npt.NDArray[np.int64], names: list[str]) -> pa.Table:
    """Returns rows as a table whose fields tell how the columns were read, and how precise their dates are."""
    fields, selected = [], frame.select(rows)
    for column in (frame.columns[name] for name in names):
        told: dict[str | bytes, str] = {part: str(value) for part, value in column.reading.chosen.items()}
        if column.kind is ColumnKind.DATE:
            told[DATE_UNIT] = frame.once(("finest unit", column), partial(finest_unit, column.array))
        fields.append(pa.field(column.name, column.array.type, metadata=told))
    return pa.table([selected.columns[name].array for name in names], pa.schema(fields))
