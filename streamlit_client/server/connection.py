"""A browser's connection to the page, with limits and Korean refusals."""

import resource

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from servicekit.http_connection import BoundedConnection
from streamlit_client import texts
from streamlit_client.settings import PageSettings

_HEADER_BYTES = 32 * 1024
_STALL_SECONDS = 15.0
# An open page keeps one connection, and a few more while it loads. The system's limit must be higher, for open files.
_MOST_CONNECTIONS, _KEPT_DESCRIPTORS = 2_000, 200
# Widget states take some kilobytes. Streamlit's own limit applies to both directions, and charts need a large one.
_MESSAGE_BYTES = 1024 * 1024
_TOO_MANY = "TOO_MANY"
_REFUSALS = {
    "HEADERS_TOO_LARGE": (431, texts.HEADERS_TOO_LARGE),
    "REQUEST_MALFORMED": (400, texts.REQUEST_MALFORMED),
    _TOO_MANY: (503, texts.TOO_MANY_CONNECTIONS),
}


class Connection(BoundedConnection):
    """A connection that is refused in plain Korean."""

    def on_headers_complete(self) -> None:
        """Refuses surplus connections before the system runs out of descriptors, which would fail silently."""
        if self.is_surplus:
            self._refuse_and_stop(_TOO_MANY)
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Limits the size of a message, which is held in memory as a whole."""
        self.config.ws_max_size = _MESSAGE_BYTES
        super().handle_websocket_upgrade()

    def refuse(self, reason: str) -> None:
        """Answers a connection whose request was not handled."""
        status, sentence = _REFUSALS[reason]
        body = sentence.encode()
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def connection_kind(settings: PageSettings, base: type[Connection] = Connection) -> type[Connection]:
    """Returns the class of connections with the limits of the settings and of the system."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = {
        "header_seconds": settings.header_seconds,
        "header_bytes": _HEADER_BYTES,
        "stall_seconds": _STALL_SECONDS,
        "most_connections": min(_MOST_CONNECTIONS, descriptors - _KEPT_DESCRIPTORS),
    }
    return type("Connection", (base,), limits)
