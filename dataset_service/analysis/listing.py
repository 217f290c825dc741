"""Rows of a frame as a table, limited in rows and columns."""

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from dataset_service.analysis.frame.column import Cell, Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.result import Table
from dataset_service.analysis.wording import left_out_text, paragraphs, table_text
from dataset_service.reading.columns.kinds import ColumnKind

MOST_ROWS, _MOST_COLUMNS = 100, 60
_LONGEST_CELL = 200
MOST_GROUPS = 200
"""Most rows of a table of counts or statistics."""


def columns_shown(frame: Frame, first: Sequence[str] = ()) -> list[str]:
    """Returns the columns of a listing: all, or 60 including those in `first`."""
    names = list(frame.columns)
    if len(names) <= _MOST_COLUMNS:
        return names
    kept = {*first, *names[: _MOST_COLUMNS - len(first)]}
    return [name for name in names if name in kept][:_MOST_COLUMNS]


def list_rows(frame: Frame, rows: npt.NDArray[Any], columns: Sequence[str], total_rows: int | None = None) -> Table:
    """Returns the rows with these numbers, in this order; `total_rows` includes those left out."""
    by_column = [_cells(frame.columns[name], rows) for name in columns]
    return Table.of(columns, list(zip(*by_column, strict=True)) if columns else [], total_rows)


def _cells(column: Column, rows: npt.NDArray[Any]) -> list[Cell]:
    cells = column.cells(rows)
    return list(map(short_cell, cells)) if column.kind is ColumnKind.TEXT else cells


def short_cell(cell: Cell) -> Cell:
    """Returns the cell, truncated if it is a long text."""
    return f"{cell[: _LONGEST_CELL - 1]}…" if isinstance(cell, str) and len(cell) > _LONGEST_CELL else cell


def listing_text(frame: Frame, table: Table, keep: Sequence[str] = ()) -> str:
    """Returns the first rows of a listing in Markdown, and what it lacks."""
    plain = [name for name in table.columns if frame.columns[name].is_plain]
    columns = left_out_text(len(frame.columns), len(table.columns), "개 열")
    return paragraphs(table_text(table, keep=keep, plain=plain), columns)


def selection_code(frame: Frame, columns: Sequence[str], rows: str = "df") -> str:
    """Returns the pandas expression that selects these columns of the rows."""
    return rows if len(columns) == len(frame.columns) else f"{rows}[{list(columns)!r}]"


def distinct_headers(*names: str) -> tuple[str, ...]:
    """Returns the names as unique headers: repeated names get a number."""
    headers: list[str] = []
    for name in names:
        number, header = 2, name
        while header in headers:
            header, number = f"{name} ({number})", number + 1
        headers.append(header)
    return tuple(headers)
