"""A batch from the request to the file that opens in a spreadsheet."""

import csv
import io
import os
from typing import Any

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from gateway.texts import CSV_HEADERS, JOINED_HEADERS
from tests.eventually import wait_until
from tests.real_servers import REPOSITORY

DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")


def run_batch(api: httpx.Client, **body: Any) -> dict[str, Any]:
    """Creates a batch, waits for its end and returns what is said of it then."""
    created = api.post("/api/predict/eclo/batch", json=body)
    assert created.status_code == 202
    path = f"/api/predict/batch/{created.json()['batch_id']}"
    wait_until(lambda: api.get(path).raise_for_status().json()["status"] not in ("pending", "processing"))
    batch: dict[str, Any] = api.get(path).json()
    return batch


def csv_rows(api: httpx.Client, batch: dict[str, Any]) -> list[dict[str, str]]:
    answer = api.get(batch["results_url"], params={"format": "csv"}).raise_for_status()
    assert answer.content.startswith(b"\xef\xbb\xbf")  # or Korean Excel would read it as CP949
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_batch_gives_each_accident_what_a_single_prediction_gives(api: httpx.Client) -> None:
    accidents = [ACCIDENT_EXAMPLE | {"accident_hour": hour} for hour in range(24)]
    accidents.append(ACCIDENT_EXAMPLE | {"weather": "우박"})

    batch = run_batch(api, accidents=accidents)

    assert (batch["status"], batch["total"], batch["done"], batch["failed"]) == ("completed", 25, 25, 1)
    rows = csv_rows(api, batch)
    assert list(rows[0]) == list(CSV_HEADERS)
    single = api.post("/api/predict/eclo", json=accidents[7]).raise_for_status().json()
    assert float(rows[7]["ECLO"]) == single["eclo"]
    assert float(rows[7]["ECLO 기댓값"]) == single["expected"]
    assert "기상상태" in rows[24][CSV_HEADERS[-1]]


def test_items_that_are_no_accidents_are_errors_of_their_own(api: httpx.Client) -> None:
    accidents: list[Any] = [ACCIDENT_EXAMPLE] * 4
    accidents[1:3] = [7, ACCIDENT_EXAMPLE | {"accident_hour": None}]

    batch = run_batch(api, accidents=accidents)

    assert (batch["status"], batch["done"], batch["failed"]) == ("completed", 4, 2)
    results = api.get(batch["results_url"]).raise_for_status().json()["results"]
    assert [result["index"] for result in results] == [0, 1, 2, 3]
    assert [result["eclo"] is not None for result in results] == [True, False, False, True]
    assert results[1]["error"]["details"][0]["message"] == "여러 항목을 담은 객체여야 합니다."
    (detail,) = results[2]["error"]["details"]
    assert (detail["field"], detail["allowed"]) == ("accident_hour", ["0", "23"])
    rows = csv_rows(api, batch)
    assert [row["ECLO"] != "" for row in rows] == [True, False, False, True]
    assert "사고시:" in rows[2][CSV_HEADERS[-1]]


@pytest.mark.needs_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)")
def test_file_is_predicted_where_it_lies_and_kept_with_its_results(api: httpx.Client) -> None:
    content = (DATA / "daegu_accidents_2022_unlabelled.csv").read_bytes()
    files = {"file": ("2022.csv", content)}
    uploaded = api.post("/api/datasets/upload", params={"temporary": True}, files=files).json()
    assert uploaded["rows"] == 10_963
    assert uploaded["expires_at"]

    batch = run_batch(api, dataset_id=uploaded["dataset_id"])

    assert (batch["status"], batch["done"], batch["failed"]) == ("completed", 10_963, 0)
    rows = csv_rows(api, batch)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["ID"] for row in rows] == [line["ID"] for line in lines]
    assert all(float(row["예측 ECLO"]) >= 1 for row in rows)
    kept, again = (api.post(f"/api/predict/batch/{batch['batch_id']}/dataset").json() for _ in range(2))
    assert kept["dataset_id"] == again["dataset_id"]
    assert (kept["rows"], kept["columns"]) == (10_963, uploaded["columns"] + len(JOINED_HEADERS))
    assert kept["expires_at"] is None
    assert api.delete(f"/api/datasets/{uploaded['dataset_id']}").status_code == 200  # it is not in use any more
