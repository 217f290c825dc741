"""A busy server takes all who wait soon, and not one in each round of its loop."""

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import pytest
import uvicorn
import uvloop

from servicekit.many_acceptors import Server

_CLIENTS = 200


async def _answer(_scope: Any, _receive: Any, _send: Any) -> None: ...


async def _rounds_until_all_are_taken(listening: socket.socket) -> int:
    server = Server(uvicorn.Config(_answer, lifespan="off", log_config=None))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup([listening])
    rounds = 0
    while len(server.server_state.connections) < _CLIENTS:
        await asyncio.sleep(0)
        rounds += 1
    await server.shutdown([listening])
    return rounds


def test_clients_that_come_together_are_taken_in_few_rounds_of_the_loop() -> None:
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=_CLIENTS))
        for _ in range(_CLIENTS):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        assert uvloop.run(_rounds_until_all_are_taken(listening)) < _CLIENTS / 4


def test_port_that_is_taken_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit):
            uvloop.run(Server(uvicorn.Config(_answer, port=port, lifespan="off", log_config=None)).serve())
    assert f"('127.0.0.1', {port})" in caplog.text
