"""What only a table in memory can show of the formats; the tests of the contract read them from a service."""

import io
import json
import math

import pyarrow as pa
import pytest

from dataset_service.storage.data_output import DataFormat, serialise


@pytest.mark.parametrize(
    ("data_format", "expected"),
    [
        (DataFormat.JSON, [{"a": 1.5}, {"a": None}, {"a": None}, {"a": None}]),
        (DataFormat.JSON_ROWS, [[1.5], [None], [None], [None]]),
    ],
)
def test_number_that_json_cannot_hold_is_null(data_format: DataFormat, expected: list[object]) -> None:
    table = pa.table({"a": [1.5, math.inf, math.nan, None]})
    assert json.loads(b"".join(serialise(table, data_format))) == expected


def test_rows_in_json_are_one_array_however_many_there_are() -> None:
    texts = pa.array(["가", None, '"\\'] * 20_000).dictionary_encode()
    table = pa.table({"수": [2**53 + 1, None, -1] * 20_000, "글": texts})
    assert json.loads(b"".join(serialise(table, DataFormat.JSON_ROWS))) == (
        [[2**53 + 1, "가"], [None, None], [-1, '"\\']] * 20_000
    )
    assert b"".join(serialise(table.slice(0, 0), DataFormat.JSON_ROWS)) == b"[]"


def test_few_rows_carry_only_their_own_texts() -> None:
    texts = pa.array([f"글 {number}" for number in range(100)]).dictionary_encode()
    table = pa.table({"글": pa.chunked_array([texts.take([7, 7, 3]), texts.take([5])])})
    part = pa.ipc.open_stream(io.BytesIO(b"".join(serialise(table, DataFormat.ARROW)))).read_all()
    assert part.to_pydict() == {"글": ["글 7", "글 7", "글 3", "글 5"]}
    assert {text for chunk in part["글"].chunks for text in chunk.dictionary.to_pylist()} == {"글 7", "글 3", "글 5"}
