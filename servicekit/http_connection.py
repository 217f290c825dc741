"""One connection of a client: uvicorn's HTTP protocol with the limits that uvicorn lacks.

They cost nothing while a request arrives in one piece and the client reads its answer without delay.
"""

import asyncio
import re
import socket
import struct
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Surplus connections that still get a refusal; more would use up the last descriptors.
_MOST_TOLD = 100
_SENT_AHEAD_BYTES = 128 * 1024
# One read can hold thousands of small requests, some 7 kB of memory each; browsers that pipelined sent at most 32.
_MOST_REQUESTS_AHEAD = 32
# How long an idle connection may still send a request when the server stops: clients that pause for longer between two
# requests look whether the connection has been closed. Then it is read once more, in case the loop was busy meanwhile.
_LAST_REQUEST_SECONDS, _READ_ON_SECONDS = 2.0, 0.05
_NO_LINGERING = struct.pack("ii", 1, 0)
_AFTER_AUTHORITY = re.compile(rb"[/?#]")


class BoundedConnection(HttpToolsProtocol):
    """Limits the time and size of headers, an unread body, and how long a client may leave its answer unread.

    Refuses requests that name two hosts. `has_gone` means that the client has disconnected and its requests can be
    dropped; `is_surplus`, that there are too many connections and this one must be refused and closed. Subclasses set
    the limits, and implement `refuse` for HEADERS_TOO_LARGE and REQUEST_MALFORMED.
    """

    header_seconds: ClassVar[float]
    header_bytes: ClassVar[int]
    stall_seconds: ClassVar[float]
    most_connections: ClassVar[int]
    is_surplus = False
    has_gone = False
    is_message_complete = False
    _awaits_headers = True
    _is_last_request = False
    # Bytes received since the last complete element, without the piece being parsed now.
    _unclaimed_bytes = 0
    _running: Any = None
    # When the client must have sent its data, and when it must have read its answer.
    _must_send: asyncio.TimerHandle | None = None
    _must_take: asyncio.TimerHandle | None = None

    def refuse(self, reason: str) -> None:
        """Answers with a refusal and closes the transport."""
        raise NotImplementedError

    def expect_nothing(self) -> None:
        """Stops waiting: the client has sent everything it has to."""
        self._unset_keepalive_if_required()
        _cancel(self._must_send)
        self._must_send = None

    def expect_next_request(self) -> None:
        """Starts to wait for the next request after an answer that uvicorn did not send."""
        self._must_send_within(self.timeout_keep_alive)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first request."""
        super().connection_made(transport)
        # By default the system buffers megabytes, which would hide whether a slow client reads at all.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AHEAD_BYTES)
        surplus = len(self.connections) - self.most_connections
        self.is_surplus = surplus > 0
        if surplus > _MOST_TOLD:
            transport.abort()
            return
        self._must_send_within(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the timers and tells the running request."""
        self.has_gone = True
        _cancel(self._must_send)
        _cancel(self._must_take)
        if self._running is not None:  # uvicorn tells only the latest request, which may be pipelined behind this one
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses bytes; limits the time for headers that come in pieces, and the bytes that complete nothing."""
        self._unclaimed_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unclaimed_bytes > self.header_bytes:
            self.refuse("HEADERS_TOO_LARGE")
        elif self._awaits_headers and self._must_send is None:
            self._must_send_within(self.header_seconds)

    def on_message_begin(self) -> None:
        """Resets the state for a new request."""
        super().on_message_begin()
        self._awaits_headers = True
        self.is_message_complete = False

    def on_headers_complete(self) -> None:
        """Checks the size of the headers and the host."""
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
        if len(self.pipeline) > _MOST_REQUESTS_AHEAD:  # a refusal would be taken for the answer of an earlier request
            self.transport.abort()
            self.pipeline.clear()  # they refer back to this connection: memory would grow until they are collected
            raise ValueError("Too many requests sent ahead.")  # stops the parser

    def on_body(self, body: bytes) -> None:
        """Resets the count of unclaimed bytes."""
        self._unclaimed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Marks the request as complete."""
        self.is_message_complete = True
        self._unclaimed_bytes = 0
        super().on_message_complete()
        if (
            self.cycle and self.cycle.response_complete
        ):  # refused before it was read, so uvicorn no longer waits on this connection
            self.expect_next_request()

    def on_response_complete(self) -> None:
        """Limits the wait for the rest of the body, which many clients finish sending before they read the answer."""
        super().on_response_complete()
        if not self.cycle.response_complete:
            return
        if not self._awaits_headers and not self.is_message_complete:
            self._must_send_within(self.stall_seconds)
        elif self._is_last_request:
            self._expect_last_request()

    def handle_websocket_upgrade(self) -> None:
        """Stops all limits: the WebSocket protocol takes over. When the server stops, the connection is closed instead.

        A WebSocket that begins then would not be told to end, and the stop would wait for the client to close it.
        """
        _cancel(self._must_send)
        if self._is_last_request:
            self.transport.close()
            return
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """Lets the request under way end, and says in its answer that it is the last one.

        Where that cannot be said, as the answer has begun or none is due, the connection has a moment for one more:
        it may have arrived already, unread, and closing at once would lose it.
        """
        self._is_last_request = True
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self._expect_last_request()
        elif not self.cycle.response_started:
            super().shutdown()

    def pause_writing(self) -> None:
        """Starts to watch whether the client reads its answer."""
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        """Stops watching: the client has caught up."""
        _cancel(self._must_take)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - our refusal is in Korean
        """Refuses bytes that are not HTTP."""
        if not self.transport.is_closing():
            self.refuse("REQUEST_MALFORMED")

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        if self._is_last_request:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def _refuse_and_stop(self, reason: str) -> None:
        self.refuse(reason)
        raise ValueError(reason)  # stops the parser

    def _must_send_within(self, seconds: float) -> None:
        _cancel(self._must_send)
        self._must_send = self.loop.call_later(seconds, self._close)

    def _expect_last_request(self) -> None:
        _cancel(self._must_send)
        self._must_send = self.loop.call_later(_LAST_REQUEST_SECONDS, self._must_send_within, _READ_ON_SECONDS)

    def _close(self) -> None:
        # Not close(), which would wait for the client to read what was written.
        self.transport.abort()

    def _watch_taking(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._must_take = self.loop.call_later(self.stall_seconds, self._reset_unless_taken, left)

    def _reset_unless_taken(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:  # slow, but reading
            self._watch_taking()
        else:
            self._reset()

    def _reset(self) -> None:
        # Otherwise the system would keep the unread data, and retransmit it, for minutes.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()


def _authority(url: bytes) -> bytes:
    """Returns host and port of an absolute URL, empty for anything else."""
    return _AFTER_AUTHORITY.split(url.partition(b"://")[2], maxsplit=1)[0]


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
