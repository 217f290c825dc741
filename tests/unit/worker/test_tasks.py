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


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INTERNAL])
def test_batch_that_is_refused_or_interrupted_raises_nothing(
    channel: grpc.Channel, batches: FakeBatches, code: grpc.StatusCode
) -> None:
    batches.refusals = [code]
    processor = BatchProcessor(channel, 10.0, threading.Event())
    processor.process("batch-1")  # the reconciler sees to it again
    assert _codes(processor) == {(code.name,)}


def test_service_that_is_not_there_is_not_waited_for() -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        processor = BatchProcessor(channel, 3600.0, threading.Event())
        processor.process("batch-1")
    assert _codes(processor) == {("UNAVAILABLE",)}


def test_service_that_hangs_is_left_after_the_longest_time(channel: grpc.Channel, batches: FakeBatches) -> None:
    batches.may_go_on.clear()
    processor = BatchProcessor(channel, 0.2, threading.Event())
    processor.process("batch-1")
    batches.may_go_on.set()
    assert _codes(processor) == {("DEADLINE_EXCEEDED",)}


def test_process_that_is_told_to_stop_leaves_the_batch_to_others(channel: grpc.Channel, batches: FakeBatches) -> None:
    stopping = threading.Event()
    stopping.set()
    batches.total = 1_000_000
    BatchProcessor(channel, 60.0, stopping).process("batch-1")
    batches.was_cancelled.wait()
