"""The queue of predictions in front of several replicas: who gets what, and what happens to it if they fail."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import pytest
from daegu.prediction.v1 import accident_pb2, prediction_pb2

from gateway.prediction_queue import PredictionQueue
from gateway.prediction_stream import FRAMES_UNDER_WAY
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.fake_services import FakePredictions, FakeService, prediction_service
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

SOON = 0.05


class Caller:
    has_gone = False


class Replica:
    """A fake service that can be stopped inside the test."""

    def __init__(self) -> None:
        self.service: FakeService = prediction_service()
        assert self.service.predictions
        self.predictions: FakePredictions = self.service.predictions
        self._running = AsyncExitStack()

    async def start(self) -> None:
        await self._running.enter_async_context(self.service.running())

    async def stop(self) -> None:
        await self._running.aclose()

    @property
    def frames(self) -> int:
        return len(self.predictions.frame_sizes)


@pytest.fixture
async def replicas() -> AsyncIterator[tuple[Replica, Replica]]:
    both = Replica(), Replica()
    for replica in both:
        await replica.start()
    yield both
    for replica in both:
        replica.predictions.may_answer.set()
        await replica.stop()


@asynccontextmanager
async def running_queue(
    replicas: Iterable[Replica], *, wait_seconds: float = PATIENCE_SECONDS, **options: Any
) -> AsyncIterator[PredictionQueue]:
    """Yields the queue once every replica is in use; none is taken for silent unless the test says when."""
    target = ",".join(replica.service.target for replica in replicas)
    options = {"silent_seconds": PATIENCE_SECONDS} | options
    async with PredictionQueue(target, wait_seconds=wait_seconds, most_waiting=2000, **options) as queue:
        await eventually(lambda: queue.replicas_in_use == len(target.split(",")))
        yield queue


async def predict(queue: PredictionQueue, hour: int) -> float:
    accident = accident_pb2.Accident(**ACCIDENT_EXAMPLE | {"accident_hour": hour})
    outcome = await queue.predict(prediction_pb2.PredictionRequest(accident=accident), Caller())
    return outcome.prediction.eclo


async def ask_one_by_one(queue: PredictionQueue, replicas: Iterable[Replica], frames: int) -> list[asyncio.Task[float]]:
    """Sends requests, each in a frame of its own."""
    asking = []
    for hour in range(frames):
        asked = sum(replica.frames for replica in replicas)
        asking.append(asyncio.create_task(predict(queue, hour)))
        await eventually(partial(has_frames, replicas, asked + 1))
    return asking


def has_frames(replicas: Iterable[Replica], least: int) -> bool:
    return sum(replica.frames for replica in replicas) >= least


def stored_ids(*replicas: Replica) -> set[str]:
    return {prediction_id for replica in replicas for prediction_id in replica.predictions.stored}


async def test_replicas_that_rest_take_turns(replicas: tuple[Replica, Replica]) -> None:
    async with running_queue(replicas) as queue:
        for hour in range(20):
            assert await predict(queue, hour) == 1.0 + hour
    assert [replica.frames for replica in replicas] == [10, 10]


async def test_frames_go_to_the_replica_with_the_fewest(replicas: tuple[Replica, Replica]) -> None:
    slow, quick = replicas
    slow.predictions.may_answer.clear()
    async with running_queue(replicas) as queue:
        asking = await ask_one_by_one(queue, replicas, 2)  # one for each
        for hour in range(20):
            await predict(queue, hour)
        assert (slow.frames, quick.frames) == (1, 21)
        slow.predictions.may_answer.set()
        assert await asyncio.gather(*asking) == [1.0, 2.0]


async def test_requests_that_wait_together_are_shared_by_the_replicas_that_rest(
    replicas: tuple[Replica, Replica],
) -> None:
    async with running_queue(replicas) as queue:
        await asyncio.gather(*[predict(queue, hour) for hour in range(24)])
    assert [replica.predictions.frame_sizes for replica in replicas] == [[12], [12]]


async def test_each_replica_has_as_many_frames_as_may_be_under_way(replicas: tuple[Replica, Replica]) -> None:
    for replica in replicas:
        replica.predictions.may_answer.clear()
    async with running_queue(replicas) as queue:
        asking = await ask_one_by_one(queue, replicas, 2 * FRAMES_UNDER_WAY)
        asking += [asyncio.create_task(predict(queue, 23)) for _ in range(5)]
        await eventually(lambda: queue.waiting == 5)
        assert [replica.frames for replica in replicas] == [FRAMES_UNDER_WAY] * 2
        for replica in replicas:
            replica.predictions.may_answer.set()
        await asyncio.gather(*asking)
    assert len(stored_ids(*replicas)) == len(asking)


async def test_requests_of_a_replica_that_dies_go_to_the_other_at_once(replicas: tuple[Replica, Replica]) -> None:
    dying, other = replicas
    dying.predictions.may_answer.clear()
    async with running_queue(replicas) as queue:
        asking = await ask_one_by_one(queue, replicas, 4)
        assert dying.frames
        await dying.stop()
        assert await asyncio.gather(*asking) == [1.0, 2.0, 3.0, 4.0]
        assert len(other.predictions.stored) == 4

        dying.predictions.may_answer.set()
        await dying.start()
        await eventually(lambda: queue.replicas_in_use == 2)
        for hour in range(4):
            await predict(queue, hour)
    assert dying.predictions.stored


async def test_restart_of_one_after_the_other_costs_no_request(replicas: tuple[Replica, Replica]) -> None:
    answers: list[float] = []

    async def repeat(queue: PredictionQueue) -> None:
        while not is_over.is_set():
            answers.append(await predict(queue, 7))
            await asyncio.sleep(0)

    is_over = asyncio.Event()
    async with running_queue(replicas) as queue:
        people = [asyncio.create_task(repeat(queue)) for _ in range(5)]
        for replica in replicas:
            replica.predictions.draining.set()
            await replica.stop()
            replica.predictions.draining = asyncio.Event()
            await replica.start()
            await eventually(lambda: queue.replicas_in_use == 2)
            await eventually(partial(has_frames, [replica], replica.frames + 10))
        is_over.set()
        await asyncio.gather(*people)
    assert set(answers) == {8.0}
    assert len(stored_ids(*replicas)) == len(answers)


async def test_silent_replica_loses_its_requests_and_is_left_out_until_it_answers(
    replicas: tuple[Replica, Replica],
) -> None:
    silent, _ = replicas
    silent.predictions.may_answer.clear()
    async with running_queue(replicas, silent_seconds=SOON) as queue:
        assert await asyncio.gather(*[predict(queue, hour) for hour in range(24)]) == [1.0 + hour for hour in range(24)]
        await predict(queue, 0)
        await eventually(lambda: queue.replicas_in_use == 1)
        frames = silent.frames
        for hour in range(24):
            await predict(queue, hour)
        assert silent.frames == frames

        silent.predictions.may_answer.set()
        await eventually(lambda: queue.replicas_in_use == 2)
        for hour in range(4):
            await predict(queue, hour)
    assert silent.frames > frames
    assert len(stored_ids(*replicas)) == 24 + 1 + 24 + 4  # what both had has one id


async def test_replica_whose_stream_is_renewed_has_to_answer_before_it_is_used(
    replicas: tuple[Replica, Replica],
) -> None:
    silent, _ = replicas
    silent.predictions.frames_to_ignore = 1
    async with running_queue(replicas, wait_seconds=SOON * 4, silent_seconds=SOON) as queue:
        while not silent.frames:  # they take turns
            await asyncio.gather(predict(queue, 0), return_exceptions=True)
        await eventually(lambda: silent.predictions.streams_opened == 2 and queue.replicas_in_use == 2)
    assert silent.predictions.frame_sizes[-1] == 0


async def test_replicas_that_are_all_silent_get_each_request_once_at_most(replicas: tuple[Replica, Replica]) -> None:
    for replica in replicas:
        replica.predictions.may_answer.clear()
    async with running_queue(replicas, wait_seconds=SOON * 10, silent_seconds=SOON) as queue:
        asking = await ask_one_by_one(queue, replicas, 2)
        refused = await asyncio.gather(*asking, return_exceptions=True)
    assert [error.reason for error in refused if not isinstance(error, float)] == ["DEADLINE_PASSED"] * 2  # type: ignore[attr-defined]
    assert [max(replica.predictions.asked.values()) for replica in replicas] == [1, 1]


async def test_new_replica_is_found_and_one_no_longer_listed_used_until_it_leaves(
    replicas: tuple[Replica, Replica],
) -> None:
    old, new = replicas
    listed = {old.service.target}

    async def find(_target: str) -> frozenset[str]:
        if not listed:
            raise OSError("The name server is down.")
        return frozenset(listed)

    async with running_queue([old], find_replicas=find) as queue:
        listed.add(new.service.target)
        await eventually(lambda: queue.replicas_in_use == 2)
        listed.clear()
        await predict(queue, 0)
        listed.add(new.service.target)
        await predict(queue, 1)
        assert queue.replicas_in_use == 2
        await eventually(lambda: not queue._streams[old.service.target].is_wanted)
        old.predictions.draining.set()
        await eventually(lambda: queue.replicas_in_use == 1)
        frames = old.frames
        for hour in range(4):
            assert await predict(queue, hour) == 1.0 + hour
    assert old.frames == frames
    assert old.predictions.streams_opened == 1
