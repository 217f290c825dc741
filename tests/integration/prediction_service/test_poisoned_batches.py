"""Items that break the model, or take the whole process down, beside items that do not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from prediction_service.accident import Accident
from prediction_service.batch_queue import BatchQueue
from prediction_service.batch_store import BatchStore, DatasetRows, InputColumn, ItemResult
from prediction_service.batches import SLICE, TRIES_ALONE, TRIES_TOGETHER, Batches
from prediction_service.model import EcloModel
from prediction_service.settings import PredictionSettings
from servicekit.database import create_engine
from servicekit.ids import new_id
from servicekit.prediction_inputs import INPUTS
from tests.integration.prediction_service.poisoned_model import HARMLESS, POISON, PoisonedModel, ProcessDied
from tests.real_servers import REPOSITORY


class NoQueue(BatchQueue):
    """No worker is woken: the test is the worker."""

    def __init__(self) -> None: ...

    def send_soon(self, batch_id: str) -> None: ...


@pytest.fixture(scope="module")
def model() -> EcloModel:
    return EcloModel.load(REPOSITORY / "model")


@pytest.fixture
def store(database_url: str) -> Iterator[BatchStore]:
    engine = create_engine(PredictionSettings.model_validate({"DATABASE_URL": database_url}))
    yield BatchStore(engine, lambda eclo, _: eclo)
    engine.dispose()


def _batches(poisoned: Any, store: BatchStore) -> Batches:
    return Batches(poisoned, store, NoQueue(), asyncio.Event(), overdue_seconds=5.0)


async def _process(poisoned: Any, store: BatchStore, accidents: Sequence[Accident]) -> tuple[int, list[ItemResult]]:
    """Processes a batch to its end, in a new process after each death; returns the deaths and the results."""
    batch_id = new_id()
    await _batches(poisoned, store).create(accidents, batch_id=batch_id, dataset_id=None)

    async def process(batches: Batches) -> None:
        async for _ in batches.process(batch_id):
            pass

    return await _process_to_the_end(poisoned, store, batch_id, process)


async def _process_rows(
    poisoned: Any, store: BatchStore, accidents: Sequence[Accident]
) -> tuple[int, list[ItemResult]]:
    """Does the same with the rows of a dataset."""
    batch_id = new_id()
    rows = DatasetRows(len(accidents), tuple(InputColumn(name, name, False) for name in INPUTS), "hash")
    await _batches(poisoned, store).create_from_rows(rows, batch_id=batch_id, dataset_id=new_id())

    async def process(batches: Batches) -> None:
        while not (batch := store.get(batch_id)).is_finished:
            await batches.predict_rows(batch_id, batch.done, accidents[batch.done : batch.done + SLICE])

    return await _process_to_the_end(poisoned, store, batch_id, process)


async def _process_to_the_end(
    poisoned: Any, store: BatchStore, batch_id: str, process: Callable[[Batches], Awaitable[None]]
) -> tuple[int, list[ItemResult]]:
    deaths = 0
    while not store.get(batch_id).is_finished:
        try:
            await process(_batches(poisoned, store))
        except ProcessDied:
            deaths += 1
    assert store.get(batch_id).status == "completed"
    results = store.results(store.get(batch_id), 0, 2000)
    return deaths, results


def _check(results: Sequence[ItemResult], poisonous: set[int], total: int) -> None:
    assert [result.index for result in results] == list(range(total))
    failed = {result.index: result.error for result in results if result.prediction is None}
    assert set(failed) == poisonous
    assert {error["reason"] for error in failed.values() if error} == {"PREDICTION_FAILED"}


async def test_item_that_breaks_the_model_is_an_error_of_its_own(model: EcloModel, store: BatchStore) -> None:
    accidents = [POISON if index in (0, 7, 599) else HARMLESS for index in range(600)]
    deaths, results = await _process(PoisonedModel(model, ValueError), store, accidents)
    assert deaths == 0
    _check(results, {0, 7, 599}, 600)


@pytest.mark.parametrize("process", [_process, _process_rows])
async def test_item_that_kills_the_process_is_given_up_after_some_tries_and_the_rest_finishes(
    model: EcloModel, store: BatchStore, process: Any
) -> None:
    poisoned = PoisonedModel(model, ProcessDied)
    accidents = [POISON if index == SLICE + 30 else HARMLESS for index in range(2 * SLICE + 100)]
    deaths, results = await process(poisoned, store, accidents)
    assert deaths == TRIES_ALONE
    _check(results, {SLICE + 30}, 2 * SLICE + 100)
    # One call for each slice, and item by item within the poisonous one alone.
    assert poisoned.calls < 2 + SLICE + 2 * TRIES_ALONE


async def test_several_items_that_kill_the_process_are_each_given_up(model: EcloModel, store: BatchStore) -> None:
    accidents = [POISON if index in (0, 1, 40) else HARMLESS for index in range(41)]
    deaths, results = await _process(PoisonedModel(model, ProcessDied), store, accidents)
    assert deaths == TRIES_TOGETHER + 3 * (TRIES_ALONE - TRIES_TOGETHER)
    _check(results, {0, 1, 40}, 41)
