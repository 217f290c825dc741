"""Batches of the rows of a dataset over HTTP: from the columns to results that are kept."""

import csv
import io
from typing import Any

import pyarrow as pa
import pytest
from daegu.prediction.v1 import batch_pb2

from gateway.texts import CSV_HEADERS, FIELD_NAMES, JOINED_HEADERS
from servicekit.errors import DatabaseUnavailable, Refused
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID, FakeDatasets
from tests.contract.gateway.fake_services import UNKNOWN_WEATHER, FakeBatches
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields

PATH = "/api/predict/eclo/batch"
ROWS = 450
TEXTS = ['둘, "셋"', "여러\n줄", "=1+1", "'", None]
COLUMNS = {"weather": "날씨", "occurred_at": "일시"}


@pytest.fixture
def table(datasets: FakeDatasets) -> pa.Table:
    """The rows of DATASET_ID."""
    table = pa.table(
        {
            "날씨": [TEXTS[index % len(TEXTS)] for index in range(ROWS)],
            "일시": [f"2024-01-01 {index % 24}" for index in range(ROWS)],
            "예측 ECLO": list(range(ROWS)),
        }
    )
    datasets.tables[DATASET_ID] = table
    datasets.prediction_columns = COLUMNS
    dataset = datasets.datasets[DATASET_ID]
    dataset.name, dataset.rows, dataset.content_hash = "사고", ROWS, "hash"
    return table


async def new_batch(gateway: Gateway, **body: Any) -> str:
    response = await gateway.post(PATH, json={"dataset_id": DATASET_ID, **body})
    assert response.status_code == 202, response.text
    return str(response.headers["location"])


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def csv_of(gateway: Gateway, path: str, **params: Any) -> list[list[str]]:
    return rows_of((await gateway.get(f"{path}/results", params={"format": "csv", **params})).content)


async def test_rows_are_named_to_the_service_with_the_columns_of_the_profile(
    gateway: Gateway, batches: FakeBatches, datasets: FakeDatasets, table: pa.Table
) -> None:
    answer = (await gateway.post(PATH, json={"dataset_id": DATASET_ID})).json()

    assert (answer["total"], answer["dataset_id"], answer["columns"]) == (ROWS, DATASET_ID, COLUMNS)
    (part,) = batches.created
    assert part.rows == batch_pb2.DatasetRows(
        total=ROWS,
        content_hash="hash",
        columns=[batch_pb2.InputColumn(input=name, column=column) for name, column in COLUMNS.items()],
    )
    assert datasets.leases == [(DATASET_ID, f"batch:{answer['batch_id']}")]  # in use before the worker begins


async def test_repeated_request_holds_the_dataset_for_its_batch_alone(
    gateway: Gateway, datasets: FakeDatasets, table: pa.Table
) -> None:
    asked: Any = {"json": {"dataset_id": DATASET_ID}, "headers": {"Idempotency-Key": "once"}}
    (batch_id,) = {(await gateway.post(PATH, **asked)).json()["batch_id"] for _ in range(3)}
    assert datasets.leases == [(DATASET_ID, f"batch:{batch_id}")]


async def test_column_is_replaced_added_or_left_out(gateway: Gateway, batches: FakeBatches, table: pa.Table) -> None:
    await new_batch(gateway, columns={"weather": "예측 ECLO", "occurred_at": None, "district": "날씨"})
    named = {column.input: column.column for column in batches.created[0].rows.columns}
    assert named == {"weather": "예측 ECLO", "district": "날씨"}


@pytest.mark.parametrize(
    ("cells", "first_moment", "is_date_only"),
    [
        (pa.timestamp("ms"), "2024-01-01", True),
        (pa.timestamp("ms"), "2024-01-01 00:00", False),
        (pa.string(), "", False),
    ],
)
async def test_dates_without_a_time_of_day_are_told(
    gateway: Gateway,
    batches: FakeBatches,
    datasets: FakeDatasets,
    table: pa.Table,
    cells: Any,
    first_moment: str,
    is_date_only: bool,
) -> None:
    datasets.tables[DATASET_ID] = table.set_column(1, "일시", pa.nulls(ROWS, cells))
    datasets.first_moment = first_moment
    await new_batch(gateway)
    told = {column.input: column.is_date_only for column in batches.created[0].rows.columns}
    assert told == {"weather": False, "occurred_at": is_date_only}


