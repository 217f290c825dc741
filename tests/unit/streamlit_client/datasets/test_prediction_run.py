import uuid

import pytest

from streamlit_client.datasets.prediction_run import PredictionRun, decode_run, encode_run
from streamlit_client.files.csv_columns import SOURCES
from streamlit_client.files.csv_file import CsvTable

COLUMNS = {"occurred_at": 0, "weather": 1, "road_surface": 2, "road_type": 3, "accident_type": 4, "district": 5}
TABLE = CsvTable(tuple("abcdef"), [["2020-01-01 13", "", "", "", "", ""]], [2], "utf-8")


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_run_is_read_back_as_it_was_kept(batches: int) -> None:
    run = PredictionRun("d-1", "a1b2", COLUMNS, tuple(f"b-{number}" for number in range(batches)))
    assert decode_run(encode_run(run)) == run


def test_largest_run_fits_into_a_cookie() -> None:
    most_rows = 52_428_800 // 60
    ids = tuple(str(uuid.uuid4()) for _ in range(most_rows // 20_000 + 1))
    run = PredictionRun(str(uuid.uuid4()), "f" * 64, dict.fromkeys(SOURCES, 999), ids)
    assert len(encode_run(run)) <= 3_000


@pytest.mark.parametrize("text", ["", "d", "d.h", "d.h.weather=x", "d.h.clouds=1", "d.h.weather=1..b", ".h.weather=1"])
def test_other_texts_are_no_run(text: str) -> None:
    assert decode_run(text) is None


def test_run_fits_a_table_that_has_all_its_columns() -> None:
    assert PredictionRun("d", "h", COLUMNS).fits(TABLE)
    assert not PredictionRun("d", "h", COLUMNS | {"district": 6}).fits(TABLE)
    assert not PredictionRun("d", "h", {"weather": 1}).fits(TABLE)
