"""SIGTERM: no new work, the work under way is finished, and the process ends well."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from daegu.prediction.v1 import prediction_pb2, prediction_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.contract.prediction_service.running_service import PREDICTION, varied
from tests.eventually import wait_until
from tests.faults.prediction_service.running_stack import SinglePredictions, Stack

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def stopped_prediction(stack: Stack) -> Iterator[Stack]:
    """The stack, whose prediction service the test may stop; it runs again afterwards."""
    yield stack
    if not stack.prediction.is_running:
        stack.prediction.start()


def _watch(channel: grpc.Channel, seen: list[int]) -> threading.Thread:
    watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=PREDICTION))

    def note() -> None:
        try:
            seen.extend(answer.status for answer in watching)
        except grpc.RpcError as error:
            seen.append(-error.code().value[0])

    thread = threading.Thread(target=note)
    thread.start()
    return thread


def test_service_says_that_it_leaves_finishes_what_is_under_way_and_ends_well(stopped_prediction: Stack) -> None:
    stack = stopped_prediction
    with stack.channel() as channel:
        health: list[int] = []
        watching = _watch(channel, health)
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)
        # A thousand explanations take their time.
        requests = [prediction_pb2.PredictionRequest(accident=accident, explain=True) for accident in varied(1000)]
        under_way = stub.PredictMany.future(prediction_pb2.PredictManyRequest(requests=requests))
        wait_until(lambda: health == [SERVING])

        os.kill(stack.prediction.pid, signal.SIGTERM)
        wait_until(lambda: health[1:2] == [NOT_SERVING])
        assert not under_way.done()
        outcomes = under_way.result().outcomes
        watching.join()

    assert health == [SERVING, NOT_SERVING]  # and the watch ended in order
    assert stack.prediction.stop() == 0  # told a second time, it ends as well
    ids = [outcome.prediction.prediction_id for outcome in outcomes]
    assert len(ids) == 1000
    count = "SELECT count(*) FROM prediction.predictions WHERE id = ANY(%s::uuid[])"
    assert stack.rows(count, ids) == [(1000,)]
    assert '"in_flight":0,"event":"server_stopped"' in stack.prediction.log.read_text("utf-8")


def test_stream_is_ended_in_order_and_loses_nothing(stopped_prediction: Stack) -> None:
    stack = stopped_prediction
    with SinglePredictions(stack) as singles:
        singles.wait_for(200)
        assert stack.prediction.stop() == 0
        stack.prediction.start()
        singles.wait_for(50)
    count = "SELECT count(*) FROM prediction.predictions WHERE id = ANY(%s::uuid[])"
    assert stack.rows(count, singles.acknowledged) == [(len(singles.acknowledged),)]


def test_service_that_stops_within_a_batch_leaves_it_whole(stopped_prediction: Stack) -> None:
    stack = stopped_prediction
    batch_id = stack.begin_batch(20_000, 500)
    assert stack.prediction.stop() == 0
    ((tries, done),) = stack.rows("SELECT tries, done FROM prediction.batches WHERE id = %s", batch_id)
    assert (tries, done % 500) == (0, 0)
    assert done < 20_000
    stack.prediction.start()
    stack.assert_completes(batch_id, 20_000)


def test_worker_that_stops_within_a_batch_ends_well_and_leaves_it_to_the_next(stack: Stack) -> None:
    batch_id = stack.begin_batch(5000, 500)
    code = stack.worker.stop()
    stack.worker.start()
    assert code == 0
    stack.assert_completes(batch_id, 5000)
