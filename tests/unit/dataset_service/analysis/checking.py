"""Runs an analysis and checks what every result owes: pandas code that gives the same table, an account of its rows."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataset_service.analysis import ToolResult, run
from dataset_service.analysis.frame.frames import Frame
from servicekit.errors import ToolRefused


def checked(name: str, frame: Frame, **arguments: Any) -> ToolResult:
    """Returns the result of a tool whose code, run on the frame, gave the same table."""
    result = run(name, frame, arguments)
    assert result.text
    assert not re.search(r"[^\w\s]\*\*\w", result.text), "bold that Markdown does not draw: a bracket before its end"
    assert 0 <= result.rows_used <= frame.rows
    assert 0 <= result.rows_missing <= frame.rows - result.rows_used
    table = result.table
    assert len(table.rows) <= table.total_rows
    assert len(set(table.columns)) == len(table.columns)
    if result.chart:
        assert {result.chart.x, result.chart.y} - {""} <= set(table.columns)
    assert_same_table(run_code(result.code, frame), table.columns, table.rows, result.code)
    return result


def assert_same_table(computed: pd.DataFrame, columns: Sequence[str], rows: Sequence[Sequence[Any]], code: str) -> None:
    """Fails if what code computed is not the table: dates as text there, missing values None."""
    assert [str(column) for column in computed.columns] == list(columns)
    lines = computed.astype(object).to_numpy().tolist() if len(columns) else []
    assert len(lines) == len(rows), code
    for ours, theirs in zip(rows, lines, strict=True):
        assert all(map(_is_same, ours, theirs)), f"{ours} != {theirs}\n{code}"


def run_code(code: str, frame: Frame) -> pd.DataFrame:
    """Returns what the code of a result leaves in `result`."""
    names: dict[str, Any] = {"df": _data_frame(frame)}
    exec(compile(code, "<code of the analysis>", "exec"), names)
    result = names["result"]
    assert isinstance(result, pd.DataFrame)
    return result


@lru_cache(4)
def _data_frame(frame: Frame) -> pd.DataFrame:
    return frame.to_pandas()


def refusal(name: str, frame: Frame, **arguments: Any) -> str:
    """Returns what a tool that must refuse says."""
    with pytest.raises(ToolRefused) as refused:
        run(name, frame, arguments)
    message = refused.value.message
    assert len(message.encode()) < 2500, "a gRPC status message has little room"
    return message


def column_of(result: ToolResult, name: str) -> list[Any]:
    """Returns one column of the table."""
    place = result.table.columns.index(name)
    return [row[place] for row in result.table.rows]


def facts(result: ToolResult) -> dict[Any, Any]:
    """Returns a table of two columns, or the first two of a wider one, as a mapping."""
    return {row[0]: row[1] for row in result.table.rows}


def _is_same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None or theirs is pd.NaT or theirs is pd.NA or theirs != theirs:
        return ours is None and (theirs is None or theirs is pd.NaT or theirs is pd.NA or theirs != theirs)
    if isinstance(theirs, pd.Timestamp | np.datetime64):
        first = pd.Period(ours).start_time if "Q" in ours else pd.Timestamp(ours)
        return bool(first == theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool | np.bool_):
        return isinstance(ours, bool) and ours == bool(theirs)
    if isinstance(ours, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    if ours in ("∞", "-∞"):
        return bool(np.isinf(theirs))
    return bool(ours == theirs)