async def test_column_and_dataset_that_do_not_exist_are_refused_by_name(
    gateway: Gateway, batches: FakeBatches, table: pa.Table
) -> None:
    body = {"dataset_id": DATASET_ID, "columns": {"weather": "없는 열", "district": "날씨"}}
    response = await gateway.post(PATH, json=body)
    assert refusal(response) == (422, "COLUMN_NOT_FOUND")
    (detail,) = response.json()["details"]
    assert (detail["field"], detail["message"]) == ("columns.weather", "데이터셋에 없는 열입니다.")
    assert detail["allowed"] == table.column_names
    assert refusal(await gateway.post(PATH, json={"dataset_id": UNKNOWN_ID})) == (404, "DATASET_NOT_FOUND")
    assert [*refused_fields(await gateway.post(PATH, json={"columns": {}}))] == ["accidents"]
    assert not batches.created


async def test_batch_that_is_refused_leaves_the_dataset_free(
    gateway: Gateway, batches: FakeBatches, datasets: FakeDatasets, table: pa.Table
) -> None:
    batches.refusal = Refused("TOO_MANY_BATCHES", "for developers")
    assert refusal(await gateway.post(PATH, json={"dataset_id": DATASET_ID})) == (429, "TOO_MANY_BATCHES")
    assert datasets.leases == []


async def test_results_come_with_their_rows(gateway: Gateway, batches: FakeBatches, table: pa.Table) -> None:
    batches.unpredicted = set(range(440, ROWS))
    path = await new_batch(gateway)
    batches.accidents[path.rpartition("/")[2]][431].weather = UNKNOWN_WEATHER

    results = (await gateway.get(f"{path}/results", params={"offset": 430})).json()["results"]

    assert [result["row"] for result in results] == table.slice(430, 10).to_pylist()
    assert [result["eclo"] for result in results] == [431.0, None, *(float(number) for number in range(433, 441))]
    assert results[1]["error"]["details"][0]["field"] == "weather"
    assert (await gateway.get(f"{path}/results", params={"offset": ROWS})).json()["results"] == []


