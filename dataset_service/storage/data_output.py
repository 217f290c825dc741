"""Serialises a table in chunks: Arrow, CSV for spreadsheets, or JSON."""

import io
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from dataset_service.reading.columns.formula_guard import guarded
from dataset_service.reading.table_file import in_words

PIECE_BYTES = 1 << 20
_ROWS_AT_ONCE = 16_384


class DataFormat(StrEnum):
    """Output format."""

    ARROW = "arrow"
    CSV = "csv"
    JSON = "json"
    UNGUARDED_CSV = "unguarded_csv"
    JSON_ROWS = "json_rows"


def serialise(table: pa.Table, data_format: DataFormat) -> Iterator[bytes]:
    """Yields the table in chunks of at most `PIECE_BYTES`. Text columns are dictionaries, dates have no time zone.

    Arrow: an IPC stream. CSV: UTF-8 with BOM; text that a spreadsheet would run as a formula gets an apostrophe in
    front, except in the unguarded format. JSON: an array of objects, or of arrays, missing values null. Dates in CSV
    and JSON are no more precise than they are: see `date_texts`.
    """
    for place, column in enumerate(table.columns):
        if any(pa.types.is_dictionary(chunk.type) and len(chunk.dictionary) > len(chunk) for chunk in column.chunks):
            texts = column.cast(column.type.value_type).dictionary_encode()  # only those that occur
            table = table.set_column(place, table.field(place).with_type(texts.type), texts)
    for part in _WRITERS[data_format](table):
        for start in range(0, len(part), PIECE_BYTES):
            yield part[start : start + PIECE_BYTES]


def _arrow(table: pa.Table) -> Iterator[bytes]:
    pieces = _Pieces()
    with pa.ipc.new_stream(pa.PythonFile(pieces, "w"), table.schema) as writer:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            writer.write_batch(batch)
            yield pieces.take()
    yield pieces.take()


def _csv(table: pa.Table) -> Iterator[bytes]:
    columns = [_guarded(column) for column in table.columns]
    names = guarded(pa.array(table.column_names, pa.string())).to_pylist()
    schema = pa.schema([field.with_name(name) for field, name in zip(table.schema, names, strict=True)])
    return _unguarded_csv(pa.Table.from_arrays(columns, schema=schema))


def _unguarded_csv(table: pa.Table) -> Iterator[bytes]:
    words = in_words(table)
    pieces = _Pieces()
    pieces.write(b"\xef\xbb\xbf")
    with pyarrow.csv.CSVWriter(pa.PythonFile(pieces, "w"), words.schema) as writer:
        for batch in words.to_batches(max_chunksize=_ROWS_AT_ONCE):
            writer.write_batch(batch)
            yield pieces.take()
    yield pieces.take()


def _guarded(column: Any) -> Any:
    """Returns text guarded; anything else unchanged."""
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([_guarded(chunk) for chunk in column.chunks], column.type)
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(column.indices, _guarded(column.dictionary))
    return guarded(column) if pa.types.is_string(column.type) else column


def _json(table: pa.Table) -> Iterator[bytes]:
    keys = [
        ("," if index else "{") + orjson.dumps(name).decode() + ":" for index, name in enumerate(table.column_names)
    ]
    cells = pa.Table.from_arrays([_as_json(column) for column in in_words(table).columns], table.column_names)
    yield b"["
    is_first = True
    for batch in cells.to_batches(max_chunksize=_ROWS_AT_ONCE):
        texts = [_plain_text(column) for column in batch.columns]
        parts = [part for key, column in zip(keys, texts, strict=True) for part in (key, column)]
        rows = pc.binary_join_element_wise(*parts, "}", "", null_handling="replace", null_replacement="null")
        yield (b"\n" if is_first else b",\n") + ",\n".join(rows.to_pylist()).encode()
        is_first = False
    yield b"\n]\n"


def _json_rows(table: pa.Table) -> Iterator[bytes]:
    yield b"["
    for number, batch in enumerate(in_words(table).to_batches(max_chunksize=_ROWS_AT_ONCE)):
        rows = zip(*(_plain_text(column).to_pylist() for column in batch.columns), strict=True)
        yield b"," * (number > 0) + orjson.dumps(list(rows))[1:-1]
    yield b"]"


def _as_json(words: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns the cells as JSON texts; missing ones stay null. Each distinct text is converted once."""
    if pa.types.is_dictionary(words.type):
        chunks = [pa.DictionaryArray.from_arrays(chunk.indices, _quoted(chunk.dictionary)) for chunk in words.chunks]
        return pa.chunked_array(chunks, words.type)
    if pa.types.is_string(words.type):
        return pa.chunked_array([_quoted(chunk) for chunk in words.chunks], pa.string())
    if pa.types.is_floating(words.type):
        words = pc.if_else(pc.is_finite(words), words, None)
    return words.cast(pa.string())


def _quoted(texts: pa.Array) -> pa.Array:
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    is_special = pc.match_substring_regex(texts, r'["\\\x00-\x1f]')
    special = [orjson.dumps(text).decode() for text in texts.filter(is_special).to_pylist()]
    return pc.replace_with_mask(quoted, is_special, pa.array(special, pa.string())) if special else quoted


def _plain_text(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


class _Pieces(io.RawIOBase):
    """A buffer for written bytes until they are taken."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pending += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._pending)
        self._pending.clear()
        return taken


_WRITERS: Mapping[DataFormat, Callable[[pa.Table], Iterator[bytes]]] = {
    DataFormat.ARROW: _arrow,
    DataFormat.CSV: _csv,
    DataFormat.JSON: _json,
    DataFormat.UNGUARDED_CSV: _unguarded_csv,
    DataFormat.JSON_ROWS: _json_rows,
}
