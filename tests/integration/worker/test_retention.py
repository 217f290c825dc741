"""The worker lets what is older than it is to be kept leave the three services, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from daegu.prediction.v1 import batch_pb2

from tests.contract.chat_service.running_chat import Chat, running_chat
from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.contract.prediction_service.running_service import RunningService, running_service, varied
from tests.eventually import eventually
from tests.processes import Program, worker
from tests.real_servers import Postgres, ServerProcess, running_valkey

CSV = "구,건수\n중구,1\n동구,2\n".encode()


@dataclass(frozen=True)
class Stack:
    """The three services on one database."""

    predictions: RunningService
    datasets: DatasetClient
    chat: Chat
    broker: ServerProcess

    async def use(self) -> dict[str, str]:
        """Stores one of each kind; returns their ids by the table that has them."""
        batch = await self.predictions.create_batch(varied(2))
        await self.predictions.process(batch.batch_id)
        dataset = (await self.datasets.upload(CSV)).dataset
        answer = await self.chat.ask(self.chat.data.datasets.add())
        return {
            "prediction.predictions": (await self.predictions.predict()).prediction_id,
            "prediction.batches": batch.batch_id,
            "chat.conversations": answer.conversation.conversation_id,
            "dataset.datasets": dataset.dataset_id,
        }

    def age(self, ids: dict[str, str]) -> None:
        """Makes them two days old, also the time in the id of the prediction."""
        ago = "now() - interval '2 days'"
        milliseconds = f"lpad(to_hex((extract(epoch FROM {ago}) * 1000)::bigint >> 16), 8, '0')"
        old_id = f"overlay(id::text PLACING {milliseconds} FROM 1)::uuid"
        changes = {
            "prediction.predictions": f"created_at = {ago}, id = {old_id}",
            "prediction.batches": f"finished_at = {ago}",
            "chat.conversations": f"updated_at = {ago}",
            "dataset.datasets": f"uploaded_at = {ago}",
        }
        for table, change in changes.items():
            query = f"UPDATE {table} SET {change} WHERE id = %s RETURNING id"
            ((row_id,),) = self.predictions.rows(query, ids[table])
            ids[table] = str(row_id)

    def left(self, ids: dict[str, str]) -> set[str]:
        """Returns the tables that still have them."""
        return {
            table
            for table, row_id in ids.items()
            if self.predictions.rows(f"SELECT id FROM {table} WHERE id = %s", row_id)
        }

    def worker(self, directory: Path, **settings: str) -> Program:
        """Returns the worker."""
        targets = {"DATASET_TARGET": self.datasets.target, "CHAT_TARGET": self.chat.target}
        every = {"WORKER_RETENTION_SECONDS": "0.2"}
        target = f"127.0.0.1:{self.predictions.port}"
        return worker(directory, target, self.broker.url, **targets, **every, **settings)


@pytest.fixture(scope="module")
async def stack(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    url = postgres.new_database()
    with running_valkey(tmp_path_factory.mktemp("broker")) as broker:
        async with (
            running_service(url, broker.url) as predictions,
            running_dataset_service(url, tmp_path_factory.mktemp("datasets")) as datasets,
            running_chat(url, broker.url) as chat,
        ):
            yield Stack(predictions, datasets, chat, broker)
    postgres.drop_database(url)


async def test_what_is_two_days_old_leaves_where_one_day_is_kept_and_all_else_stays(
    stack: Stack, tmp_path: Path
) -> None:
    old, young = await stack.use(), await stack.use()
    stack.age(old)
    predictions = {"prediction.predictions", "prediction.batches"}
    with stack.worker(tmp_path, KEEP_PREDICTIONS_DAYS="1"):
        await eventually(lambda: stack.left(old) == old.keys() - predictions)
    with stack.worker(tmp_path, KEEP_CONVERSATIONS_DAYS="1", KEEP_DATASETS_DAYS="1"):
        await eventually(lambda: not stack.left(old))
    assert stack.left(young) == young.keys()
    await stack.datasets.read(young["dataset.datasets"])
    assert len(await stack.predictions.results(young["prediction.batches"])) == 2


async def test_nothing_leaves_where_nothing_is_set(stack: Stack, tmp_path: Path) -> None:
    old = await stack.use()
    stack.age(old)
    with stack.worker(tmp_path):
        # A schedule would have run several times until a worker has followed a batch.
        batch = await stack.predictions.create_batch(varied(10))

        async def has_ended() -> bool:
            return (await stack.predictions.get_batch(batch.batch_id)).status == batch_pb2.BATCH_STATUS_COMPLETED

        await eventually(has_ended)
    assert stack.left(old) == old.keys()


async def test_broker_that_died_delays_and_ends_nothing(stack: Stack, tmp_path: Path) -> None:
    program = stack.worker(tmp_path, KEEP_CONVERSATIONS_DAYS="1", KEEP_PREDICTIONS_DAYS="1", KEEP_DATASETS_DAYS="1")
    with program:
        stack.broker.kill()
        old = await stack.use()
        stack.age(old)
        await eventually(lambda: "beat_hindered" in program.log.read_text("utf-8"))
        stack.broker.start()
        await eventually(lambda: not stack.left(old))
        assert program.stop() == 0
