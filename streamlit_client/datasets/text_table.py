"""Writes a stored dataset as texts that the dataset service reads back as the same values and types."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from streamlit_client.files.csv_file import CsvTable

_MOMENT = "%Y-%m-%d %H:%M:%S"
# Suffixes that are dropped if all dates of a column have them: zero fractions of a second, and midnight.
_EMPTY_ENDS = (".000", " 00:00:00")


def text_table(table: pa.Table) -> CsvTable:
    """Returns the cells as texts for a CSV file, unguarded; missing ones are empty."""
    columns = [_cell_texts(column) for column in table.columns]
    return CsvTable(tuple(table.column_names), list(zip(*columns, strict=True)), range(2, table.num_rows + 2), "utf-8")


def _cell_texts(column: pa.ChunkedArray) -> Sequence[str]:
    if pa.types.is_floating(column.type):  # `1.0` must not become the integer `1`
        return ["" if value is None else repr(value) for value in column.to_pylist()]
    texts = _moment_texts(column) if pa.types.is_timestamp(column.type) else column.cast(pa.string())
    cells: list[str] = pc.fill_null(texts, "").to_pylist()
    return cells


def _moment_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.strftime(column, format=_MOMENT)
    for end in _EMPTY_ENDS:
        if pc.all(pc.ends_with(texts, end)).as_py():
            texts = pc.utf8_slice_codeunits(texts, 0, -len(end))
    return texts
