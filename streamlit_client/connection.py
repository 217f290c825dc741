"""One connection of a browser to the page, within limits and refused in words."""

import resource

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from servicekit.http_connection import BoundedConnection
from streamlit_client import texts
from streamlit_client.settings import PageSettings

_HEADER_BYTES = 32 * 1024
_STALL_SECONDS = 15.0
# An open page has one for good, and a few more while it begins. The system must have more: the page opens files, too.
_MOST_CONNECTIONS, _KEPT_DESCRIPTORS = 2_000, 200
# What browsers tell of widgets takes some kilobytes. Streamlit has one limit for both directions, and charts need it.
_MESSAGE_BYTES = 1024 * 1024
_TOO_MANY = "TOO_MANY"
_REFUSALS = {
    "HEADERS_TOO_LARGE": (431, texts.HEADERS_TOO_LARGE),
    "REQUEST_MALFORMED": (400, texts.REQUEST_MALFORMED),
    _TOO_MANY: (503, texts.TOO_MANY_CONNECTIONS),
}


class Connection(BoundedConnection):
    """A connection that is told what is wrong in plain Korean."""

    def on_headers_complete(self) -> None:
        """Refuses what is too many before the system has no descriptor left, which nobody would be told of."""
        if self.is_surplus:
            self._refuse_and_stop(_TOO_MANY)
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Bounds what comes in one message: it stands whole in the page."""
        self.config.ws_max_size = _MESSAGE_BYTES
        super().handle_websocket_upgrade()

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
        "most_connections": min(_MOST_CONNECTIONS, descriptors - _KEPT_DESCRIPTORS),
    }
    return type("Connection", (Connection,), limits)
