"""What is written as Parquet is read back, whole or in part."""

from pathlib import Path

import pyarrow as pa
import pytest

from dataset_service.reading import table_file
from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.table_file import column_names, read_table, reading_of, to_table, write_table

ROWS = 1000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(table_file, "_ROWS_IN_GROUP", 100)
    text = "n,w,d\n" + "".join(f"{number},w{number // 10},2019-01-01\n" for number in range(ROWS))
    table = read_csv(text.encode())
    write_table(to_table(list(map(typed, table.columns, table.cells))), tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


def test_whole_table_comes_back_with_its_types(path: Path) -> None:
    table = read_table(path)
    assert column_names(path) == table.column_names == ["n", "w", "d"]
    assert table.schema.types == [pa.int64(), pa.dictionary(pa.int32(), pa.string()), pa.timestamp("ms")]
    assert table.column("n").to_pylist() == list(range(ROWS))
    assert table.column("w").to_pylist() == [f"w{number // 10}" for number in range(ROWS)]


@pytest.mark.parametrize(
    ("offset", "limit"), [(0, 1), (99, 2), (100, 100), (150, 700), (999, 5), (1000, 5), (5000, 0), (0, 0), (250, 0)]
)
def test_rows_are_those_of_the_range(path: Path, offset: int, limit: int) -> None:
    table = read_table(path, offset=offset, limit=limit)
    expected = list(range(ROWS))[offset : offset + limit if limit else None]
    assert table.column("n").to_pylist() == expected
    words = [f"w{number // 10}" for number in expected]
    assert table.column("w").to_pylist() == words
    dictionaries = [chunk.dictionary.to_pylist() for chunk in table.column("w").chunks]
    assert all(dictionary == dictionaries[0] for dictionary in dictionaries)
    assert {word for dictionary in dictionaries for word in dictionary} == set(words)


def test_columns_come_in_the_order_asked_for(path: Path) -> None:
    assert read_table(path, ["d", "n"], limit=1).column_names == ["d", "n"]


def test_fields_tell_how_their_columns_were_read_in_every_part_of_the_table(tmp_path: Path) -> None:
    cells = pa.array(["1", "2"]).dictionary_encode()
    wanted = ColumnReading(meaning="money", unit="원")
    write_table(to_table([typed("금액", cells, wanted), typed("수", cells)]), tmp_path / "table.parquet")
    for table in (read_table(tmp_path / "table.parquet"), read_table(tmp_path / "table.parquet", ["금액"], offset=1)):
        assert reading_of(table.field("금액")) == ColumnReading("integer", "money", "원")
    assert reading_of(pa.field("of an earlier version", pa.int64())) == ColumnReading()
