"""The rows that a question leaves, in its order."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.narrow import narrow
from servicekit.errors import ToolRefused
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
    """Returns the columns and rows that a question asks for, from `offset` on. Raises `ToolRefused`."""
    names = [*question.columns, *(one.column for one in question.sort)]
    narrowed = narrow(frame, question, names, question.search)
    asked = narrowed.frame
    order = _order(asked, question)
    total = len(order)
    if question.sample is not None:
        order = order[np.linspace(0, total - 1, min(question.sample, total)).astype(np.int64)]
    limit = _USUAL_ROWS if question.limit is None else question.limit
    end = len(order) if limit == 0 else min(len(order), offset + limit)
    shown = asked.select(order[offset:end])
    columns = [column_of(asked, name).name for name in question.columns] or list(frame.columns)
    table = pa.table({name: shown.columns[name].array for name in dict.fromkeys(columns)})
    return Rows(table, total, end if end < len(order) else None)


def _order(frame: Frame, question: Question) -> npt.NDArray[np.int64]:
    order = np.arange(frame.rows)
    for place, sort in reversed(list(enumerate(question.sort))):
        try:
            column = column_of(frame, sort.column)
        except ToolRefused as refused:
            raise ToolRefused(refused.message, field=f"sort[{place}].column") from None
        series = column.to_pandas().iloc[order].reset_index(drop=True)
        places = series.sort_values(ascending=not sort.descending, kind="stable", na_position="last").index
        order = order[places.to_numpy()]
    return order
