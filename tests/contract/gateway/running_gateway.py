"""The real gateway, served by uvicorn on a free port from a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from gateway.server import create_server
from gateway.settings import GatewaySettings

NOBODY = "127.0.0.1:1"
"""A target where nothing listens."""


@asynccontextmanager
async def running_gateway(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Yields a client of a gateway with these settings; targets that are not given lead to nobody."""
    targets = {"prediction_target": NOBODY, "dataset_target": NOBODY, "chat_target": NOBODY}
    server = create_server(GatewaySettings(**{**targets, "drain_seconds": 2, **settings}))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:  # so that no test measures the start
                assert thread.is_alive()
                await asyncio.sleep(0.01)
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join)


async def answered_within(seconds: float, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Returns an answer that came in time. The machine may be busy: one of three counts."""
    for _ in range(3):
        response = await ask()
        if response.elapsed.total_seconds() < seconds:
            return response
    raise AssertionError(f"three times longer than {seconds} s")
