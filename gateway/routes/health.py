"""Health of the whole system, as reported by the services."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import grpc
import orjson
from fastapi import APIRouter, Request, Response
from grpc_health.v1 import health_pb2

from gateway.clients import Service, clients_of
from gateway.envelope import answer
from gateway.errors import ApiError
from gateway.schemas.common import ErrorAnswer, errors
from gateway.schemas.health import HealthAnswer, LiveAnswer, UnhealthyAnswer
from servicekit.settings import VERSION

_PROBE_SECONDS = 0.85
# The gateway does not contact these itself: it asks the services that use them. The first one reachable answers.
_DEPENDENCIES = {
    "database": ("prediction", "dataset", "chat"),
    "redis": ("prediction",),  # the batch queue; the chat may use another, and works without one
    "worker": ("prediction",),
}
# Each of these has its own storage; the worst state counts.
_STORAGE, _STORING = "storage", ("prediction", "dataset")
_ESSENTIAL = ("prediction", "database")

router = APIRouter(tags=["상태"])


@router.get(
    "/health",
    summary="전체 상태",
    response_model=HealthAnswer,
    responses={**errors(), 503: errors()[503] | {"model": UnhealthyAnswer | ErrorAnswer}},
)
async def get_health(request: Request) -> Response:
    """Returns the state of every part within a second. 503 when nothing can be predicted."""
    services = {service.name: service for service in clients_of(request).services}
    names = [*services, *_DEPENDENCIES, _STORAGE]
    states = await asyncio.gather(
        *(_ask(service, service.grpc_name) for service in services.values()),
        *(_ask_any((services[name] for name in askable), part) for part, askable in _DEPENDENCIES.items()),
        _ask_all((services[name] for name in _STORING), _STORAGE),
    )
    parts = dict(zip(names, states, strict=True))
    ill = {name for name, state in parts.items() if state["status"] != "healthy"}
    status = "unhealthy" if ill.intersection(_ESSENTIAL) else "degraded" if ill else "healthy"
    fields = {"status": status, "services": parts, "version": VERSION}
    if status != "unhealthy":
        return answer(fields)
    refusal = ApiError("SERVICE_UNAVAILABLE")
    return Response(orjson.dumps(refusal.fields() | fields), refusal.status, refusal.headers, "application/json")


@router.get("/health/live", summary="게이트웨이 생존 확인", response_model=LiveAnswer, responses=errors())
async def get_live() -> Response:
    """Answers as long as the process runs, without checking dependencies."""
    return answer({"status": "alive"})


async def _ask(service: Service, name: str) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        reply = await service.health.Check(health_pb2.HealthCheckRequest(service=name), timeout=_PROBE_SECONDS)
    except grpc.aio.AioRpcError:
        is_part = name in _DEPENDENCIES or name == _STORAGE
        return {"status": "unknown" if is_part else "unhealthy", "latency_ms": None}
    is_serving = reply.status == health_pb2.HealthCheckResponse.SERVING
    latency_ms = round((time.perf_counter() - started) * 1000, 1)
    return {"status": "healthy" if is_serving else "unhealthy", "latency_ms": latency_ms}


async def _ask_all(services: Iterable[Service], part: str) -> dict[str, Any]:
    states = await asyncio.gather(*(_ask(service, part) for service in services))
    return min(states, key=lambda state: ("unhealthy", "healthy", "unknown").index(state["status"]))


async def _ask_any(services: Iterable[Service], part: str) -> dict[str, Any]:
    asked = [asyncio.create_task(_ask(service, part)) for service in services]
    state: dict[str, Any] = {"status": "unknown", "latency_ms": None}
    try:
        for reply in asyncio.as_completed(asked):
            state = await reply
            if state["status"] != "unknown":
                break
    finally:
        for task in asked:
            task.cancel()
    return state
