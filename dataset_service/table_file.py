"""The Parquet file of a dataset: written once, read by columns and rows."""

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_service.column_types import ColumnKind, TypedColumn

# Small enough that a range of rows need not read all, large enough to be fast as a whole.
_ROWS_IN_GROUP = 262_144


def write_table(columns: Sequence[TypedColumn], path: Path) -> None:
    """Writes the columns and waits until they are on the disk."""
    table = pa.table({column.name: column.cells for column in columns})
    with path.open("wb") as file:
        pq.write_table(
            table,
            file,
            row_group_size=_ROWS_IN_GROUP,
            use_dictionary=[column.name for column in columns if column.kind is ColumnKind.TEXT],
        )
        file.flush()
        os.fsync(file.fileno())


def column_names(path: Path) -> list[str]:
    """Returns the names of the columns, in order."""
    return list(pq.read_schema(path).names)


def read_table(path: Path, columns: Sequence[str] | None = None, *, offset: int = 0, limit: int = 0) -> pa.Table:
    """Returns the named columns, or all, from row `offset` on; at most `limit` rows, or all for 0.

    Text columns are dictionaries, each with one dictionary for all rows.
    """
    with pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        end = rows if limit == 0 else min(offset + limit, rows)
        groups, first_row, start = [], None, 0
        for group in range(file.num_row_groups):
            stop = start + file.metadata.row_group(group).num_rows
            if start < end and stop > offset:
                groups.append(group)
                first_row = start if first_row is None else first_row
            start = stop
        names = None if columns is None else list(dict.fromkeys(columns))
        table = file.read_row_groups(groups, columns=names)
    wanted = table.slice(offset - (first_row or 0), max(0, end - offset))
    if wanted.num_rows < rows:  # some texts of the dictionaries occur no more
        wanted = pa.table({name: _without_unused(wanted.column(name)) for name in wanted.column_names})
    whole = wanted.unify_dictionaries().combine_chunks()
    return whole.select(list(columns)) if columns is not None else whole


def _without_unused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    return column.cast(column.type.value_type).dictionary_encode()
