"""The real worker as a process, the real service, a real broker that loses, garbles and hangs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import celery
import pytest
import redis

from prediction_service.accident import Accident
from prediction_service.batch_store import BatchStore
from prediction_service.settings import PredictionSettings
from servicekit.database import create_engine
from servicekit.ids import new_id
from tests.contract.prediction_service.running_service import VALUES, RunningService, running_service, varied
from tests.eventually import eventually
from tests.processes import Program, worker
from tests.real_servers import Postgres, ServerProcess, running_valkey
from worker.app import TASK_NAME


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A broker of our own, which tests may stop."""
    with running_valkey(tmp_path_factory.mktemp("broker")) as server:
        yield server


@pytest.fixture(scope="module")
async def service(postgres: Postgres, broker: ServerProcess) -> AsyncIterator[RunningService]:
    """The service; a batch without a worker is overdue soon."""
    database_url = postgres.new_database()
    async with running_service(database_url, broker.url, batch_overdue_seconds=1.0) as service:
        yield service
    postgres.drop_database(database_url)


@pytest.fixture(scope="module")
async def running_worker(
    service: RunningService, broker: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Program]:
    """The worker."""
    target, directory = f"127.0.0.1:{service.port}", tmp_path_factory.mktemp("worker")
    with worker(directory, target, broker.url, WORKER_RECONCILE_SECONDS="0.2") as program:
        yield program


def _statuses(service: RunningService, ids: list[str]) -> set[str]:
    return {
        status for (status,) in service.rows("SELECT status FROM prediction.batches WHERE id = ANY(%s::uuid[])", ids)
    }


async def _complete(service: RunningService, *batch_ids: str) -> None:
    await eventually(lambda: _statuses(service, list(batch_ids)) == {"completed"})


def _store_silently(service: RunningService, number: int) -> str:
    """Stores a batch as if its message had been lost; returns its id."""
    engine = create_engine(PredictionSettings.model_validate({"DATABASE_URL": service.database_url}))
    accidents = [Accident(**VALUES)] * number
    batch = BatchStore(engine, lambda eclo, _: eclo).create(new_id(), accidents, dataset_id=None, most_unfinished=100)
    engine.dispose()
    return batch.id


async def test_worker_finishes_many_batches_at_once(service: RunningService, running_worker: Program) -> None:
    batches = await asyncio.gather(*(service.create_batch(varied(20)) for _ in range(60)))
    await _complete(service, *(batch.batch_id for batch in batches))
    ((rows, items),) = service.rows(
        "SELECT count(*), count(DISTINCT (batch_id, batch_index)) FROM prediction.predictions"
        " WHERE batch_id = ANY(%s::uuid[])",
        [batch.batch_id for batch in batches],
    )
    assert rows == items == 60 * 20


async def test_batch_whose_message_was_lost_is_found(service: RunningService, running_worker: Program) -> None:
    batch_id = _store_silently(service, 700)
    await _complete(service, batch_id)
    assert "batch_handed_over_again" in running_worker.log.read_text("utf-8")


async def test_worker_survives_what_is_no_message_of_ours(
    service: RunningService, broker: ServerProcess, running_worker: Program
) -> None:
    with celery.Celery(broker=f"{broker.url}/0", set_as_current=False) as stranger:
        stranger.send_task("no.such.task")
        for arguments in ([], [1, 2, 3], [{"a": 1}], [None], ["not an id"], [new_id()]):
            stranger.send_task(TASK_NAME, args=arguments)
        stranger.send_task(TASK_NAME, args=[new_id()], serializer="pickle")
    await _complete(service, (await service.create_batch(varied(10))).batch_id)
    assert running_worker.is_running


async def test_broker_that_hangs_for_a_while_delays_and_loses_nothing(
    service: RunningService, broker: ServerProcess, running_worker: Program
) -> None:
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        created = await service.create_batch(varied(10))  # its message cannot be sent
        lost = _store_silently(service, 10)
        text = running_worker.log.read_text("utf-8")
        # The reconciler tried to send, gave up after its second, and goes on.
        await eventually(lambda: "reconciler_hindered" in running_worker.log.read_text("utf-8")[len(text) :])
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    await _complete(service, created.batch_id, lost)


async def test_broker_that_died_and_lost_everything_delays_and_loses_nothing(
    service: RunningService, broker: ServerProcess, running_worker: Program
) -> None:
    broker.kill()
    created = await service.create_batch(varied(10))
    broker.start()
    with redis.Redis.from_url(f"{broker.url}/0") as client:
        client.flushall()
    await _complete(service, created.batch_id, (await service.create_batch(varied(10))).batch_id)
