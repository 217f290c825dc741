"""The prediction service, a worker, PostgreSQL and Valkey as processes of their own, each of which may be killed."""

import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from daegu.prediction.v1 import accident_pb2, batch_pb2, batch_pb2_grpc, prediction_pb2, prediction_pb2_grpc

from tests.contract.prediction_service.running_service import rows, varied
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.processes import Program, Service, service, worker
from tests.real_servers import Postgres, ServerProcess, running_postgres, running_valkey


@dataclass(frozen=True)
class Stack:
    """What runs. After a test everything must run again."""

    postgres: Postgres
    valkey: ServerProcess
    prediction: Service
    worker: Program
    database_url: str

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Returns what the database says."""
        return rows(self.database_url, statement, *parameters)

    @contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        """Yields a new channel to the prediction service."""
        with grpc.insecure_channel(self.prediction.target) as channel:
            yield channel

    def create_batch(self, accidents: Sequence[accident_pb2.Accident]) -> str:
        """Creates a batch and returns its id."""
        parts = [batch_pb2.CreateBatchRequest(accidents=accidents)]
        with self.channel() as channel:
            stub: Any = batch_pb2_grpc.BatchPredictionServiceStub(channel)
            created = stub.CreateBatch(iter(parts), timeout=PATIENCE_SECONDS, wait_for_ready=True)
        return str(created.batch.batch_id)

    def progress(self, batch_id: str) -> tuple[str, int]:
        """Returns the status and how many items are done, as PostgreSQL has it."""
        ((status, done),) = self.rows("SELECT status, done FROM prediction.batches WHERE id = %s", batch_id)
        return str(status), int(done)

    def begin_batch(self, number: int, least_done: int) -> str:
        """Creates a batch and returns its id once so many items are done and others are not."""
        accidents = varied(number)
        for _ in range(5):
            batch_id = self.create_batch(accidents)
            wait_until(lambda batch_id=batch_id: self.progress(batch_id)[1] >= least_done, self.tails)  # type: ignore[misc]
            if self.progress(batch_id)[0] == "processing":
                return batch_id
        raise AssertionError("each batch was complete before anything could be killed")

    def assert_completes(self, batch_id: str, number: int) -> None:
        """Waits for the end of a batch; asserts that each item has one row."""
        wait_until(lambda: self.progress(batch_id)[0] == "completed", self.tails)
        found = self.rows(
            "SELECT count(*), count(DISTINCT batch_index), min(batch_index), max(batch_index)"
            " FROM prediction.predictions WHERE batch_id = %s",
            batch_id,
        )
        assert found == [(number, number, 0, number - 1)]
        assert self.progress(batch_id)[1] == number

    def tails(self) -> str:
        """Returns the end of the logs."""
        return f"{self.prediction.log_tail()}\n{self.worker.log_tail()}"


@contextmanager
def running_stack(directory: Path) -> Iterator[Stack]:
    """Yields the stack. A batch without a worker is handed over again somewhat sooner than in production."""
    with running_postgres(directory) as postgres, running_valkey(directory) as valkey:
        database_url = postgres.new_database()
        settings = {"DATABASE_URL": database_url, "REDIS_URL": valkey.url, "PREDICTION_BATCH_OVERDUE_SECONDS": "2"}
        with (
            service("prediction", directory, **settings) as prediction,
            worker(directory, prediction.target, valkey.url, WORKER_RECONCILE_SECONDS="0.5") as some_worker,
        ):
            yield Stack(postgres, valkey, prediction, some_worker, database_url)


class SinglePredictions:
    """A client that predicts without pause on one stream, and on the next when it breaks; a thread while open."""

    def __init__(self, stack: Stack) -> None:
        self.acknowledged: list[str] = []
        self.broken_streams = 0
        self._stack = stack
        self._accidents = varied(200)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()

    def wait_for(self, number: int) -> None:
        """Waits until so many more are acknowledged."""
        enough = len(self.acknowledged) + number
        wait_until(lambda: len(self.acknowledged) >= enough)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._stack.channel() as channel:
                stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)
                unanswered = threading.Semaphore(4)
                try:
                    for answer in stub.PredictStream(self._frames(unanswered)):
                        unanswered.release()
                        predicted = [o.prediction.prediction_id for o in answer.outcomes if o.HasField("prediction")]
                        self.acknowledged += predicted
                except grpc.RpcError:
                    self.broken_streams += 1
                    self._stopping.wait(0.02)

    def _frames(self, unanswered: threading.Semaphore) -> Iterator[prediction_pb2.PredictStreamRequest]:
        for frame_id in itertools.count(1):
            unanswered.acquire(timeout=PATIENCE_SECONDS)
            if self._stopping.is_set():
                return
            some = random.choices(self._accidents, k=random.randint(1, 5))
            requests = [prediction_pb2.PredictionRequest(accident=accident) for accident in some]
            yield prediction_pb2.PredictStreamRequest(frame_id=frame_id, requests=requests)
