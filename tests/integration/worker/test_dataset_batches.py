"""The rows of a dataset from the real dataset service to the real prediction service, by a worker that may die."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from daegu.dataset.v1 import dataset_pb2
from daegu.prediction.v1 import batch_pb2

from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.contract.prediction_service.running_service import RunningService, running_service
from tests.e2e.samples import accidents_csv
from tests.eventually import eventually
from tests.processes import Program, worker
from tests.real_servers import Postgres, ServerProcess

ROWS = 6_000
COMPLETED, FAILED = batch_pb2.BATCH_STATUS_COMPLETED, batch_pb2.BATCH_STATUS_FAILED


@pytest.fixture(scope="module")
def database_url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture(scope="module")
async def predictions(database_url: str, valkey: ServerProcess) -> AsyncIterator[RunningService]:
    async with running_service(database_url, valkey.url, batch_overdue_seconds=1.0) as service:
        yield service


@pytest.fixture(scope="module")
async def datasets(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DatasetClient]:
    async with running_dataset_service(database_url, tmp_path_factory.mktemp("datasets")) as client:
        yield client


@pytest.fixture
def workers(
    predictions: RunningService, datasets: DatasetClient, valkey: ServerProcess, tmp_path: Path
) -> list[Program]:
    """Two workers, which do not run yet; each follows one batch at a time."""
    settings = {"DATASET_TARGET": datasets.target, "WORKER_RECONCILE_SECONDS": "0.2", "WORKER_CONCURRENCY": "1"}
    target = f"127.0.0.1:{predictions.port}"
    return [worker(tmp_path / name, target, valkey.url, **settings) for name in ("one", "two")]


@pytest.fixture
def program(workers: list[Program]) -> Program:
    """The worker, which does not run yet."""
    return workers[0]


async def create(predictions: RunningService, stored: dataset_pb2.UploadDatasetResponse) -> str:
    columns = [
        batch_pb2.InputColumn(input=found.input, column=found.column) for found in stored.profile.prediction_columns
    ]
    dataset = stored.dataset
    rows = batch_pb2.DatasetRows(total=dataset.rows, columns=columns, content_hash=dataset.content_hash)
    part = batch_pb2.CreateBatchRequest(dataset_id=dataset.dataset_id, rows=rows)
    return str((await predictions.batches.CreateBatch(iter([part]))).batch.batch_id)


async def test_worker_that_is_killed_leaves_nothing_double_or_lost(
    predictions: RunningService, datasets: DatasetClient, program: Program
) -> None:
    stored = await datasets.upload(accidents_csv(ROWS).replace("2020-03-07 18", "어제").encode("cp949"), temporary=True)
    batch_id = await create(predictions, stored)

    async def has_begun() -> bool:
        return (await predictions.get_batch(batch_id)).done > 0

    async def has_ended() -> bool:
        return (await predictions.get_batch(batch_id)).status == COMPLETED

    with program:
        await eventually(has_begun)
        program.kill()
        program.start()
        await eventually(has_ended)
        # The worker gives its lease back after the batch has ended, which the end of the block would cut off.
        await eventually(lambda: predictions.rows("SELECT count(*) FROM dataset.leases") == [(0,)])

    results = await predictions.results(batch_id)
    lines = accidents_csv(ROWS).splitlines()[1:]
    assert [result.index for result in results] == list(range(ROWS))
    failed = {result.index for result in results if result.HasField("error")}
    assert failed == {index for index, line in enumerate(lines) if line.startswith("2020-03-07 18")}
    for result in results[:60]:
        if result.index not in failed:
            assert f",{result.accident.accident_type},{result.accident.weather}," in lines[result.index]
    ((count,),) = predictions.rows("SELECT count(*) FROM prediction.predictions WHERE batch_id = %s", batch_id)
    assert count == ROWS - len(failed)


async def test_batch_of_a_worker_that_vanishes_goes_on_with_the_other(
    predictions: RunningService, datasets: DatasetClient, workers: list[Program]
) -> None:
    stored = await datasets.upload(accidents_csv(ROWS).encode(), temporary=True)
    batch_ids = [await create(predictions, stored) for _ in workers]

    async def states() -> list[batch_pb2.Batch]:
        return [await predictions.get_batch(batch_id) for batch_id in batch_ids]

    async def both_are_under_way() -> bool:  # so each worker has one, and neither holds what the other could do
        return all(0 < batch.done < ROWS for batch in await states())

    async def have_ended() -> bool:
        return all(batch.status == COMPLETED for batch in await states())

    vanishing, other = workers
    with vanishing, other:
        await eventually(both_are_under_way)
        os.kill(vanishing.pid, signal.SIGSTOP)  # as a machine that is cut off: its connections stay open
        await eventually(have_ended)
        os.kill(vanishing.pid, signal.SIGCONT)
        await eventually(lambda: predictions.rows("SELECT count(*) FROM dataset.leases") == [(0,)])

    for batch_id in batch_ids:
        assert [result.index for result in await predictions.results(batch_id)] == list(range(ROWS))


async def test_batch_whose_dataset_is_deleted_or_read_otherwise_is_given_up(
    predictions: RunningService, datasets: DatasetClient, program: Program
) -> None:
    deleted, reread = [await datasets.upload(accidents_csv(60).encode()) for _ in range(2)]
    batch_ids = [await create(predictions, stored) for stored in (deleted, reread)]
    await datasets.datasets.DeleteDataset(dataset_pb2.DeleteDatasetRequest(dataset_id=deleted.dataset.dataset_id))
    predictions.rows("UPDATE dataset.datasets SET content_hash = 'other' WHERE id = %s", reread.dataset.dataset_id)

    async def failures() -> list[str]:
        return [(await predictions.get_batch(batch_id)).failure for batch_id in batch_ids]

    async def are_given_up() -> bool:
        return all(await failures())

    with program:
        await eventually(are_given_up)
    assert await failures() == ["DATASET_NOT_FOUND", "DATASET_CHANGED"]
