"""The reconciler against a service that comes and goes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest

from tests.eventually import wait_until
from tests.unit.worker.fake_batches import FakeBatches, serving
from worker.reconciler import Reconciler
from worker.settings import WorkerSettings


class FakeBroker:
    """Takes messages."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.waiting = self.asked = 0

    def send(self, batch_id: str) -> None:
        self.sent.append(batch_id)

    def count_waiting(self) -> int:
        self.asked += 1
        return self.waiting


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


@contextmanager
def _running(channel: grpc.Channel, broker: FakeBroker) -> Iterator[None]:
    stopping = threading.Event()
    settings = WorkerSettings.model_validate({"reconcile_seconds": 0.01})
    reconciler = Reconciler(channel, broker.send, broker.count_waiting, settings, stopping)
    thread = threading.Thread(target=reconciler.run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _wait_for_claims(batches: FakeBatches, number: int) -> None:
    for _ in range(number):
        batches.claims.acquire()


def test_what_is_overdue_is_handed_over_once_in_its_order(batches: FakeBatches, broker: FakeBroker) -> None:
    batches.overdue = ["first", "second"]
    with serving(batches) as channel, _running(channel, broker):
        _wait_for_claims(batches, 5)
    assert broker.sent == ["first", "second"]


def test_service_that_is_away_is_asked_again(batches: FakeBatches, broker: FakeBroker) -> None:
    batches.overdue = ["first"]
    batches.refusals = [grpc.StatusCode.UNAVAILABLE] * 3
    with serving(batches) as channel, _running(channel, broker):
        _wait_for_claims(batches, 6)
    assert broker.sent == ["first"]


def test_nothing_is_handed_over_while_more_messages_wait_than_batches_can(
    batches: FakeBatches, broker: FakeBroker
) -> None:
    broker.waiting = 101
    batches.overdue = ["first"]
    with serving(batches) as channel, _running(channel, broker):
        wait_until(lambda: broker.asked > 3)
        assert not batches.claims.acquire(blocking=False)
        broker.waiting = 100
        _wait_for_claims(batches, 2)
    assert broker.sent == ["first"]


def test_reconciler_stops_when_told_although_nothing_answers(broker: FakeBroker) -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel, _running(channel, broker):
        pass
    assert broker.sent == []
