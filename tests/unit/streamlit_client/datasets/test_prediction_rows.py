from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from dataset_service.reading.csv_worker import read_into_table
from dataset_service.reading.table_file import read_table
from streamlit_client import texts_datasets
from streamlit_client.datasets.prediction_rows import Comparison, compare, expected_bytes, free_names
from streamlit_client.datasets.text_table import text_table
from streamlit_client.files.csv_columns import ReadAccidents, Unreadable
from streamlit_client.files.csv_file import CsvTable
from streamlit_client.files.csv_output import write_csv

SOURCE = (
    "=이름,-값,전화,표시,정수,수,참,날,시각,빈칸\n"
    "=1+1,-1,+82-53-1,-,1,1.0,TRUE,2020.1.2,2020-01-02 03:04:05.5,x\n"
    '@a,+가,-,@b,"1,000",2.0,false,2020.1.3,2020-01-02 03:04,\n'
    '"\t탭",\'따옴표,+82-53-2,=c,,,,,,NA\n'
)
RESULT = ["4.123456789012345", "4.623456789012345", "일반", "3.0", "9.0", ""]


def read(folder: Path, name: str, content: bytes) -> pa.Table:
    """Returns what the dataset service makes of a file."""
    (folder / f"{name}.csv").write_bytes(content)
    with ThreadPoolExecutor(1) as threads:
        read_into_table(folder / f"{name}.csv", folder / f"{name}.parquet", "", threads)
    return read_table(folder / f"{name}.parquet")


def test_columns_of_the_source_stay_what_they_were(tmp_path: Path) -> None:
    source = read(tmp_path, "source", SOURCE.encode())
    table = text_table(source)
    accidents = ReadAccidents([], [0, 2], [Unreadable(1, "weather", "-")])
    joined = write_csv(accidents.join(table, free_names(table.columns), [RESULT, RESULT]))
    stored = read(tmp_path, "joined", joined)
    assert stored.column_names == [*source.column_names, *texts_datasets.PREDICT_COLUMNS]
    assert stored.select(source.column_names).equals(source)
    assert stored.column(texts_datasets.PREDICT_COLUMNS[-1]).to_pylist() == [
        None, accidents.unreadable[0].note, None
    ]  # fmt: skip


def test_size_with_results_is_known_before_there_are_any() -> None:
    table = CsvTable(("메모",), [["가나다"]] * 1_000, range(2, 1_002), "utf-8")
    rows = range(1_000)
    actual = len(write_csv(ReadAccidents([], rows, []).join(table, free_names(table.columns), [RESULT] * 1_000)))
    assert 0.9 * actual < expected_bytes(table) < 1.2 * actual


def test_comparison_has_what_is_typical_for_the_error_and_what_is_expected_for_the_means() -> None:
    table = CsvTable(("ECLO",), [["3"], ["-"], ["8"], ["5"]], range(2, 6), "utf-8")
    results = [["4.1", "4.6", "일반", "3", "6", ""], ["4.1", "4.6", "일반", "3", "6", ""], ["", "", "", "", "", "왜"]]
    assert compare(table, ReadAccidents([], [0, 1, 2], []), results) == Comparison((3.0,), (4.1,), (4.6,))
