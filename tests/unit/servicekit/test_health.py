from typing import Any

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
