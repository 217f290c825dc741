"""One connection of a client, refused in the shape of all refusals."""

from collections.abc import Iterable
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.errors import ApiError
from gateway.settings import GatewaySettings
from servicekit import call_context
from servicekit.descriptors import raise_descriptor_limit
from servicekit.http_connection import BoundedConnection
from servicekit.ids import new_id

SCOPE_KEY = "gateway.connection"
"""Where an ASGI scope has its `Connection`."""

_SPARE_DESCRIPTORS = 300  # for the services, the logs, and refusals

log = structlog.get_logger()


class Connection(BoundedConnection):
    """A connection that its requests know.

    `is_message_complete` says that all of the latest request is here, its body included.
    """

    def on_message_begin(self) -> None:
        """A request has begun."""
        super().on_message_begin()
        self.scope[SCOPE_KEY] = self  # type: ignore[literal-required]

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

    def refuse(self, reason: str) -> None:
        """Answers what never became a request."""
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


def connection_kind(settings: GatewaySettings) -> type[Connection]:
    """Returns the class of connections that keep to the settings."""
    most_connections = min(settings.connections, raise_descriptor_limit() - _SPARE_DESCRIPTORS)
    limits = {name: getattr(settings, name) for name in ("header_seconds", "header_bytes", "stall_seconds")}
    return type("Connection", (Connection,), limits | {"most_connections": most_connections})


def client_of(scope: Any) -> Connection:
    """Returns the connection a request came on."""
    connection: Connection = scope[SCOPE_KEY]
    return connection
