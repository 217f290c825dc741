"""Several processes of the page: every browser always reaches the same one, which has its sessions.

They share the listening socket, so any of them may accept a connection. One that reads a request of another one's
browser hands the connection over, with what it has read, through a Unix socket; nothing is forwarded afterwards. A
browser is known by its cookie. Without one, and while the other process is away, the request is answered here.
"""

import asyncio
import os
import re
import socket
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from servicekit.many_acceptors import Server
from servicekit.process_group import Membership
from streamlit_client.server.browser_id import COOKIE
from streamlit_client.server.connection import Connection, connection_kind
from streamlit_client.settings import PageSettings

_BROWSER = re.compile(rb"\r\ncookie:[^\r]*?\b%b=([0-9a-f-]{36})" % COOKIE.encode(), re.IGNORECASE)
_END_OF_HEADERS = b"\r\n\r\n"
_MOST_COMING = 1024
_SECONDS = 5.0
_PIECE_BYTES = 256 * 1024
_TAKEN = b"T"

log = structlog.get_logger()


class SharedConnection(Connection):
    """A connection that moves to the process of its browser when a request begins."""

    membership: Membership
    first = b""
    """What another process has read of it."""
    _head = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Goes on with what another process has read."""
        super().connection_made(transport)
        if self.first:
            super().data_received(self.first)

    def data_received(self, data: bytes) -> None:
        """Collects the headers of a request, to see whose it is before they are parsed."""
        if not self._is_between_requests:
            super().data_received(data)
            return
        self._head += data
        if _END_OF_HEADERS not in self._head and len(self._head) <= self.header_bytes:
            return  # the limits on the time for headers go on
        head, self._head = self._head, b""
        slot = slot_of(head, self.membership.count)
        if slot in (None, self.membership.slot):
            super().data_received(head)
        else:
            self.transport.pause_reading()
            self._leaving = self.loop.create_task(self._hand_over(slot_path(self.membership.folder, slot), head))

    @property
    def _is_between_requests(self) -> bool:
        cycle = self.cycle
        return cycle is None or bool(cycle.response_complete and self.is_message_complete and not self.pipeline)

    async def _hand_over(self, path: Path, head: bytes) -> None:
        try:
            descriptor = os.dup(self.transport.get_extra_info("socket").fileno())
            await asyncio.to_thread(_send, path, descriptor, head)
        except OSError as error:  # it starts or has died
            log.debug("connection_kept", error=repr(error))
            if not self.transport.is_closing():
                super().data_received(head)
                self.transport.resume_reading()
        else:
            self.transport.abort()  # closes only our descriptor of the connection


class SharedServer(Server):
    """The server of one of several processes: takes over connections that others accepted."""

    membership: Membership

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections, and to take them over."""
        path = slot_path(self.membership.folder, self.membership.slot)
        coming = path.with_suffix(f".{os.getpid()}")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(coming))
        listening.listen(_MOST_COMING)
        listening.setblocking(False)
        await super().startup(sockets)
        coming.rename(path)  # from here on the former process of this slot gets none
        self._beginning: set[asyncio.Task[None]] = set()
        self._taking = asyncio.create_task(self._take_over(listening))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes nothing over any more, and stops."""
        self._taking.cancel()
        # What is being taken over belongs to the connections that are told to end.
        await asyncio.gather(self._taking, *self._beginning, return_exceptions=True)
        await super().shutdown(sockets)

    async def _take_over(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listening:  # what waits when it is closed is kept by its sender
            while True:
                passing, _ = await loop.sock_accept(listening)
                beginning = loop.create_task(self._begin(passing))
                self._beginning.add(beginning)
                beginning.add_done_callback(self._beginning.discard)

    async def _begin(self, passing: socket.socket) -> None:
        try:
            connection, head = await asyncio.to_thread(_receive, passing)
        except OSError as error:
            log.warning("connection_not_taken", error=repr(error))
            return
        await asyncio.get_running_loop().connect_accepted_socket(
            partial(_begin_with, self.new_connection, head), connection
        )


def shared_connection_kind(settings: PageSettings, membership: Membership) -> type[Connection]:
    """Returns the class of connections of a member."""
    return type("Connection", (connection_kind(settings, SharedConnection),), {"membership": membership})


def server_kind(drain_seconds: int, membership: Membership | None) -> type[Server]:
    """Returns the class of the server, alone or of a member."""
    base = Server if membership is None else SharedServer
    return type(base.__name__, (base,), {"drain_seconds": drain_seconds, "membership": membership})


def slot_of(head: bytes, count: int) -> int | None:
    """Returns the number of the process of the browser that sent these headers; None without a cookie."""
    browser = _BROWSER.search(head, 0, head.find(_END_OF_HEADERS) + 1)
    return None if browser is None else zlib.crc32(browser[1]) % count


def slot_path(folder: Path, slot: int) -> Path:
    """Returns the Unix socket on which a process takes connections over."""
    return folder / f"{slot}.sock"


def _send(path: Path, descriptor: int, head: bytes) -> None:
    with socket.socket(fileno=descriptor) as connection, socket.socket(socket.AF_UNIX) as passing:
        passing.settimeout(_SECONDS)
        passing.connect(str(path))
        socket.send_fds(passing, [head[:1]], [connection.fileno()])
        passing.sendall(head[1:])
        passing.shutdown(socket.SHUT_WR)
        if passing.recv(1) != _TAKEN:
            raise ConnectionError("The other process does not take the connection.")


def _receive(passing: socket.socket) -> tuple[socket.socket, bytes]:
    with passing:
        passing.settimeout(_SECONDS)
        head, descriptors, _, _ = socket.recv_fds(passing, _PIECE_BYTES, 1)
        if not descriptors:
            raise ConnectionError("No connection was passed.")
        connection = socket.socket(fileno=descriptors[0])
        try:
            while piece := passing.recv(_PIECE_BYTES):
                head += piece
            passing.sendall(_TAKEN)
        except OSError:
            connection.close()
            raise
        return connection, head


def _begin_with(new_connection: Callable[[], Any], head: bytes) -> asyncio.Protocol:
    connection: SharedConnection = new_connection()
    connection.first = head
    return connection
