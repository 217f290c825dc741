"""The file of results as the page reads it: numbers stay numbers, ids stay texts."""

import pandas as pd

from gateway.texts import CSV_HEADERS, JOINED_HEADERS
from streamlit_client import texts, texts_datasets
from streamlit_client.batch.result_table import Comparison, compare, read_results
from tests.unit.streamlit_client.samples import column

GOOD, BAD = "4.1,4.6,일반,3.0,6.0,", ",,,,,왜"


def joined(*columns: str, rows: list[str]) -> bytes:
    lines = [",".join((*columns, *JOINED_HEADERS)), *rows]
    return "\r\n".join(lines).encode("utf-8-sig")


def test_columns_of_numbers_are_numbers_and_others_what_was_written() -> None:
    content = joined("번호", "값", "코드", "메모", rows=[f"7,1.5,007,NA,{GOOD}", f"8,,010,,{BAD}"])
    results = read_results(content)
    assert results.rows["번호"].tolist() == [7, 8]
    assert results.rows["값"].tolist() == [1.5, pd.NA]
    assert results.rows["코드"].tolist() == ["007", "010"]
    assert results.rows["메모"].tolist() == ["NA", ""]
    assert results.headers == list(JOINED_HEADERS)
    assert results.predicted[texts.ECLO].isna().tolist() == [False, True]
    assert results.predicted[texts.ERROR_COLUMN].tolist() == ["", "왜"]


def test_code_of_a_dataset_stays_a_text() -> None:
    known = (column("코드", type="text", meaning="code"), column("값", unit="명"))
    results = read_results(joined("코드", "값", rows=[f"27260,3,{GOOD}"]), known)
    assert results.rows.to_dict("list") == {"코드": ["27260"], "값": [3]}
    assert results.columns == known


def test_number_of_an_accident_is_no_column_of_its_row() -> None:
    inputs = ",".join(["x"] * (len(CSV_HEADERS) - 7))
    content = f"{','.join(CSV_HEADERS)}\r\n1,{inputs},{GOOD}\r\n".encode("utf-8-sig")
    results = read_results(content)
    assert list(results.rows.columns) == list(CSV_HEADERS[1:-6])
    assert results.numbers.tolist() == [1]
    assert list(CSV_HEADERS[-6:]) == list(texts.RESULT_COLUMNS)


def test_rows_are_compared_that_have_an_actual_and_a_predicted_value() -> None:
    rows = [f"3,{GOOD}", f"-,{GOOD}", f"8,{BAD}"]
    assert compare(read_results(joined("ECLO", rows=rows))) == Comparison((3.0,), (4.1,), (4.6,))
    casualties = joined(*texts_datasets.CASUALTY_WEIGHTS, rows=[f"1,0,2,0,{GOOD}"])
    assert compare(read_results(casualties)) == Comparison((16.0,), (4.1,), (4.6,))
    assert compare(read_results(joined("값", rows=[f"1,{GOOD}"]))) is None
    assert compare(read_results(joined("ECLO", rows=[f"3,{BAD}"]))) is None
