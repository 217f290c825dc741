"""The real gateway, served by uvicorn on a free port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx

from gateway.server import create_server
from gateway.settings import GatewaySettings
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

NOBODY = "127.0.0.1:1"
"""A target where nothing listens."""


@asynccontextmanager
async def running_gateway(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
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
