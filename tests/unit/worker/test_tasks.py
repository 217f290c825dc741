"""The one task, against services that finish, break, or hang."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pyarrow as pa
import pytest
from daegu.prediction.v1 import batch_pb2

from servicekit.errors import Refused
from tests.unit.worker.fake_batches import FakeBatches, FakeDatasets, serving
from worker import dataset_rows
from worker.dataset_rows import DatasetRows
from worker.tasks import BatchProcessor

ROWS = 1203


@pytest.fixture
def datasets() -> FakeDatasets:
    moments = [f"2024-05-15 {index % 24}" if index != 700 else "?" for index in range(ROWS)]
    table = pa.table({"일시": moments, "날씨": [f"날씨 {index}" for index in range(ROWS)], "다른 열": [1] * ROWS})
    return FakeDatasets(table)  # type: ignore[abstract]  # the worker calls four of its methods


@pytest.fixture
def channel(batches: FakeBatches, datasets: FakeDatasets) -> Iterator[grpc.Channel]:
    with serving(batches, datasets) as channel:
        yield channel


@dataclass
class Worker:
    """A processor, and what tells it to stop."""

    processor: BatchProcessor
    stopping: threading.Event

    def codes(self) -> set[str]:
        return {code for (code,), *_ in self.processor.timings.read()}


def worker(channel: grpc.Channel, batch_seconds: float = 10.0) -> Worker:
    stopping = threading.Event()
    return Worker(BatchProcessor(channel, DatasetRows(channel), batch_seconds, stopping), stopping)


@pytest.fixture
def rows_batch(batches: FakeBatches) -> batch_pb2.Batch:
    """The batch to process has the rows of a dataset."""
    columns = [batch_pb2.InputColumn(input=name, column=column) for name, column in COLUMNS.items()]
    batches.batch = batch_pb2.Batch(
        batch_id="batch-1",
        dataset_id="dataset-1",
        total=ROWS,
        status=batch_pb2.BATCH_STATUS_PENDING,
        columns=columns,
        content_hash="hash",
    )
    return batches.batch


COLUMNS = {"occurred_at": "일시", "weather": "날씨"}


def weathers(batches: FakeBatches) -> list[str]:
    return [accident.weather for request in batches.rows for accident in request.accidents]


def test_batch_is_followed_to_its_end(channel: grpc.Channel, batches: FakeBatches) -> None:
    following = worker(channel)
    following.processor.process("batch-1")
    assert batches.processed == ["batch-1"]
    assert following.codes() == {"OK"}


def test_batch_that_is_refused_interrupted_or_hangs_raises_nothing(channel: grpc.Channel, batches: FakeBatches) -> None:
    refused = worker(channel)
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
        batches.refusals = [code]
        refused.processor.process("batch-1")  # the reconciler sees to it again
    assert refused.codes() == {"UNAVAILABLE", "NOT_FOUND"}
    batches.may_go_on.clear()
    hanging = worker(channel, 0.2)
    hanging.processor.process("batch-1")
    batches.may_go_on.set()
    assert hanging.codes() == {"DEADLINE_EXCEEDED"}


def test_service_that_is_not_there_is_not_waited_for() -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        alone = worker(channel, 3600.0)
        alone.processor.process("batch-1")
    assert alone.codes() == {"UNAVAILABLE"}


def test_process_that_is_told_to_stop_leaves_the_batch_to_others(channel: grpc.Channel, batches: FakeBatches) -> None:
    leaving = worker(channel, 60.0)
    leaving.stopping.set()
    batches.total = 1_000_000
    leaving.processor.process("batch-1")
    batches.was_cancelled.wait()


@pytest.mark.parametrize("window", [20_000, 300])
def test_rows_of_a_dataset_are_brought_in_their_order_while_it_is_held(
    channel: grpc.Channel,
    batches: FakeBatches,
    datasets: FakeDatasets,
    rows_batch: batch_pb2.Batch,
    window: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dataset_rows, "_WINDOW", window)
    worker(channel).processor.process("batch-1")
    assert rows_batch.status == batch_pb2.BATCH_STATUS_COMPLETED
    assert weathers(batches) == [f"날씨 {index}" for index in range(ROWS) if index != 700]
    ((request, malformed),) = [(request, item) for request in batches.rows for item in request.malformed_items]
    assert request.offset + malformed.index == 700
    assert all(set(read.columns) == {"일시", "날씨"} for read in datasets.reads)
    assert (set(datasets.was_held), datasets.holders) == ({True}, [])


def test_worker_that_died_or_stopped_in_the_middle_leaves_nothing_double_or_lost(
    channel: grpc.Channel, batches: FakeBatches, rows_batch: batch_pb2.Batch
) -> None:
    batches.most_rows = 499  # fewer than were sent are done, as after an item that kills the service
    stopped = worker(channel)
    stopped.stopping.set()
    stopped.processor.process("batch-1")
    assert rows_batch.done == 499
    batches.refusals = [grpc.StatusCode.UNAVAILABLE]
    interrupted = worker(channel)
    interrupted.processor.process("batch-1")
    assert interrupted.codes() == {"UNAVAILABLE"}
    assert rows_batch.done == 499
    worker(channel).processor.process("batch-1")
    assert rows_batch.status == batch_pb2.BATCH_STATUS_COMPLETED
    offsets = [request.offset for request in batches.rows]
    assert offsets == sorted(set(offsets))


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"refusal": Refused("DATASET_NOT_FOUND", "gone")}, "DATASET_NOT_FOUND"),
        ({"refusal": Refused("COLUMN_NOT_FOUND", "gone")}, "COLUMN_NOT_FOUND"),
        ({"refusal": Refused("DATASET_DAMAGED", "gone")}, "DATASET_DAMAGED"),
        ({"content_hash": "another"}, "DATASET_CHANGED"),
        ({"table": pa.table({"일시": ["x"][:0], "날씨": ["x"][:0]})}, "DATASET_CHANGED"),
        ({"table": pa.table({"일시": ["x"], "날씨": pa.array([{"a": 1}])})}, "INTERNAL"),
        ({"refusal": Refused("SERVICE_BUSY", "later")}, ""),
        ({"refusal": Refused("DATABASE_UNAVAILABLE", "later")}, ""),
    ],
)
def test_batch_whose_rows_are_gone_is_given_up_and_one_whose_rows_are_not_there_now_is_not(
    channel: grpc.Channel,
    datasets: FakeDatasets,
    rows_batch: batch_pb2.Batch,
    fault: dict[str, Any],
    failure: str,
) -> None:
    for name, value in fault.items():
        setattr(datasets, name, value)
    worker(channel).processor.process("batch-1")
    assert rows_batch.failure == failure
    assert rows_batch.status == (batch_pb2.BATCH_STATUS_FAILED if failure else batch_pb2.BATCH_STATUS_PENDING)
    assert datasets.holders == []
