"""The one task, against a service that finishes, breaks, or hangs."""

import threading
from collections.abc import Iterator

import grpc
import pytest

from tests.unit.worker.fake_batches import FakeBatches, serving
from worker.tasks import BatchProcessor


@pytest.fixture
def channel(batches: FakeBatches) -> Iterator[grpc.Channel]:
    with serving(batches) as channel:
        yield channel


def _codes(processor: BatchProcessor) -> set[tuple[str, ...]]:
    return {labels for labels, *_ in processor.timings.read()}


def test_batch_is_followed_to_its_end(channel: grpc.Channel, batches: FakeBatches) -> None:
    processor = BatchProcessor(channel, 10.0, threading.Event())
    processor.process("batch-1")
    assert batches.processed == ["batch-1"]
    assert _codes(processor) == {("OK",)}


def test_batch_that_is_refused_interrupted_or_hangs_raises_nothing(channel: grpc.Channel, batches: FakeBatches) -> None:
    refused = BatchProcessor(channel, 10.0, threading.Event())
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
        batches.refusals = [code]
        refused.process("batch-1")  # the reconciler sees to it again
    assert _codes(refused) == {("UNAVAILABLE",), ("NOT_FOUND",)}
    batches.may_go_on.clear()
    hanging = BatchProcessor(channel, 0.2, threading.Event())
    hanging.process("batch-1")
    batches.may_go_on.set()
    assert _codes(hanging) == {("DEADLINE_EXCEEDED",)}


def test_service_that_is_not_there_is_not_waited_for() -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        processor = BatchProcessor(channel, 3600.0, threading.Event())
        processor.process("batch-1")
    assert _codes(processor) == {("UNAVAILABLE",)}


def test_process_that_is_told_to_stop_leaves_the_batch_to_others(channel: grpc.Channel, batches: FakeBatches) -> None:
    stopping = threading.Event()
    stopping.set()
    batches.total = 1_000_000
    BatchProcessor(channel, 60.0, stopping).process("batch-1")
    batches.was_cancelled.wait()
