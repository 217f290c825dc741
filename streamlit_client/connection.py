"""One connection of a browser to the page, within limits and refused in words."""

import resource
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from servicekit.http_connection import BoundedConnection
from streamlit_client import texts
from streamlit_client.settings import PageSettings

_HEADER_BYTES = 32 * 1024
_STALL_SECONDS = 15.0
# What the page itself opens: its files, and its connections to the gateway.
_KEPT_DESCRIPTORS = 200
_TOO_MANY = "TOO_MANY"
_REFUSALS = {
    "HEADERS_TOO_LARGE": (431, texts.HEADERS_TOO_LARGE),
    "REQUEST_MALFORMED": (400, texts.REQUEST_MALFORMED),
    _TOO_MANY: (503, texts.TOO_MANY_CONNECTIONS),
}


class Connection(BoundedConnection):
    """Bounds also how many connections there are."""

    most_connections: ClassVar[int]

    def on_headers_complete(self) -> None:
        """Refuses before the system has no descriptor left, which nobody would be told of."""
        if len(self.connections) > self.most_connections:
            self._refuse_and_stop(_TOO_MANY)
        super().on_headers_complete()

    def refuse(self, reason: str) -> None:
        """Answers what never became a request."""
        status, sentence = _REFUSALS[reason]
        body = sentence.encode()
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def connection_kind(settings: PageSettings) -> type[Connection]:
    """Returns the class of connections that keep to the settings and to what the system allows."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = {
        "header_seconds": settings.header_seconds,
        "header_bytes": _HEADER_BYTES,
        "stall_seconds": _STALL_SECONDS,
        "most_connections": descriptors - _KEPT_DESCRIPTORS,
    }
    return type("Connection", (Connection,), limits)
