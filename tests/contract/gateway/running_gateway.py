"""The real gateway, served by uvicorn on a free port, and what every answer of it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx

from gateway.server import create_server
from gateway.settings import GatewaySettings
from tests.contract.gateway.fake_services import FakeService
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

Gateway = httpx.AsyncClient
"""A client of a running gateway."""
NOBODY = "127.0.0.1:1"
"""A target where nothing listens."""


def targets_of(prediction: FakeService, dataset: FakeService, chat: FakeService) -> dict[str, Any]:
    """Returns the settings of a gateway in front of these services."""
    return {"prediction_target": prediction.target, "dataset_target": dataset.target, "chat_target": chat.target}


@asynccontextmanager
async def running_gateway(**settings: Any) -> AsyncIterator[Gateway]:
    """Yields a client of a gateway with these settings; targets that are not given have no server."""
    targets = {"prediction_target": NOBODY, "dataset_target": NOBODY, "chat_target": NOBODY}
    server = create_server(GatewaySettings(**{**targets, "port": 0, "drain_seconds": 2, **settings}))
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # they are pytest's
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or serving.done())
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        await serving


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Returns the status and the code of an error; fails if it does not have the one shape of errors."""
    answer = response.json()
    assert answer.keys() >= {"success", "error", "code", "details", "request_id", "timestamp"}
    assert answer["success"] is False
    assert answer["request_id"] == response.headers["x-request-id"]
    assert response.headers["content-type"] == "application/json"
    assert ("retry-after" in response.headers) == (response.status_code in (429, 503, 504))
    return response.status_code, answer["code"]


def refused_fields(response: httpx.Response) -> dict[str, str]:
    """Returns the message about each field of a refused request."""
    assert refusal(response) == (422, "FIELDS_INVALID")
    return {detail["field"]: detail["message"] for detail in response.json()["details"]}