async def test_csv_has_the_results_behind_their_rows(gateway: Gateway, batches: FakeBatches, table: pa.Table) -> None:
    path = await new_batch(gateway)
    batches.accidents[path.rpartition("/")[2]][1].weather = UNKNOWN_WEATHER

    header, first, second, *others = await csv_of(gateway, path)

    assert header == [*table.column_names, "예측 ECLO (2)", *JOINED_HEADERS[1:]]
    assert first == ['둘, "셋"', "2024-01-01 0", "0", "1.0", "2.0", "일반", "1.0", "9.0", ""]
    assert second[3:8] == [""] * 5
    assert "가장 가까운 값: 안개" in second[8]
    words = [row[0] for row in (first, second, *others)]
    assert words == ['둘, "셋"', "여러\n줄", "'=1+1", "'", ""] * (ROWS // 5)
    assert [row[3] for row in others] == [f"{number + 1}.0" for number in range(2, ROWS)]
    assert (await csv_of(gateway, path, guard="off"))[3][0] == "=1+1"
    assert (await csv_of(gateway, path, offset=200, limit=3))[1:] == others[198:201]


async def test_csv_before_anything_is_predicted_is_a_header(
    gateway: Gateway, batches: FakeBatches, table: pa.Table
) -> None:
    batches.unpredicted = set(range(ROWS))
    assert len(await csv_of(gateway, await new_batch(gateway))) == 1


@pytest.mark.parametrize("is_deleted", [True, False])
async def test_results_stay_with_their_inputs_when_the_rows_are_gone(
    gateway: Gateway, datasets: FakeDatasets, table: pa.Table, is_deleted: bool
) -> None:
    path = await new_batch(gateway)
    if is_deleted:
        del datasets.datasets[DATASET_ID]
    else:
        datasets.datasets[DATASET_ID].content_hash = "read otherwise"

    results = (await gateway.get(f"{path}/results")).json()["results"]
    assert [result["row"] for result in results] == [None] * 100
    header, *rows = await csv_of(gateway, path)
    assert tuple(header) == CSV_HEADERS
    assert rows[7][0] == "8"
    assert rows[7][header.index(FIELD_NAMES["accident_hour"])] == "7"
    kept = await gateway.post(f"{path}/dataset")
    assert refusal(kept) == ((404, "DATASET_NOT_FOUND") if is_deleted else (409, "DATASET_CHANGED"))


async def test_database_that_is_away_is_no_dataset_that_is_gone(
    gateway: Gateway, datasets: FakeDatasets, table: pa.Table
) -> None:
    path = await new_batch(gateway)
    datasets.refusal = DatabaseUnavailable("DATABASE_UNAVAILABLE", "secret")
    for params in ({}, {"format": "csv"}):
        assert refusal(await gateway.get(f"{path}/results", params=params)) == (503, "DATABASE_UNAVAILABLE")


async def test_results_are_kept_as_a_dataset_of_their_own(
    gateway: Gateway, batches: FakeBatches, datasets: FakeDatasets, table: pa.Table
) -> None:
    path = await new_batch(gateway)
    kept, again = [await gateway.post(f"{path}/dataset") for _ in range(2)]

    assert (kept.status_code, kept.json()["name"]) == (201, "사고 · ECLO 예측")
    assert kept.headers["location"] == f"/api/datasets/{kept.json()['dataset_id']}"
    assert rows_of(datasets.files[kept.json()["dataset_id"]]) == await csv_of(gateway, path)
    assert again.json()["content_hash"] == kept.json()["content_hash"]
    first, second = datasets.descriptions
    assert first.idempotency_key == second.idempotency_key != ""
    assert (first.encoding, first.description.endswith("(모델 fake-1)")) == ("utf-8-sig", True)


async def test_results_of_accidents_are_kept_with_their_inputs(gateway: Gateway, datasets: FakeDatasets) -> None:
    accident = {name: 1 if name.startswith("accident_") and name != "accident_type" else "맑음" for name in FIELD_NAMES}
    created = await gateway.post(PATH, json={"accidents": [accident]})
    kept = (await gateway.post(f"{created.headers['location']}/dataset")).json()
    assert tuple(rows_of(datasets.files[kept["dataset_id"]])[0]) == CSV_HEADERS


async def test_results_that_are_too_large_to_keep_are_refused_as_such(gateway: Gateway, datasets: FakeDatasets) -> None:
    created = await gateway.post(PATH, json={"accidents": [{}]})
    datasets.refusal = Refused("FILE_TOO_LARGE", "for developers")
    assert refusal(await gateway.post(f"{created.headers['location']}/dataset")) == (413, "RESULTS_TOO_LARGE")


async def test_results_of_a_batch_under_way_are_not_kept(
    gateway: Gateway, batches: FakeBatches, datasets: FakeDatasets, table: pa.Table
) -> None:
    batches.unpredicted = {7}
    assert refusal(await gateway.post(f"{await new_batch(gateway)}/dataset")) == (409, "BATCH_UNFINISHED")
    assert not datasets.descriptions


async def test_batch_that_was_given_up_says_why(gateway: Gateway, batches: FakeBatches, table: pa.Table) -> None:
    path = await new_batch(gateway)
    batches.failure = "DATASET_NOT_FOUND"
    answer = (await gateway.get(path)).json()
    assert (answer["status"], answer["failure"]) == ("failed", "데이터셋을 찾을 수 없습니다.")
