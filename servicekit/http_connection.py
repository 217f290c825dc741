"""One connection of a client: uvicorn's HTTP protocol with the limits that uvicorn lacks.

None of them costs anything while a request comes in one piece and its answer is taken as it comes.
"""

import asyncio
import re
import socket
import struct
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Surplus connections that are still told why; more than these would take the last descriptors.
_MOST_TOLD = 100
_SENT_AHEAD_BYTES = 128 * 1024
_NO_LINGERING = struct.pack("ii", 1, 0)
_AFTER_AUTHORITY = re.compile(rb"[/?#]")


class BoundedConnection(HttpToolsProtocol):
    """Bounds the time and size of headers, a body that nobody reads, and an answer that nobody takes.

    Refuses what names two hosts. `has_gone` says that the client has left: what it asked for is nobody's business any
    more; `is_surplus` that there are too many: it is to be refused and closed. Whoever serves gives the limits, and a
    `refuse` that answers with one of HEADERS_TOO_LARGE and REQUEST_MALFORMED and closes the transport.
    """

    header_seconds: ClassVar[float]
    header_bytes: ClassVar[int]
    stall_seconds: ClassVar[float]
    most_connections: ClassVar[int]
    is_surplus = False
    has_gone = False
    is_message_complete = False
    _awaits_headers = True
    # What came since the last thing that was understood, and before the piece that is read now.
    _unclaimed_bytes = 0
    _running: Any = None
    # When the client must have sent what it owes, and when it must have taken what is owed to it.
    _must_send: asyncio.TimerHandle | None = None
    _must_take: asyncio.TimerHandle | None = None

    def refuse(self, reason: str) -> None:
        """Answers with a refusal and closes the transport."""
        raise NotImplementedError

    def expect_nothing(self) -> None:
        """Says that the client has sent all it owes."""
        self._unset_keepalive_if_required()
        _cancel(self._must_send)
        self._must_send = None

    def expect_next_request(self) -> None:
        """Says that the client has its answer, though uvicorn does not know of it."""
        self._must_send_within(self.timeout_keep_alive)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first request."""
        super().connection_made(transport)
        # The system would keep megabytes, and what a slow client takes of these could not be seen.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AHEAD_BYTES)
        surplus = len(self.connections) - self.most_connections
        self.is_surplus = surplus > 0
        if surplus > _MOST_TOLD:
            transport.abort()
            return
        self._must_send_within(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self.has_gone = True
        _cancel(self._must_send)
        _cancel(self._must_take)
        if self._running is not None:  # uvicorn tells the latest request alone, which may be waiting behind this one
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes; starts to wait when headers come in pieces, and refuses too many bytes that lead to nothing."""
        self._unclaimed_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unclaimed_bytes > self.header_bytes:
            self.refuse("HEADERS_TOO_LARGE")
        elif self._awaits_headers and self._must_send is None:
            self._must_send_within(self.header_seconds)

    def on_message_begin(self) -> None:
        """A request has begun."""
        super().on_message_begin()
        self._awaits_headers = True
        self.is_message_complete = False

    def on_headers_complete(self) -> None:
        """The headers are there."""
        if self._unclaimed_bytes > self.header_bytes:
            size_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size_bytes > self.header_bytes:
                self._refuse_and_stop("HEADERS_TOO_LARGE")
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not self.url.startswith(b"/") and [_authority(self.url)] != hosts):
            self._refuse_and_stop("REQUEST_MALFORMED")
        self._awaits_headers = False
        self._unclaimed_bytes = 0
        _cancel(self._must_send)
        self._must_send = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there."""
        self._unclaimed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is there as well."""
        self.is_message_complete = True
        self._unclaimed_bytes = 0
        super().on_message_complete()
        if (
            self.cycle and self.cycle.response_complete
        ):  # it was refused before it was read; uvicorn has forgotten this connection
            self.expect_next_request()

    def on_response_complete(self) -> None:
        """The answer is out. What is left of the body may still come: many clients read only once they have sent it."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._awaits_headers and not self.is_message_complete:
            self._must_send_within(self.stall_seconds)

    def handle_websocket_upgrade(self) -> None:
        """The connection is no longer ours."""
        _cancel(self._must_send)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """The client does not take its answer as fast as it is made."""
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        """It takes it again."""
        _cancel(self._must_take)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours is in Korean
        """Answers what is not HTTP."""
        if not self.transport.is_closing():
            self.refuse("REQUEST_MALFORMED")

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse_and_stop(self, reason: str) -> None:
        self.refuse(reason)
        raise ValueError(reason)  # ends the reading of what has come

    def _must_send_within(self, seconds: float) -> None:
        _cancel(self._must_send)
        self._must_send = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        # Not close(): that would wait for the client to take what was written.
        self.transport.abort()

    def _watch_taking(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._must_take = self.loop.call_later(self.stall_seconds, self._reset_unless_taken, left)

    def _reset_unless_taken(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:  # slowly, but it does
            self._watch_taking()
        else:
            self._reset()

    def _reset(self) -> None:
        # Without it the system would keep what was written, and offer it to the client, for minutes.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()


def _authority(url: bytes) -> bytes:
    """Returns host and port of an absolute address; nothing for anything else."""
    return _AFTER_AUTHORITY.split(url.partition(b"://")[2], maxsplit=1)[0]


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
