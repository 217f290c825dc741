"""A stored dataset as a table of texts that the dataset service reads back as the same values and types."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from streamlit_client.csv_file import CsvTable

_MOMENT = "%Y-%m-%d %H:%M:%S"
# What all moments of a column may end with and then need not: no part of a second, and no time of day.
_EMPTY_ENDS = (".000", " 00:00:00")


def text_table(table: pa.Table) -> CsvTable:
    """Returns the cells as they are written in a CSV file; missing ones are empty, and nothing is made harmless."""
    columns = [_words(column) for column in table.columns]
    return CsvTable(tuple(table.column_names), list(zip(*columns, strict=True)), range(2, table.num_rows + 2), "utf-8")


def _words(column: pa.ChunkedArray) -> Sequence[str]:
    if pa.types.is_floating(column.type):  # `1.0` must not become the integer `1`
        return ["" if value is None else repr(value) for value in column.to_pylist()]
    texts = _moments(column) if pa.types.is_timestamp(column.type) else column.cast(pa.string())
    words: list[str] = pc.fill_null(texts, "").to_pylist()
    return words


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.strftime(column, format=_MOMENT)
    for end in _EMPTY_ENDS:
        if pc.all(pc.ends_with(texts, end)).as_py():
            texts = pc.utf8_slice_codeunits(texts, 0, -len(end))
    return texts
