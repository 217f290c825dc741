"""Puts a question to a frame: adds the columns that it names or defines, and leaves the rows that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.derived import Added, derive
from dataset_service.analysis.question.where import rows_where
from servicekit.question import Definition, Narrowing


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The frame that is asked: with the added columns, and only the rows that meet the conditions.

    `rows` are their numbers in the dataset, None for all. `code` are lines of pandas code that do the same to `df`.
    """

    frame: Frame
    rows: npt.NDArray[np.int64] | None
    code: tuple[str, ...]
    functions: tuple[str, ...]
    words: str
    notes: tuple[str, ...]


def narrow(frame: Frame, question: Narrowing, names: Iterable[str] = (), search: str = "") -> Narrowed:
    """Returns the frame that a question is put to; `names` are the columns that it names elsewhere.

    Raises `ToolRefused`.
    """
    added: list[Added] = []
    for definition in question.define:
        added.append(_defined(frame, definition))
        frame = frame.with_columns(added[-1].column)
    for name in dict.fromkeys(names):
        if frame.find(name) is None and (derived := derive(frame, name)):
            added.append(derived)
            frame = frame.with_columns(derived.column)
    code = tuple(f"df = df.assign(**{{{one.column.name!r}: {one.code}}})" for one in added)
    functions = tuple(one.function for one in added)
    if not question.where and not search:
        return Narrowed(frame, None, code, functions, "", ())
    found = rows_where(frame, question.where, search)
    rows = np.flatnonzero(found.rows)
    return Narrowed(
        frame.select(rows),
        rows,
        (*code, f"df = df[{found.code}]"),
        (*functions, *found.functions),
        found.words,
        found.notes,
    )


def _defined(frame: Frame, definition: Definition) -> Added:
    found = rows_where(frame, definition.where)
    return Added(Column(definition.name, pa.chunked_array([pa.array(found.rows)])), found.code)
