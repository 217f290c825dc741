"""What the gateway tells Prometheus, on a port of its own."""

import re

import httpx

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from scripts.benchmarks.processes import free_port
from tests.contract.gateway.fake_datasets import UNKNOWN_ID
from tests.contract.gateway.running_gateway import running_gateway
from tests.patience import PATIENCE_SECONDS

COUNT = re.compile(r'http_request_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\S+)')


async def test_requests_are_counted_by_method_route_and_status_and_by_nothing_that_callers_make_up() -> None:
    port = free_port()
    async with running_gateway(metrics_port=port) as gateway:  # whose services are all away
        paths = ("/a", "/b", "/api/predict/eclo/c", "/metrics")
        for path in (f"/api/predict/batch/{UNKNOWN_ID}", "/health/live", "/health", *paths):
            await gateway.get(path)
        await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"weather": 1})
        await gateway.request("PROPFIND", "/d")
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            page = (await client.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text

    counts = {(method, route, status): float(count) for method, route, status, count in COUNT.findall(page)}
    assert counts == {
        ("GET", "/api/predict/batch/{batch_id}", "503"): 1,
        ("POST", "/api/predict/eclo", "422"): 1,
        ("GET", "other", "404"): len(paths),
        ("other", "other", "404"): 1,
    }
