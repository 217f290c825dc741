"""Batches of the real service on a real PostgreSQL; the test is the worker."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import psycopg2
import pytest
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2

from prediction_service.batches import MOST_ROWS
from servicekit.ids import new_id
from tests.contract.prediction_service.running_service import (
    RunningService,
    accident,
    failure,
    rows,
    running_service,
    varied,
)
from tests.real_servers import Postgres, ServerProcess

PENDING, PROCESSING = batch_pb2.BATCH_STATUS_PENDING, batch_pb2.BATCH_STATUS_PROCESSING
COMPLETED, CANCELLED = batch_pb2.BATCH_STATUS_COMPLETED, batch_pb2.BATCH_STATUS_CANCELLED


@pytest.fixture(scope="module")
async def running(postgres: Postgres, valkey: ServerProcess) -> AsyncIterator[RunningService]:
    """A running service without a worker."""
    database_url = postgres.new_database()
    async with running_service(database_url, valkey.url) as service:
        yield service
    postgres.drop_database(database_url)


@pytest.fixture
def service(running: RunningService) -> Iterator[RunningService]:
    """The service, which has no batch yet."""
    yield running
    running.rows("TRUNCATE prediction.batches, prediction.batch_items, prediction.predictions")


def _moment(stamp: Any) -> datetime:
    moment: datetime = stamp.ToDatetime(tzinfo=UTC)
    return moment


async def _results(service: RunningService, batch_id: str, **page: Any) -> batch_pb2.ListBatchResultsResponse:
    asked = batch_pb2.ListBatchResultsRequest(batch_id=batch_id, **page)
    answer: batch_pb2.ListBatchResultsResponse = await service.batches.ListBatchResults(asked)
    return answer


async def _list(service: RunningService, **fields: Any) -> list[str]:
    answer = await service.batches.ListBatches(batch_pb2.ListBatchesRequest(**fields))
    return [batch.batch_id for batch in answer.batches]


async def _cancel(service: RunningService, batch_id: str) -> batch_pb2.Batch:
    batch: batch_pb2.Batch = (await service.batches.CancelBatch(batch_pb2.CancelBatchRequest(batch_id=batch_id))).batch
    return batch


async def _claim(service: RunningService) -> list[str]:
    claimed = await service.batches.ClaimOverdueBatches(batch_pb2.ClaimOverdueBatchesRequest())
    return list(claimed.batch_ids)


async def _rest(call: Any) -> list[batch_pb2.Batch]:
    batches: list[batch_pb2.Batch] = []
    while isinstance(response := await call.read(), batch_pb2.ProcessBatchResponse):
        batches.append(response.batch)
    return batches


def _rows_per_item(service: RunningService, batch_id: str) -> Counter[int]:
    found = service.rows("SELECT batch_index FROM prediction.predictions WHERE batch_id = %s", batch_id)
    return Counter(index for (index,) in found)


async def test_new_batch_waits_with_all_its_items(service: RunningService) -> None:
    dataset_id = str(uuid4())
    before = datetime.now(UTC) - timedelta(seconds=1)
    batch = await service.create_batch(varied(7), dataset_id=dataset_id)

    assert UUID(batch.batch_id).version == 7
    assert (batch.status, batch.total, batch.done, batch.failed) == (PENDING, 7, 0, 0)
    assert batch.dataset_id == dataset_id
    assert before < _moment(batch.created_at) <= datetime.now(UTC) + timedelta(seconds=1)
    assert _moment(batch.estimated_completion) >= _moment(batch.created_at)
    assert not batch.HasField("started_at")
    assert not batch.HasField("finished_at")
    again = await service.get_batch(batch.batch_id)
    again.estimated_completion.CopyFrom(batch.estimated_completion)
    assert again == batch
    assert not (await _results(service, batch.batch_id)).results


async def test_processed_batch_has_every_item_in_order(service: RunningService) -> None:
    accidents = varied(1203)
    batch = await service.create_batch(accidents)
    progress = await service.process(batch.batch_id)

    assert [step.done for step in progress] == [500, 1000, 1203]
    assert [step.status for step in progress] == [PROCESSING, PROCESSING, COMPLETED]
    results = await service.results(batch.batch_id)
    assert [result.index for result in results] == list(range(1203))
    assert [result.accident for result in results] == accidents  # as they were given
    assert {result.WhichOneof("result") for result in results} == {"prediction"}
    ended = await service.get_batch(batch.batch_id)
    assert _moment(ended.created_at) <= _moment(ended.started_at) <= _moment(ended.finished_at)
    assert not ended.HasField("estimated_completion")


async def test_results_from_before_there_was_an_expected_value_are_listed_with_it(service: RunningService) -> None:
    batch = await service.create_batch(varied(20))
    await service.process(batch.batch_id)
    made = await service.results(batch.batch_id)
    service.rows("UPDATE prediction.predictions SET expected_value = NULL WHERE batch_id = %s", batch.batch_id)
    assert await service.results(batch.batch_id) == made


async def test_each_row_equals_the_single_prediction(service: RunningService) -> None:
    accidents = [*varied(300), accident(district="상동"), accident(day_of_week="월"), accident(weather="맑은")]
    accidents += [accident(district="부산 중구"), accident(district="경북 군위군 의흥면")]
    accidents += [
        accident(accident_type="차대차\0"),
        accident(district="가" * 300),
        accident(weather="맑음" + " " * 250),
    ]
    batch = await service.create_batch(accidents)
    await service.process(batch.batch_id)

    singles = await service.predict_many(prediction_pb2.PredictionRequest(accident=item) for item in accidents)
    for result, single in zip(await service.results(batch.batch_id), singles, strict=True):
        assert result.WhichOneof("result") == single.WhichOneof("result")
        if single.HasField("prediction"):
            for name in ("eclo", "expected", "range", "interpretation", "warnings", "model_version"):
                assert getattr(result.prediction, name) == getattr(single.prediction, name)
            assert result.prediction.prediction_id != single.prediction.prediction_id
        else:
            assert result.error.reason == single.error.reason
            told = [
                [(p.field, p.reason, list(p.allowed), p.suggestion, p.found) for p in answer.error.problems]
                for answer in (result, single)
            ]
            assert told[0] == told[1]


async def test_bad_items_are_errors_of_their_own(service: RunningService) -> None:
    bad = [
        accident(weather="맑은"),
        accident_pb2.Accident(),
        accident(accident_month=2, accident_day=30),
        accident(road_type="\0"),
        accident(accident_hour=2**31 - 1),
        accident(district="가" * 100_000),
    ]
    batch = await service.create_batch([item for pair in zip(bad, varied(len(bad)), strict=True) for item in pair])
    (end,) = await service.process(batch.batch_id)

    assert (end.status, end.done, end.failed) == (COMPLETED, 12, 6)
    results = await service.results(batch.batch_id)
    assert [result.WhichOneof("result") for result in results] == ["error", "prediction"] * 6
    error = results[0].error
    assert (error.reason, error.problems[0].field, error.problems[0].suggestion) == (
        "ACCIDENT_INVALID",
        "weather",
        "맑음",
    )
    assert len(results[2].error.problems) == 8


async def test_batch_of_bad_items_alone_is_complete(service: RunningService) -> None:
    batch = await service.create_batch([accident(weather="?")] * 600)
    assert [(step.done, step.failed) for step in await service.process(batch.batch_id)] == [(500, 500), (600, 600)]
    assert (await service.get_batch(batch.batch_id)).status == COMPLETED


async def test_twenty_thousand_are_taken_and_one_more_is_not(service: RunningService) -> None:
    accidents = varied(20_001)
    for wrong in (accidents, []):
        error = await failure(service.create_batch(wrong))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "BATCH_SIZE_INVALID")
    assert service.rows("SELECT count(*) FROM prediction.batch_items") == [(0,)]

    batch = await service.create_batch(accidents[:20_000])
    assert batch.total == 20_000
    last = await service.process(batch.batch_id)
    assert (last[-1].status, last[-1].failed) == (COMPLETED, 0)
    assert _rows_per_item(service, batch.batch_id) == Counter(range(20_000))


@pytest.mark.parametrize("name", ["batch_id", "dataset_id"])
async def test_id_that_is_no_uuid_is_refused(service: RunningService, name: str) -> None:
    error = await failure(service.create_batch(varied(1), **{name: "x"}))
    assert (error.code, error.violations[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, name)


async def test_same_id_again_answers_with_the_batch_that_is_there(service: RunningService) -> None:
    batch_id = new_id()
    made = await asyncio.gather(*(service.create_batch(varied(3), batch_id=batch_id) for _ in range(10)))
    assert {batch.batch_id for batch in made} == {batch_id}
    await service.process(batch_id)
    again = await service.create_batch(varied(5), batch_id=batch_id)
    assert (again.total, again.done, again.status) == (3, 3, COMPLETED)
    assert service.rows("SELECT count(*) FROM prediction.batch_items") == [(3,)]


async def test_same_key_again_answers_with_the_batch_of_the_first_request(service: RunningService) -> None:
    dataset_id = str(uuid4())
    asked = {"idempotency_key": "주문-1", "dataset_id": dataset_id}
    items = [*varied(3), accident(weather="?")]
    made = await asyncio.gather(*(service.create_batch(items, **asked) for _ in range(20)))
    assert len({batch.batch_id for batch in made}) == 1
    assert service.rows("SELECT count(*) FROM prediction.batches") == [(1,)]
    assert service.rows("SELECT count(*) FROM prediction.batch_items") == [(4,)]
    await service.process(made[0].batch_id)
    again = await service.create_batch(items, **asked)
    assert (again.batch_id, again.status) == (made[0].batch_id, COMPLETED)


async def test_key_of_another_request_is_refused(service: RunningService) -> None:
    dataset_id = str(uuid4())
    asked = {"idempotency_key": "주문-1", "dataset_id": dataset_id}
    await service.create_batch(varied(3), **asked)
    others: tuple[tuple[list[accident_pb2.Accident], dict[str, str]], ...] = (
        (varied(4), asked),
        (varied(3)[::-1], asked),
        (varied(3), asked | {"dataset_id": ""}),
    )
    for accidents, fields in others:
        error = await failure(service.create_batch(accidents, **fields))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "IDEMPOTENCY_KEY_REUSED")
    error = await failure(service.create_batch(varied(3), idempotency_key="가" * 201))
    assert error.violations[0].field == "idempotency_key"
    assert service.rows("SELECT count(*) FROM prediction.batches") == [(1,)]
    for _ in range(2):  # without a key each request is another one
        await service.create_batch(varied(3))
    assert service.rows("SELECT count(*) FROM prediction.batches") == [(3,)]


async def test_of_150_submitted_at_once_exactly_100_are_accepted(service: RunningService) -> None:
    answers = await asyncio.gather(*(service.create_batch(varied(2)) for _ in range(150)), return_exceptions=True)
    accepted = [answer.batch_id for answer in answers if isinstance(answer, batch_pb2.Batch)]
    refusals = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert (len(accepted), len(refusals)) == (100, 50)
    assert {refusal.code() for refusal in refusals} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert service.rows("SELECT count(*) FROM prediction.batches") == [(100,)]

    refused = await failure(service.create_batch(varied(1)))
    assert (refused.reason, refused.facts) == ("TOO_MANY_BATCHES", {"limit": "100"})
    assert (await service.create_batch(varied(1), batch_id=accepted[0])).batch_id == accepted[0]  # is there already
    await _cancel(service, accepted[0])
    await service.process(accepted[1])
    await service.create_batch(varied(1))
    await service.create_batch(varied(1))
    assert (await failure(service.create_batch(varied(1)))).reason == "TOO_MANY_BATCHES"


async def test_batches_are_listed_newest_first_and_by_dataset(service: RunningService) -> None:
    dataset_id = str(uuid4())
    first = (await service.create_batch(varied(1), dataset_id=dataset_id)).batch_id
    second = (await service.create_batch(varied(1))).batch_id
    third = (await service.create_batch(varied(1), dataset_id=dataset_id)).batch_id
    await service.process(third)

    assert await _list(service) == [third, second, first]
    assert await _list(service, page_size=2) == [third, second]
    assert await _list(service, dataset_id=dataset_id) == [third, first]
    assert await _list(service, dataset_id=dataset_id, unfinished_only=True) == [first]
    assert await _list(service, unfinished_only=True) == [second, first]


async def test_results_are_given_by_page(service: RunningService) -> None:
    batch = await service.create_batch(varied(1200))
    await service.process(batch.batch_id)
    assert [r.index for r in (await _results(service, batch.batch_id)).results] == list(range(100))
    page = await _results(service, batch.batch_id, limit=3, offset=1198)
    assert [result.index for result in page.results] == [1198, 1199]
    assert page.batch.status == COMPLETED
    assert len((await _results(service, batch.batch_id, limit=1000)).results) == 1000
    for name, value in (("limit", 1001), ("limit", -1), ("offset", -1), ("offset", MOST_ROWS + 1)):
        error = await failure(_results(service, batch.batch_id, **{name: value}))
        assert (error.code, error.violations[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, name)


async def test_batches_are_listed_page_by_page_to_the_end_whatever_is_added_meanwhile(service: RunningService) -> None:
    dataset_id = str(uuid4())
    made = [(await service.create_batch(varied(1), dataset_id=dataset_id)).batch_id for _ in range(5)]
    for filters in ({}, {"dataset_id": dataset_id}, {"unfinished_only": True}):
        pages, after, before = [], "", len(await _list(service))
        while True:
            asked = batch_pb2.ListBatchesRequest(page_size=2, after=after, **filters)
            page = await service.batches.ListBatches(asked)
            pages.append([batch.batch_id for batch in page.batches])
            if not page.HasField("next"):
                break
            after = page.next
            await service.create_batch(varied(1), dataset_id=dataset_id)
        listed = [batch_id for page in pages for batch_id in page]
        assert len(listed) == len(set(listed)) == before
        assert listed[-5:] == made[::-1]
    error = await failure(_list(service, after="x"))
    assert (error.code, error.violations[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, "after")


async def test_results_go_on_behind_a_page_until_the_last_that_there_is(service: RunningService) -> None:
    batch = await service.create_batch(varied(600))
    await service.process(batch.batch_id)
    service.rows("UPDATE prediction.batches SET status = 'processing', done = 500")
    found, after = [], ""
    while True:
        page = await _results(service, batch.batch_id, limit=240, after=after)
        found.append([result.index for result in page.results])
        if not page.HasField("next"):
            break
        after = page.next
    assert [(indexes[0], len(indexes)) for indexes in found] == [(0, 240), (240, 240), (480, 20)]
    for cursor in ("x", "-1"):
        assert (await failure(_results(service, batch.batch_id, after=cursor))).violations[0].field == "after"
    assert (await failure(_results(service, batch.batch_id, after="5", offset=5))).violations[0].field == "offset"


async def test_results_are_streamed_in_parts_from_where_they_are_asked_for(service: RunningService) -> None:
    batch = await service.create_batch(varied(1200))

    async def read(**fields: Any) -> list[batch_pb2.ReadBatchResultsResponse]:
        asked = batch_pb2.ReadBatchResultsRequest(batch_id=batch.batch_id, **fields)
        return [part async for part in service.batches.ReadBatchResults(asked)]

    (nothing,) = await read()
    assert (nothing.batch.batch_id, list(nothing.results)) == (batch.batch_id, [])
    await service.process(batch.batch_id)
    first, *others = await read()
    assert (first.batch.done, {part.HasField("batch") for part in others}) == (1200, {False})
    assert [[len(part.results) for part in (first, *others)]] == [[200] * 6]
    some = await read(offset=150, limit=250, without_accidents=True)
    results = [result for part in some for result in part.results]
    assert [result.index for result in results] == list(range(150, 400))
    assert not any(result.HasField("accident") for result in results)
    assert [[result.index for result in part.results] for part in await read(after="1198")] == [[1198, 1199]]
    assert [len(part.results) for part in await read(offset=5000)] == [0]


async def test_unknown_batch_is_not_found_by_any_call(service: RunningService) -> None:
    batch_id = new_id()
    for call in (
        service.get_batch(batch_id),
        _results(service, batch_id),
        service.results(batch_id),
        _cancel(service, batch_id),
        service.process(batch_id),
    ):
        error = await failure(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "BATCH_NOT_FOUND")


async def test_batch_processed_by_many_at_once_and_again_has_each_item_once(service: RunningService) -> None:
    batch = await service.create_batch(varied(2000))
    progress = await asyncio.gather(*(service.process(batch.batch_id) for _ in range(5)))
    assert max(step.done for steps in progress for step in steps) == 2000
    assert _rows_per_item(service, batch.batch_id) == Counter(range(2000))

    assert await service.process(batch.batch_id) == []  # it has ended
    assert _rows_per_item(service, batch.batch_id) == Counter(range(2000))


async def test_two_services_that_process_one_batch_store_each_item_once(
    service: RunningService, valkey: ServerProcess
) -> None:
    batch = await service.create_batch(varied(3000))
    async with running_service(service.database_url, valkey.url) as other:
        await asyncio.gather(service.process(batch.batch_id), other.process(batch.batch_id))
    ended = await service.get_batch(batch.batch_id)
    assert (ended.status, ended.done) == (COMPLETED, 3000)
    assert _rows_per_item(service, batch.batch_id) == Counter(range(3000))


async def test_worker_that_leaves_costs_nothing(service: RunningService) -> None:
    batch = await service.create_batch(varied(3000))
    seen = 0
    while seen < 2000:
        call = service.batches.ProcessBatch(batch_pb2.ProcessBatchRequest(batch_id=batch.batch_id))
        seen = (await call.read()).batch.done
        call.cancel()
    await service.process(batch.batch_id)
    assert (await service.get_batch(batch.batch_id)).status == COMPLETED
    assert _rows_per_item(service, batch.batch_id) == Counter(range(3000))
    assert service.rows("SELECT tries FROM prediction.batches") == [(0,)]


async def test_cancelled_batch_keeps_what_is_predicted_and_predicts_no_more(service: RunningService) -> None:
    batch = await service.create_batch(varied(5000))
    call = service.batches.ProcessBatch(batch_pb2.ProcessBatchRequest(batch_id=batch.batch_id))
    assert (await call.read()).batch.done == 500
    cancelled = await _cancel(service, batch.batch_id)
    rest = await _rest(call)

    assert cancelled.status == CANCELLED
    assert cancelled.HasField("finished_at")
    assert rest[-1].status == CANCELLED
    ended = await service.get_batch(batch.batch_id)
    assert cancelled.done == ended.done < 5000
    assert _rows_per_item(service, batch.batch_id) == Counter(range(ended.done))
    assert await service.process(batch.batch_id) == []
    assert len(await service.results(batch.batch_id)) == ended.done


async def test_batch_that_has_ended_cannot_be_cancelled(service: RunningService) -> None:
    completed, cancelled = [(await service.create_batch(varied(1))).batch_id for _ in range(2)]
    await service.process(completed)
    await _cancel(service, cancelled)
    for batch_id, status in ((completed, "completed"), (cancelled, "cancelled")):
        error = await failure(_cancel(service, batch_id))
        assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "BATCH_ENDED")
        assert error.facts == {"status": status}


async def test_failure_of_the_database_is_no_try(service: RunningService, valkey: ServerProcess) -> None:
    batch = await service.create_batch(varied(600))
    connection = psycopg2.connect(service.database_url)
    async with running_service(service.database_url, valkey.url, database_lock_seconds=0.5) as impatient:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE prediction.predictions IN ACCESS EXCLUSIVE MODE")
            for _ in range(2):
                error = await failure(impatient.process(batch.batch_id))
                assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")
        connection.close()
    assert service.rows("SELECT tries, done FROM prediction.batches") == [(0, 0)]
    await service.process(batch.batch_id)
    assert _rows_per_item(service, batch.batch_id) == Counter(range(600))


async def test_overdue_batches_are_claimed_once_oldest_first(service: RunningService) -> None:
    ids = [(await service.create_batch(varied(1))).batch_id for _ in range(5)]
    assert await _claim(service) == []  # just made
    service.rows("UPDATE prediction.batches SET touched_at = now() - interval '6 seconds'")
    await service.process(ids[1])
    await _cancel(service, ids[3])
    service.rows("UPDATE prediction.batches SET touched_at = now() - interval '6 seconds'")

    assert await _claim(service) == [ids[0], ids[2], ids[4]]
    assert await _claim(service) == []
    service.rows("UPDATE prediction.batches SET touched_at = now() - interval '1 second'")
    assert await _claim(service) == []


async def test_overdue_batches_claimed_by_many_at_once_go_to_one(service: RunningService) -> None:
    ids = [(await service.create_batch(varied(1))).batch_id for _ in range(20)]
    service.rows("UPDATE prediction.batches SET touched_at = now() - interval '6 seconds'")
    claimed = await asyncio.gather(*(_claim(service) for _ in range(5)))
    assert sorted(batch_id for some in claimed for batch_id in some) == sorted(ids)


class SlowMachine:
    """A clock by which each slice of 500 accidents takes 100 seconds, no matter what else reads it meanwhile."""

    def __init__(self) -> None:
        self._now = ContextVar("now", default=0.0)

    def perf_counter(self) -> float:
        self._now.set(now := self._now.get() + 100.0)
        return now


async def test_progress_counts_up_and_its_estimate_is_that_of_the_pace_so_far(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prediction_service.batches.time", SlowMachine())
    batch = await service.create_batch(varied(6000))
    for _ in range(2):  # until the pace of before is forgotten, however quick it was
        await service.process((await service.create_batch(varied(6000))).batch_id)
    call = service.batches.ProcessBatch(batch_pb2.ProcessBatchRequest(batch_id=batch.batch_id))
    steps = [(datetime.now(UTC), response.batch) async for response in call]

    done = [step.done for _, step in steps]
    assert done == sorted(set(done))
    told_at, last_but_one = steps[-2]
    promised = _moment(last_but_one.estimated_completion) - told_at
    assert (last_but_one.total - last_but_one.done) == 500
    assert abs(promised - timedelta(seconds=100)) < timedelta(seconds=30)


async def test_estimate_counts_the_work_of_others(service: RunningService) -> None:
    first = await service.create_batch(varied(5000))
    second = await service.create_batch(varied(100))
    assert _moment(second.estimated_completion) > _moment(first.estimated_completion)
    # Two that have begun take turns: the small one waits for no more of the large one than it has itself.
    service.rows("UPDATE prediction.batches SET status = 'processing'")
    large, small = [await service.get_batch(batch.batch_id) for batch in (first, second)]
    now = datetime.now(UTC)
    assert _moment(small.estimated_completion) - now < (_moment(large.estimated_completion) - now) / 10


async def test_no_end_is_promised_while_nobody_works(service: RunningService) -> None:
    batch = await service.create_batch(varied(10))
    service.rows("UPDATE prediction.batches SET touched_at = now() - interval '1 hour'")
    assert not (await service.get_batch(batch.batch_id)).HasField("estimated_completion")

    await service.create_batch(varied(10))  # a worker is at this one, and will come to the other
    assert (await service.get_batch(batch.batch_id)).HasField("estimated_completion")


async def test_process_that_stops_leaves_the_rest_for_later(service: RunningService, valkey: ServerProcess) -> None:
    batch = await service.create_batch(varied(8000))
    async with running_service(service.database_url, valkey.url) as stopping:
        call = stopping.batches.ProcessBatch(batch_pb2.ProcessBatchRequest(batch_id=batch.batch_id))
        first = (await call.read()).batch
        stopping.server.stopping.set()
        steps = [first, *await _rest(call)]
    done = (await service.get_batch(batch.batch_id)).done
    assert done < 8000
    assert steps[-1].done == done
    await service.process(batch.batch_id)
    assert _rows_per_item(service, batch.batch_id) == Counter(range(8000))
    assert rows(service.database_url, "SELECT tries FROM prediction.batches") == [(0,)]


async def test_singles_are_answered_while_a_batch_is_processed(service: RunningService) -> None:
    batch = await service.create_batch(varied(8000))
    processing = asyncio.ensure_future(service.process(batch.batch_id))
    answered = 0
    while not processing.done():
        await service.predict()
        answered += 1
    steps = processing.result()
    assert answered > len(steps) / 2  # none waits for much more than the slice that is under way
    assert steps[-1].status == COMPLETED
