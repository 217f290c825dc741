"""Puts questions to frames, and checks that their pandas code leaves the same rows and columns."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest

from dataset_service.analysis.frame.column import Cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.question.narrow import Narrowed, narrow
from servicekit.errors import ToolRefused
from servicekit.question import Narrowing
from tests.unit.dataset_service.analysis.checking import assert_same_table, run_code


def narrowed(
    frame: Frame, names: Iterable[str] | Mapping[str, str] = (), search: str = "", **question: Any
) -> Narrowed:
    """Returns what a question leaves; running its code gave the same."""
    found = narrow(frame, Narrowing.model_validate(question), names, search)
    code = script("\n".join((*found.code, "result = df")), *found.functions)
    every = np.arange(found.frame.rows)
    columns = [column.cells(every) for column in found.frame.columns.values()]
    rows = list(zip(*columns, strict=True)) if columns else []
    assert_same_table(run_code(code, frame), list(found.frame.columns), rows, code)
    return found


def cells(found: Narrowed, name: str) -> list[Cell]:
    """Returns the values of one column, also by another name of it."""
    column = found.frame.find(name)
    assert column is not None
    return column.cells(np.arange(column.rows))


def refused(frame: Frame, names: Mapping[str, str] | None = None, search: str = "", **question: Any) -> tuple[str, str]:
    """Returns the path and the message of the refusal of a question."""
    with pytest.raises(ToolRefused) as refusal:
        narrow(frame, Narrowing.model_validate(question), names or {}, search)
    return refusal.value.field, refusal.value.message
