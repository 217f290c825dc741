"""What the gateway tells Prometheus, on a port of its own."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from scripts.benchmarks.processes import free_port
from tests.contract.gateway.running_gateway import running_gateway
from tests.patience import PATIENCE_SECONDS

COUNT = re.compile(r'http_request_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\S+)')


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
async def gateway(metrics_port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose services are all away."""
    async with running_gateway(metrics_port=metrics_port) as client:
        yield client


async def counts(metrics_port: int) -> dict[tuple[str, str, str], float]:
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
        page = (await client.get(f"http://127.0.0.1:{metrics_port}/metrics")).raise_for_status().text
    return {(method, route, status): float(count) for method, route, status, count in COUNT.findall(page)}


async def test_requests_are_counted_by_method_route_and_status(gateway: httpx.AsyncClient, metrics_port: int) -> None:
    for _ in range(2):
        await gateway.get("/api/predict/batch/01980000-0000-7000-8000-000000000000")
    await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"weather": 1})

    assert await counts(metrics_port) == {
        ("GET", "/api/predict/batch/{batch_id}", "503"): 2,
        ("POST", "/api/predict/eclo", "422"): 1,
    }


async def test_what_callers_make_up_becomes_no_label(gateway: httpx.AsyncClient, metrics_port: int) -> None:
    for path in ("/a", "/b", "/api/predict/eclo/c"):
        await gateway.get(path)
    await gateway.request("PROPFIND", "/d")
    assert await counts(metrics_port) == {("GET", "other", "404"): 3, ("other", "other", "404"): 1}


async def test_looks_at_the_health_are_not_counted(gateway: httpx.AsyncClient, metrics_port: int) -> None:
    await gateway.get("/health/live")
    await gateway.get("/health")
    assert await counts(metrics_port) == {}


async def test_metrics_are_not_at_the_public_port(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/metrics")).status_code == 404
