"""kill -9 of each process in the middle of its work: nothing is lost, nothing is there twice."""

import random

import pytest

from tests.faults.prediction_service.running_stack import SinglePredictions, Stack
from tests.processes import Program
from tests.real_servers import ServerProcess

ITEMS = 5000


def _moment() -> int:
    return random.randrange(500, 2500)  # another one in each run: whatever it is, the outcome is the same


def _everything(stack: Stack) -> dict[str, Program | ServerProcess]:
    return {
        "postgres": stack.postgres.process,
        "valkey": stack.valkey,
        "prediction": stack.prediction,
        "worker": stack.worker,
    }


def test_undisturbed_batch_completes(stack: Stack) -> None:
    stack.assert_completes(stack.begin_batch(ITEMS, 1), ITEMS)


@pytest.mark.parametrize("victim", ["prediction", "worker", "postgres", "valkey"])
def test_batch_survives_the_death_of(stack: Stack, victim: str) -> None:
    process = _everything(stack)[victim]
    batch_id = stack.begin_batch(ITEMS, _moment())
    process.kill()
    process.start()
    stack.assert_completes(batch_id, ITEMS)


def test_batches_survive_the_death_of_everything_at_once(stack: Stack) -> None:
    batch_ids = [stack.begin_batch(ITEMS, 500), stack.begin_batch(ITEMS, 1)]
    everything = list(_everything(stack).values())
    for process in reversed(everything):
        process.kill()
    for process in everything:
        process.start()
    for batch_id in batch_ids:
        stack.assert_completes(batch_id, ITEMS)


@pytest.mark.parametrize("victim", ["prediction", "postgres"])
def test_every_acknowledged_prediction_survives_the_death_of(stack: Stack, victim: str) -> None:
    process = _everything(stack)[victim]
    with SinglePredictions(stack) as singles:
        for _ in range(2):
            singles.wait_for(_moment() // 5)
            process.kill()
            process.start()
        singles.wait_for(100)
    count = "SELECT count(*) FROM prediction.predictions WHERE id = ANY(%s::uuid[])"
    assert stack.rows(count, singles.acknowledged) == [(len(singles.acknowledged),)]
    assert len(set(singles.acknowledged)) == len(singles.acknowledged)
    assert singles.broken_streams >= (2 if victim == "prediction" else 0)
