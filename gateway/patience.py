"""Ends connections that take too long to send the headers of a request; uvicorn would wait for ever."""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol with a limit for headers. It costs nothing while they come in one piece."""

    header_seconds: ClassVar[float] = 10.0
    _impatience: asyncio.TimerHandle | None = None
    _awaits_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """Starts to wait again when a further request comes in pieces."""
        super().data_received(data)
        if self._awaits_headers and self._impatience is None:
            self._wait_for_headers()

    def on_message_begin(self) -> None:
        """A request has begun."""
        super().on_message_begin()
        self._awaits_headers = True

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._awaits_headers = False
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_headers(self) -> None:
        self._impatience = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None

    def _give_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
