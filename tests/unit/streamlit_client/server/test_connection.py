import resource
from typing import Any

import pytest

from streamlit_client import texts
from streamlit_client.server import connection
from streamlit_client.settings import PageSettings


class Transport:
    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


def test_connections_are_bounded_below_what_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    assert connection.connection_kind(PageSettings()).most_connections == 824


def test_one_connection_too_many_is_refused_in_words() -> None:
    one_more: Any = connection.Connection.__new__(connection.Connection)
    one_more.is_surplus, one_more.transport = True, Transport()
    with pytest.raises(ValueError, match="TOO_MANY"):
        one_more.on_headers_complete()
    assert one_more.transport.is_closed
    assert one_more.transport.written.startswith(b"HTTP/1.1 503 ")
    assert one_more.transport.written.endswith(texts.TOO_MANY_CONNECTIONS.encode())
