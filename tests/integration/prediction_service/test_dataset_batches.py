"""Batches of the rows of a dataset, on a real PostgreSQL; the test is the worker that brings the rows."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2

from prediction_service.batches import MOST_ROWS, SLICE
from servicekit.ids import new_id
from servicekit.prediction_inputs import LABELS
from tests.contract.prediction_service.running_service import (
    RunningService,
    accident,
    failure,
    running_service,
    varied,
)
from tests.real_servers import Postgres, ServerProcess

COLUMNS = ("occurred_at", *LABELS)
COMPLETED, FAILED = batch_pb2.BATCH_STATUS_COMPLETED, batch_pb2.BATCH_STATUS_FAILED


@pytest.fixture(scope="module")
async def service(postgres: Postgres, valkey: ServerProcess) -> AsyncIterator[RunningService]:
    """A running service without a worker."""
    database_url = postgres.new_database()
    async with running_service(database_url, valkey.url) as service:
        yield service
    postgres.drop_database(database_url)


async def _create(
    service: RunningService,
    total: int,
    inputs: Sequence[str] = COLUMNS,
    *,
    is_date_only: bool = False,
    **first: Any,
) -> batch_pb2.Batch:
    columns = [batch_pb2.InputColumn(input=name, column=f"열 {name}", is_date_only=is_date_only) for name in inputs]
    rows = batch_pb2.DatasetRows(total=total, columns=columns, content_hash="hash")
    part = batch_pb2.CreateBatchRequest(rows=rows, **{"dataset_id": new_id(), **first})
    batch: batch_pb2.Batch = (await service.batches.CreateBatch(iter([part]))).batch
    return batch


async def _predict(
    service: RunningService, batch_id: str, offset: int, accidents: Sequence[accident_pb2.Accident], **others: Any
) -> batch_pb2.Batch:
    request = batch_pb2.PredictRowsRequest(batch_id=batch_id, offset=offset, accidents=accidents, **others)
    batch: batch_pb2.Batch = (await service.batches.PredictRows(request)).batch
    return batch


async def _predict_all(service: RunningService, batch_id: str, rows: Sequence[accident_pb2.Accident]) -> list[int]:
    steps = [0]
    while steps[-1] < len(rows):
        batch = await _predict(service, batch_id, steps[-1], rows[steps[-1] : steps[-1] + SLICE])
        steps.append(batch.done)
    return steps


async def test_rows_are_asked_for_again_with_a_key_whatever_the_dataset_holds_by_now(service: RunningService) -> None:
    dataset_id = new_id()
    asked: dict[str, Any] = {"dataset_id": dataset_id, "idempotency_key": "rows"}
    first, again = await _create(service, 1203, **asked), await _create(service, 1300, **asked)
    assert (again.batch_id, again.total) == (first.batch_id, 1203)
    for other in ({"inputs": COLUMNS[::-1]}, {"dataset_id": new_id()}):
        error = await failure(_create(service, 1203, **asked | other))
        assert error.reason == "IDEMPOTENCY_KEY_REUSED"


async def test_rows_are_predicted_as_they_come_and_listed_with_what_was_used(service: RunningService) -> None:
    dataset_id, rows = new_id(), varied(1203)
    batch = await _create(service, 1203, dataset_id=dataset_id)
    assert (batch.total, batch.done, batch.dataset_id, batch.content_hash) == (1203, 0, dataset_id, "hash")
    assert [(column.input, column.column) for column in batch.columns] == [(name, f"열 {name}") for name in COLUMNS]

    assert await _predict_all(service, batch.batch_id, rows) == [0, 500, 1000, 1203]

    assert (await service.get_batch(batch.batch_id)).status == COMPLETED
    results = await service.results(batch.batch_id)
    singles = await service.predict_many(prediction_pb2.PredictionRequest(accident=row) for row in rows[:1000])
    for index, (result, single) in enumerate(zip(results, singles, strict=False)):
        assert (result.index, result.prediction.eclo) == (index, single.prediction.eclo)
        assert (result.accident.weather, result.accident.day_of_week != "") == (rows[index].weather, True)
    assert len(results) == 1203
    asked = batch_pb2.ListBatchResultsRequest(batch_id=batch.batch_id, without_accidents=True)
    assert not any(result.HasField("accident") for result in (await service.batches.ListBatchResults(asked)).results)


async def test_row_that_cannot_be_read_or_predicted_keeps_its_reason(service: RunningService) -> None:
    batch = await _create(service, 4)
    problem = accident_pb2.FieldProblem(field="occurred_at", reason="DATE_EXPECTED", message="No moment.")
    malformed = [batch_pb2.MalformedItem(index=1, problems=[problem])]
    sent = [accident(), accident(weather="화성 먼지\0"), accident(accident_hour=99)]

    ended = await _predict(service, batch.batch_id, 0, sent, malformed_items=malformed)

    assert (ended.status, ended.done, ended.failed) == (COMPLETED, 4, 3)
    results = await service.results(batch.batch_id)
    assert [result.index for result in results] == [0, 1, 2, 3]
    assert [[problem.field for problem in result.error.problems] for result in results] == [
        [],
        ["occurred_at"],
        ["weather"],
        ["accident_hour"],
    ]
    assert [result.HasField("accident") for result in results] == [True, False, True, True]


async def test_rows_sent_twice_late_or_by_two_workers_at_once_are_predicted_once(service: RunningService) -> None:
    rows = varied(1500)
    batch_id = (await _create(service, 1500)).batch_id
    assert (await _predict(service, batch_id, 500, rows[500:1000])).done == 0  # not the next ones
    await asyncio.gather(*(_predict_all(service, batch_id, rows) for _ in range(3)))
    assert (await _predict(service, batch_id, 1000, rows[1000:])).status == COMPLETED
    found = service.rows("SELECT batch_index FROM prediction.predictions WHERE batch_id = %s", batch_id)
    assert Counter(index for (index,) in found) == Counter(range(1500))


async def test_repeated_creation_returns_the_first_batch(service: RunningService) -> None:
    batch_id = new_id()
    first = await _create(service, 5, batch_id=batch_id)
    assert (await _create(service, 7, batch_id=batch_id)).total == first.total == 5


@pytest.mark.parametrize(
    ("inputs", "is_date_only", "named"),
    [
        ((), False, ["occurred_at", *LABELS]),
        (COLUMNS, True, ["accident_hour"]),
        (("accident_year", "accident_hour", *LABELS), False, ["accident_month", "accident_day"]),
        ((*COLUMNS, "colour"), False, ["colour"]),
    ],
)
async def test_input_without_a_column_and_unknown_input_are_named(
    service: RunningService, inputs: Sequence[str], is_date_only: bool, named: list[str]
) -> None:
    error = await failure(_create(service, 5, inputs, is_date_only=is_date_only))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert [violation.field for violation in error.violations] == [f"columns.{name}" for name in named]


async def test_dataset_with_more_rows_than_a_batch_has_is_refused(service: RunningService) -> None:
    for total in (0, MOST_ROWS + 1):
        assert (await failure(_create(service, total))).reason == "ROWS_TOO_MANY"
    assert (await _create(service, MOST_ROWS)).total == MOST_ROWS


async def test_batch_of_rows_and_one_of_accidents_are_not_taken_for_each_other(service: RunningService) -> None:
    of_rows, of_accidents = await _create(service, 1), await service.create_batch(varied(1))
    for call in (service.process(of_rows.batch_id), _predict(service, of_accidents.batch_id, 0, varied(1))):
        assert (await failure(call)).reason == "REQUEST_INVALID"
    assert (await failure(_predict(service, of_rows.batch_id, 0, varied(SLICE + 1)))).reason == "TOO_MANY_ACCIDENTS"


async def test_batch_whose_rows_are_gone_is_given_up_with_the_reason_and_keeps_its_results(
    service: RunningService,
) -> None:
    rows = varied(700)
    batch_id = (await _create(service, 700)).batch_id
    await _predict(service, batch_id, 0, rows[:500])
    for reason in ("DATASET_NOT_FOUND", "COLUMN_NOT_FOUND"):  # the second comes too late
        request = batch_pb2.GiveUpBatchRequest(batch_id=batch_id, failure=reason)
        batch = (await service.batches.GiveUpBatch(request)).batch
    assert (batch.status, batch.failure, batch.done) == (FAILED, "DATASET_NOT_FOUND", 500)
    assert (await _predict(service, batch_id, 500, rows[500:])).done == 500
    assert len(await service.results(batch_id)) == 500
