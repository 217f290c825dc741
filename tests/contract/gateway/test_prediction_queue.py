"""The queue of predictions in front of services that break, drain, hang, die and come back."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from daegu.prediction.v1 import accident_pb2, prediction_pb2

from gateway.errors import ApiError
from gateway.prediction_queue import PredictionQueue
from gateway.prediction_stream import FRAMES_UNDER_WAY
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.fake_services import FakePredictions, FakeService, prediction_service
from tests.patience import PATIENCE_SECONDS


@dataclass
class Caller:
    has_gone: bool = False


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    async with prediction_service().running() as service:
        yield service


@pytest.fixture
def predictions(service: FakeService) -> FakePredictions:
    assert service.predictions
    return service.predictions


@pytest.fixture
async def queue(service: FakeService) -> AsyncIterator[PredictionQueue]:
    async with _queue(service) as queue:
        yield queue


def _queue(
    *services: FakeService, wait_seconds: float = PATIENCE_SECONDS, most_waiting: int = 2000, **options: Any
) -> PredictionQueue:
    target = ",".join(service.target for service in services)
    return PredictionQueue(target, wait_seconds=wait_seconds, most_waiting=most_waiting, **options)


async def _predict(queue: PredictionQueue, hour: int, client: Caller | None = None) -> float:
    accident = accident_pb2.Accident(**ACCIDENT_EXAMPLE | {"accident_hour": hour})
    request = prediction_pb2.PredictionRequest(accident=accident)
    return (await queue.predict(request, client or Caller())).prediction.eclo


def _ask(queue: PredictionQueue, hours: Iterable[int]) -> list[asyncio.Task[float]]:
    return [asyncio.create_task(_predict(queue, hour)) for hour in hours]


async def _assert_answered(asking: Sequence[asyncio.Task[float]], hours: Iterable[int]) -> None:
    assert await asyncio.gather(*asking) == [1.0 + hour for hour in hours]


async def _fill(queue: PredictionQueue, predictions: FakePredictions) -> list[asyncio.Task[float]]:
    """Sends as many frames of one request, for hour 0, as may be in progress; none is answered until `may_answer`."""
    predictions.may_answer.clear()
    asking = []
    for _ in range(FRAMES_UNDER_WAY):
        asking += _ask(queue, [0])
        await predictions.was_asked.wait()
        predictions.was_asked.clear()
    return asking


async def _refusal(asking: Any) -> str:
    with pytest.raises(ApiError) as raised:
        await asking
    return raised.value.reason


async def test_everyone_gets_the_answer_to_their_own_question(queue: PredictionQueue) -> None:
    hours = [*range(24)] * 50
    await _assert_answered(_ask(queue, hours), hours)


async def test_what_waits_meanwhile_goes_as_one_frame_without_what_was_taken_back(
    queue: PredictionQueue, predictions: FakePredictions
) -> None:
    asking = await _fill(queue, predictions)
    (taken_back,) = _ask(queue, [7])
    asking += _ask(queue, range(20))
    await asyncio.sleep(0)  # all wait now
    taken_back.cancel()
    predictions.may_answer.set()

    await _assert_answered(asking, [0] * FRAMES_UNDER_WAY + [*range(20)])
    assert predictions.frame_sizes == [1] * FRAMES_UNDER_WAY + [20]


@pytest.mark.parametrize("breaks", [1, 3])
async def test_broken_stream_is_opened_again_and_every_prediction_stored_once(
    queue: PredictionQueue, predictions: FakePredictions, breaks: int
) -> None:
    predictions.streams_to_break = breaks

    await _assert_answered(_ask(queue, range(24)), range(24))

    assert predictions.streams_opened == breaks + 1
    assert len(predictions.stored) == 24
    assert set(predictions.asked.values()) == {breaks + 1}  # the same ids came again, once for each break


async def test_draining_service_is_left_without_loss(queue: PredictionQueue, predictions: FakePredictions) -> None:
    predictions.may_answer.clear()
    asking = _ask(queue, range(24))
    await predictions.was_asked.wait()
    predictions.draining.set()
    predictions.draining = asyncio.Event()  # for the next stream
    predictions.may_answer.set()

    await _assert_answered(asking, range(24))
    await _assert_answered(_ask(queue, range(24)), range(24))
    assert set(predictions.asked.values()) == {1}


async def test_service_that_dies_and_comes_back_in_time_loses_nothing() -> None:
    service = prediction_service()
    predictions = service.predictions
    assert predictions
    async with AsyncExitStack() as ours:
        async with service.running():
            queue = await ours.enter_async_context(_queue(service))
            predictions.may_answer.clear()
            asking = _ask(queue, range(24))
            await predictions.was_asked.wait()
        assert not any(task.done() for task in asking)
        predictions.may_answer.set()
        async with service.running():
            await _assert_answered(asking, range(24))

    assert len(predictions.stored) == 24


async def test_queue_closes_at_once_even_while_its_service_goes_away() -> None:
    for _ in range(10):  # the two must not miss each other, however close they come
        async with AsyncExitStack() as ours, prediction_service().running() as service:
            queue = await ours.enter_async_context(_queue(service))
            await _predict(queue, 0)


async def test_streams_that_broke_leave_nothing_behind(queue: PredictionQueue, predictions: FakePredictions) -> None:
    await _predict(queue, 0)
    tasks_of_one_stream = len(asyncio.all_tasks())
    for _ in range(5):
        predictions.streams_to_break = 1
        await _predict(queue, 0)

    assert predictions.streams_opened == 6
    assert len(asyncio.all_tasks()) == tasks_of_one_stream


async def test_service_that_stays_away_is_told_within_the_wait_and_then_at_once() -> None:
    async with AsyncExitStack() as ours:
        async with prediction_service().running() as service:
            queue = await ours.enter_async_context(_queue(service))
            await _predict(queue, 0)
        queue._wait_seconds = 1.0
        while await _refusal(_predict(queue, 0)) == "DEADLINE_PASSED":
            pass  # the stream has not broken yet
        assert await _refusal(_predict(queue, 0)) == "SERVICE_UNAVAILABLE"

        with pytest.raises(ApiError, match="SERVICE_UNAVAILABLE"):
            _predict(queue, 0).send(None)  # does not even begin to wait


async def test_wait_ends_at_its_deadline_and_the_late_answer_harms_nobody(
    service: FakeService, predictions: FakePredictions
) -> None:
    async with _queue(service, wait_seconds=1.0) as queue:
        predictions.may_answer.clear()
        assert await _refusal(_predict(queue, 0)) == "DEADLINE_PASSED"

        queue._wait_seconds = PATIENCE_SECONDS
        predictions.may_answer.set()
        await _assert_answered(_ask(queue, range(24)), range(24))


@pytest.mark.parametrize("fault", ["frames_to_ignore", "frames_to_cut"])
async def test_frames_that_are_never_answered_properly_do_not_block_the_stream(
    service: FakeService, predictions: FakePredictions, fault: str
) -> None:
    setattr(predictions, fault, FRAMES_UNDER_WAY)
    async with _queue(service, wait_seconds=1.0) as queue:
        await asyncio.gather(*_ask(queue, [0, 1]), return_exceptions=True)
        answer: float | BaseException = ApiError("DEADLINE_PASSED")
        while isinstance(answer, ApiError):
            (answer,) = await asyncio.gather(*_ask(queue, [5]), return_exceptions=True)
        assert answer == 6.0


async def test_more_than_may_wait_are_refused_before_they_wait(
    service: FakeService, predictions: FakePredictions
) -> None:
    async with _queue(service, most_waiting=3) as queue:
        asking = _ask(queue, range(5))
        done = await asyncio.gather(*asking, return_exceptions=True)

    assert [outcome.reason for outcome in done if isinstance(outcome, ApiError)] == ["SERVICE_BUSY"] * 2
    assert len(predictions.stored) == 3


async def test_client_that_has_gone_is_not_asked_for(queue: PredictionQueue, predictions: FakePredictions) -> None:
    gone = asyncio.create_task(_predict(queue, 3, Caller(has_gone=True)))
    await _assert_answered(_ask(queue, [4]), [4])
    assert await _refusal(gone) == "CLIENT_GONE"
    assert len(predictions.asked) == 1
