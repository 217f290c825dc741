"""The reconciler against a service and a broker that come and go."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import pytest

from tests.unit.worker.fake_batches import FakeBatches, serving
from worker.reconciler import Reconciler
from worker.settings import WorkerSettings


class FakeBroker:
    """Takes messages, unless it is away."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_away = False

    def send(self, batch_id: str) -> None:
        if self.is_away:
            raise ConnectionError("away")
        self.sent.append(batch_id)


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


@contextmanager
def _running(channel: grpc.Channel, send: Callable[[str], object]) -> Iterator[None]:
    stopping = threading.Event()
    reconciler = Reconciler(channel, send, WorkerSettings.model_validate({"reconcile_seconds": 0.01}), stopping)
    thread = threading.Thread(target=reconciler.run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(5.0)
        assert not thread.is_alive()


def _wait_for_claims(batches: FakeBatches, number: int) -> None:
    for _ in range(number):
        assert batches.claims.acquire(timeout=5.0)


def test_what_is_overdue_is_handed_over_once_in_its_order(batches: FakeBatches, broker: FakeBroker) -> None:
    batches.overdue = ["first", "second"]
    with serving(batches) as channel, _running(channel, broker.send):
        _wait_for_claims(batches, 5)
    assert broker.sent == ["first", "second"]


def test_service_that_is_away_is_asked_again(batches: FakeBatches, broker: FakeBroker) -> None:
    batches.overdue = ["first"]
    batches.refusals = [grpc.StatusCode.UNAVAILABLE] * 3
    with serving(batches) as channel, _running(channel, broker.send):
        _wait_for_claims(batches, 6)
    assert broker.sent == ["first"]


def test_broker_that_is_away_stops_nothing(batches: FakeBatches, broker: FakeBroker) -> None:
    broker.is_away = True
    batches.overdue = ["lost"]  # until it is overdue once more
    with serving(batches) as channel, _running(channel, broker.send):
        _wait_for_claims(batches, 3)
        broker.is_away = False
        batches.overdue = ["lost"]
        _wait_for_claims(batches, 3)
    assert broker.sent == ["lost"]


def test_reconciler_stops_when_told_although_nothing_answers(broker: FakeBroker) -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel, _running(channel, broker.send):
        pass
    assert broker.sent == []
