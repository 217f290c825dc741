"""One connection of a client: uvicorn's HTTP protocol with the limits that uvicorn lacks.

None of them costs anything while a request comes in one piece and its answer is taken as it comes.
"""

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Any, ClassVar

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.errors import ApiError
from gateway.settings import GatewaySettings
from servicekit import call_context
from servicekit.ids import new_id

SCOPE_KEY = "gateway.connection"
"""Where an ASGI scope has its `Connection`."""

_NO_LINGERING = struct.pack("ii", 1, 0)

log = structlog.get_logger()


class Connection(HttpToolsProtocol):
    """Bounds the time and size of headers, a body that nobody reads, and an answer that nobody takes.

    `has_gone` says that the client has left: the request it sent is nobody's business any more. `is_message_complete`
    says that all of the latest request is here, its body included.
    """

    settings: ClassVar[GatewaySettings]
    has_gone = False
    is_message_complete = False
    _awaits_headers = True
    _header_bytes = 0
    # When the client must have sent what it owes, and when it must have taken what is owed to it.
    _must_send: asyncio.TimerHandle | None = None
    _must_take: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first request."""
        super().connection_made(transport)
        self._must_send_within(self.settings.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self.has_gone = True
        _cancel(self._must_send)
        _cancel(self._must_take)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes; starts to wait when headers come in pieces, and refuses too many of them."""
        super().data_received(data)
        if not self._awaits_headers:
            return
        self._header_bytes += len(data)
        if self._header_bytes > self.settings.header_bytes:
            self._refuse("HEADERS_TOO_LARGE")
        elif self._must_send is None:
            self._must_send_within(self.settings.header_seconds)

    def on_message_begin(self) -> None:
        """A request has begun."""
        super().on_message_begin()
        self.scope[SCOPE_KEY] = self  # type: ignore[literal-required]
        self._awaits_headers = True
        self.is_message_complete = False

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._awaits_headers = False
        self._header_bytes = 0
        _cancel(self._must_send)
        self._must_send = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there as well."""
        self.is_message_complete = True
        super().on_message_complete()
        if self.cycle.response_complete:  # it was refused before it was read; uvicorn has forgotten this connection
            self._must_send_within(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """The answer is out. What is left of the body may still come: many clients read only once they have sent it."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._awaits_headers and not self.is_message_complete:
            self._must_send_within(self.settings.stall_seconds)

    def write_whole(self, scope: Any, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Writes an answer in one piece. Returns False when it cannot: then it must go uvicorn's own way.

        The headers must be ours, the content length among them: uvicorn would examine each, a fifth of the hot route.
        """
        cycle = self.cycle
        is_latest = cycle.scope is scope  # a client that sends ahead has others waiting behind this one
        if not is_latest or not cycle.keep_alive or cycle.disconnected or self.flow.write_paused:
            return False
        lines = [STATUS_LINE[status]]
        for name, value in (*cycle.default_headers, *headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (b"\r\n", body)
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join(lines))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def pause_writing(self) -> None:
        """The client does not take its answer as fast as it is made."""
        super().pause_writing()
        self._must_take = self.loop.call_later(self.settings.stall_seconds, self._reset)

    def resume_writing(self) -> None:
        """It takes it again."""
        _cancel(self._must_take)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours is in Korean
        """Answers what is not HTTP."""
        self._refuse("REQUEST_MALFORMED")

    def _refuse(self, reason: str) -> None:
        outside = call_context.request_id.set(new_id())  # there is no request yet that could have brought one
        log.warning("connection_refused", reason=reason)
        error = ApiError(reason)
        body = error.body()
        headers = (
            b"content-type: application/json",
            b"content-length: %d" % len(body),
            b"x-request-id: " + call_context.request_id.get().encode(),
            b"connection: close",
        )
        call_context.request_id.reset(outside)
        self.transport.write(STATUS_LINE[error.status] + b"\r\n".join(headers) + b"\r\n\r\n" + body)
        self.transport.close()

    def _must_send_within(self, seconds: float) -> None:
        _cancel(self._must_send)
        self._must_send = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        # Not close(): that would wait for the client to take what was written.
        self.transport.abort()

    def _reset(self) -> None:
        # Without it the system would keep what was written, and offer it to the client, for minutes.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def connection_kind(settings: GatewaySettings) -> type[Connection]:
    """Returns the class of connections that keep to the settings."""
    return type("Connection", (Connection,), {"settings": settings})


def client_of(scope: Any) -> Connection:
    """Returns the connection a request came on."""
    connection: Connection = scope[SCOPE_KEY]
    return connection
