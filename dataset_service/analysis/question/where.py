"""The rows that meet the conditions of a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import Mask
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.conditions import Condition as Met
from dataset_service.analysis.question.conditions import condition_on
from dataset_service.analysis.question.derived import derive
from dataset_service.analysis.wording import code_text
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused
from servicekit.question import Condition, Test


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that meet conditions. `code` is a pandas expression for the same mask, `words` says them in Korean."""

    rows: Mask
    code: str
    functions: tuple[str, ...]
    words: str
    notes: tuple[str, ...]


def rows_where(frame: Frame, where: Sequence[Condition], search: str = "") -> Found:
    """Returns the rows that meet all conditions. Raises `ToolRefused` with the path of the one that does not fit."""
    parts = [("", _with_word(frame, word)) for word in search.split()]
    for place, condition in enumerate(where):
        try:
            parts.append(_met(frame, condition))
        except ToolRefused as refused:
            raise ToolRefused(refused.message, field=f"where[{place}]") from None
    return Found(
        np.logical_and.reduce([np.ones(frame.rows, np.bool_), *(met.rows for _, met in parts)]),
        " & ".join(f"({met.code})" for _, met in parts),
        tuple(met.function for _, met in parts),
        ", ".join(f"{code_text(name)} {met.words}" for name, met in parts),
        tuple(note for _, met in parts for note in met.notes),
    )


def _with_word(frame: Frame, word: str) -> Met:
    mets = [condition_on(column, "contains", word) for column in frame.of_kind(ColumnKind.TEXT)]
    rows = np.logical_or.reduce([np.zeros(frame.rows, np.bool_), *(met.rows for met in mets)])
    code = " | ".join(f"({met.code})" for met in mets)
    return Met(rows, code, f"‘{word}’", frame.rows, 0)


def _met(frame: Frame, test: Test) -> tuple[str, Met]:
    derived = derive(frame, test.column) if frame.find(test.column) is None else None
    column = derived.column if derived else column_of(frame, test.column)
    met = condition_on(column, test.operator, test.value)  # type: ignore[arg-type]
    return column.name, met
