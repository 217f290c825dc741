"""The Parquet file of a dataset: written once, read by columns and rows.

Its pages have checksums, which are verified on every read; the returned hash covers the rest.
"""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_service.errors import FileDamaged
from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.date_texts import date_texts, finest_unit
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.reading import PARTS_OF_COLUMNS, ColumnReading

# Small enough to read a range of rows without the rest; large, because each group repeats the dictionaries.
_ROWS_IN_GROUP = 1_048_576
# With a higher share of distinct texts, a dictionary costs more than it saves.
_MOST_DIFFERENT = 0.5
DATE_UNIT = b"date_unit"
"""In the metadata of a field: the `finest_unit` of all dates of its column, of which there may be only a part here."""


def to_table(columns: Sequence[TypedColumn]) -> pa.Table:
    """Returns the columns as a table whose fields have their readings; texts are dictionaries if that saves room."""
    cells, fields = [], []
    for column in columns:
        values, told = column.cells, dict[Any, Any](column.reading.chosen)
        if pa.types.is_dictionary(values.type) and len(column.values) > _MOST_DIFFERENT * len(column.codes):
            values = values.dictionary_decode()
        if column.kind is ColumnKind.DATE:
            told[DATE_UNIT] = finest_unit(column.values)
        cells.append(values)
        fields.append(pa.field(column.name, values.type, metadata=told))
    return pa.table(cells, pa.schema(fields))


def write_table(table: pa.Table, path: Path) -> str:
    """Writes a table and syncs the file; returns its SHA-256."""
    repeated = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    with path.open("w+b") as file:
        pq.write_table(table, file, row_group_size=_ROWS_IN_GROUP, use_dictionary=repeated, write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def column_names(path: Path) -> list[str]:
    """Returns the names of the columns, in order. Raises `FileDamaged`."""
    with _damage_told(path):
        return list(pq.read_schema(path).names)


def read_table(path: Path, columns: Sequence[str] | None = None, *, offset: int = 0, limit: int = 0) -> pa.Table:
    """Returns the named columns, or all, from row `offset` on; at most `limit` rows, or all for 0.

    Text columns are dictionaries, each with one dictionary for all rows. Their fields tell how they were read:
    `reading_of`. Raises `FileDamaged`.
    """
    with _damage_told(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
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
    is_part = wanted.num_rows < rows
    cells = [_encoded(wanted.column(name), is_part=is_part) for name in names or table.column_names]
    fields = [table.field(name) for name in names or table.column_names]
    schema = pa.schema([field.with_type(column.type) for field, column in zip(fields, cells, strict=True)])
    return pa.table(cells, schema).unify_dictionaries().combine_chunks()


def reading_of(field: pa.Field) -> ColumnReading:
    """Returns how a column of a table was read; tables of earlier versions do not tell."""
    told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    return ColumnReading(**{part: told[part] for part in PARTS_OF_COLUMNS if part in told})


def in_words(table: pa.Table) -> pa.Table:
    """Returns the table with dates as text, no more precise than they are: see `date_texts`."""
    words = [
        date_texts(column, reading_of(field).precision, (field.metadata or {}).get(DATE_UNIT, b"").decode())
        if pa.types.is_timestamp(column.type)
        else column
        for field, column in zip(table.schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(words, table.column_names)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Raises `FileDamaged` for Arrow's errors of a damaged file, and for a bad sector."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EIO):
            raise
        raise FileDamaged(f"{path.name} is damaged: {error}") from error


def _encoded(column: pa.ChunkedArray, *, is_part: bool) -> pa.ChunkedArray:
    """Returns text as a dictionary of only the texts that occur; anything else unchanged."""
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string()).dictionary_encode() if is_part else column
    return column.dictionary_encode() if pa.types.is_string(column.type) else column
