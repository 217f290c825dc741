"""A server that is told to stop: requests end, and no client can hold it up."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from servicekit import http_connection
from servicekit.many_acceptors import Server
from servicekit.process_group import Membership
from streamlit_client.server.connection import connection_kind
from streamlit_client.server.handover import server_kind, shared_connection_kind, slot_path
from streamlit_client.settings import PageSettings
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
ANSWER = b"hello"

App = Callable[[Any, Any, Any], Awaitable[None]]


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": ANSWER})


async def hang(_scope: Any, _receive: Any, _send: Any) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


async def started(app: App, kind: type[Server], http: type[Any], listening: socket.socket) -> Server:
    """Returns a running server of that class."""
    server = kind(
        uvicorn.Config(app, lifespan="off", log_config=None, http=http, ws="websockets-sansio", timeout_keep_alive=600)
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup([listening] if server.membership is None else None)
    return server


async def test_websocket_that_begins_while_the_server_stops_does_not_hold_it_up(listening: socket.socket) -> None:
    server = await started(answer, Server, connection_kind(PageSettings()), listening)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(GET)
    await reader.readuntil(ANSWER)
    stopping = asyncio.create_task(server.shutdown())
    await asyncio.sleep(0)  # all connections have been told
    writer.write(UPGRADE)
    assert await reader.read() == b""
    await stopping
    writer.close()


async def test_answer_that_has_begun_leaves_room_for_one_more_request(listening: socket.socket) -> None:
    goes_on = asyncio.Event()

    async def begin(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": ANSWER[:1], "more_body": True})
        await goes_on.wait()
        await send({"type": "http.response.body", "body": ANSWER[1:]})

    server = await started(begin, Server, connection_kind(PageSettings()), listening)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(GET)
    head = await reader.readuntil(ANSWER[:1])
    assert b"connection: close" not in head
    stopping = asyncio.create_task(server.shutdown())
    await asyncio.sleep(0)
    goes_on.set()
    await reader.readuntil(ANSWER[1:])
    writer.write(GET)
    last = await reader.read()
    assert b"connection: close" in last
    assert last.endswith(ANSWER)
    await stopping
    writer.close()


async def test_connection_that_was_being_accepted_is_told_too(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "_LAST_REQUEST_SECONDS", 0.0)
    server = await started(answer, Server, connection_kind(PageSettings()), listening)
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        reader, writer = await asyncio.open_connection(*elsewhere.getsockname())
        accepted, _ = elsewhere.accept()
    stopping = asyncio.create_task(server.shutdown())
    await asyncio.sleep(0)
    await asyncio.get_running_loop().connect_accepted_socket(server.new_connection, accepted)
    writer.write(GET)
    assert (await reader.read()).endswith(ANSWER)
    await stopping
    writer.close()


async def test_request_that_does_not_end_is_given_up_after_the_drain(listening: socket.socket) -> None:
    server = await started(hang, server_kind(0, None), connection_kind(PageSettings()), listening)
    _reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(GET)
    await eventually(lambda: bool(server.server_state.tasks))
    await server.shutdown()
    writer.close()


async def test_connection_that_is_being_taken_over_is_answered_before_the_stop(
    listening: socket.socket, tmp_path: Path
) -> None:
    line, parent = socket.socketpair()
    membership = Membership(0, 2, listening, line, tmp_path)
    kind = shared_connection_kind(PageSettings(), membership)
    with (
        parent,
        line,
        socket.create_connection(listening.getsockname()) as client,
        socket.socket(socket.AF_UNIX) as passing,
    ):
        accepted, _ = listening.accept()
        server = await started(answer, server_kind(10, membership), kind, listening)
        passing.connect(str(slot_path(tmp_path, 0)))
        socket.send_fds(passing, [GET[:1]], [accepted.fileno()])
        accepted.close()
        await eventually(lambda: bool(server._beginning))  # type: ignore[attr-defined]
        stopping = asyncio.create_task(server.shutdown())
        assert await asyncio.wait({stopping}, timeout=0.5) == (set(), {stopping})
        passing.sendall(GET[1:])
        passing.shutdown(socket.SHUT_WR)
        await stopping
        client.settimeout(PATIENCE_SECONDS)
        assert client.recv(4096).endswith(ANSWER)
