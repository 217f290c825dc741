from typing import Any

import pytest
import structlog
from grpc_health.v1 import health_pb2

from servicekit.health import HealthServicer

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def test_watcher_is_told_of_a_stop_that_comes_while_the_service_is_asked() -> None:
    async def works_until_the_stop() -> None:
        health.stop_serving()

    health = HealthServicer({"service": works_until_the_stop})
    context: Any = None

    told = [answer.status async for answer in health.Watch(health_pb2.HealthCheckRequest(service="service"), context)]

    assert told == [SERVING, NOT_SERVING]
    assert health.watchers == 0


async def test_trouble_that_lasts_is_logged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.health._FRESH_SECONDS", -1)

    async def is_away() -> None:
        raise ConnectionError

    health = HealthServicer({"redis": is_away})
    context: Any = None
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            await health.Check(health_pb2.HealthCheckRequest(service="redis"), context)
    assert [event["event"] for event in logged] == ["health_probe_failed"]
