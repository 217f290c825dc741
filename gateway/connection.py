"""One connection of a client, with refusals in the common shape."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.admission import Admission
from gateway.errors import ApiError
from gateway.settings import GatewaySettings
from servicekit import call_context
from servicekit.descriptors import raise_descriptor_limit
from servicekit.http_connection import BoundedConnection
from servicekit.ids import new_id

SCOPE_KEY = "gateway.connection"
"""Key of the `Connection` in an ASGI scope."""
LET_IN_KEY = "gateway.let_in"
"""Key of the flag whether the request was admitted."""

_SPARE_DESCRIPTORS = 300  # for the services, the logs, and refusals

HOT_ROUTE = ("POST", "/api/predict/eclo")
_HOT_START = b"%b %b HTTP/1.1\r\n" % tuple(part.encode() for part in HOT_ROUTE)
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9})\r\n", re.IGNORECASE)
# Requests with headers that affect the connection are left to the parser.
_CONNECTION_MATTERS = re.compile(rb"\r\n(?:connection:[^\r]*close|transfer-encoding:)", re.IGNORECASE)
_ANSWER_SECONDS = 1.0
_TICK_SECONDS, _SHARE_OF_TIME = 0.01, 0.1  # refusing more took time from answers
_OLDEST_EVERY = 4

log = structlog.get_logger()


class Connection(BoundedConnection):
    """A connection that its requests can access.

    `is_message_complete` means that the latest request was received completely, including its body.
    """

    admission: ClassVar[Admission]
    refusals: ClassVar["Refusals"]
    is_to_be_refused = False

    def data_received(self, data: bytes) -> None:
        """Parses bytes. While too many requests are in progress, requests are refused without parsing them if possible.

        Under heavy overload, parsing requests only to refuse them would leave no time for answers.
        """
        is_between = self.cycle is None or (self.is_message_complete and self.cycle.response_complete)
        if self.is_to_be_refused:  # a pipelining client
            self.refuse_unread()
        is_to_stay = is_between and not self._unclaimed_bytes and not self.is_surplus
        if is_to_stay and self.admission.is_full and _is_whole_hot_request(data):
            self.is_to_be_refused = True
            self.expect_nothing()
            self.refusals.add(self)
        else:
            super().data_received(data)

    def refuse_unread(self) -> None:
        """Sends a refusal for a request that was not parsed."""
        self.is_to_be_refused = False
        if not self.transport.is_closing():
            self.transport.write(self.refusals.answer())
            self.expect_next_request()

    def shutdown(self) -> None:
        """Closes the connection once its latest request is answered."""
        if self.is_to_be_refused:
            self.refuse_unread()
        super().shutdown()

    def on_message_begin(self) -> None:
        """Puts the connection into the scope of the new request."""
        super().on_message_begin()
        self.scope[SCOPE_KEY] = self  # type: ignore[literal-required]

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        # Counted here, because many requests can be read before the first of their tasks runs.
        cycle.scope[LET_IN_KEY] = self.admission.begin()
        super()._start_asgi_task(cycle, app)

    def write_whole(self, scope: Any, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Writes an answer in one piece. Returns False if that is not possible and uvicorn has to send it.

        The headers must be complete, including the content length: uvicorn would check each, which takes a fifth of the
        hot route's time.
        """
        cycle = self.cycle
        is_latest = cycle.scope is scope  # else a pipelining client has further requests behind this one
        if not is_latest or not cycle.keep_alive or cycle.disconnected or self.flow.write_paused:
            return False
        head = b"\r\n".join([b": ".join(header) for header in (*cycle.default_headers, *headers)])
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"%b%b\r\n\r\n%b" % (STATUS_LINE[status], head, body))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def refuse(self, reason: str) -> None:
        """Answers a connection whose request was not parsed."""
        outside = call_context.request_id.set(new_id())  # there is no request that could have sent one
        log.warning("connection_refused", reason=reason)
        self.transport.write(_refusal(reason, b"connection: close"))
        call_context.request_id.reset(outside)
        self.transport.close()


class Refusals:
    """Refuses unparsed requests, within a share of the time, however quickly the clients retry.

    Most go to the newest request, so that they are fast. Every fourth goes to the oldest, which would otherwise wait
    for the load to end.
    """

    def __init__(self, admission: Admission, clock: Callable[[], float] = time.perf_counter) -> None:
        self._admission = admission
        self._clock = clock
        self._waiting: deque[Connection] = deque()
        self._tick_began = 0.0
        self._made_at = float("-inf")
        self._answer = b""

    def add(self, connection: Connection) -> None:
        """Queues a refusal for the latest request of a connection."""
        if not self._waiting:
            self._begin_tick(connection.loop)
        self._waiting.append(connection)

    def answer(self) -> bytes:
        """Returns the refusal shared by all of a second, with one request id and one log line."""
        if time.monotonic() > self._made_at + _ANSWER_SECONDS:
            outside = call_context.request_id.set(new_id())
            log.warning("requests_refused", let_in=int(self._admission.limit), waiting=len(self._waiting))
            self._answer, self._made_at = _refusal("SERVICE_BUSY"), time.monotonic()
            call_context.request_id.reset(outside)
        return self._answer

    def _begin_tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._tick_began = self._clock()
        loop.call_later(_TICK_SECONDS, self._refuse_some, loop)

    def _refuse_some(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self._clock()
        enough = now + _SHARE_OF_TIME * (now - self._tick_began)
        for turn in range(len(self._waiting)):
            if self._clock() > enough:
                break
            connection = self._waiting.pop() if turn % _OLDEST_EVERY else self._waiting.popleft()
            if connection.is_to_be_refused:
                connection.refuse_unread()
        if self._waiting:
            self._begin_tick(loop)


def _refusal(reason: str, *more_headers: bytes) -> bytes:
    error = ApiError(reason)
    body = error.body()
    headers = (
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"x-request-id: " + call_context.request_id.get().encode(),
        *(f"{name}: {value}".lower().encode() for name, value in error.headers.items()),
        *more_headers,
    )
    return STATUS_LINE[error.status] + b"\r\n".join(headers) + b"\r\n\r\n" + body


def _is_whole_hot_request(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n") if data.startswith(_HOT_START) else -1
    length = _CONTENT_LENGTH.search(data, 0, end + 2) if end >= 0 else None
    is_whole = length is not None and len(data) == end + 4 + int(length[1])
    return is_whole and not _CONNECTION_MATTERS.search(data, 0, end)


def connection_kind(settings: GatewaySettings, admission: Admission) -> type[Connection]:
    """Returns the class of connections with the limits of the settings."""
    most_connections = min(settings.connections, raise_descriptor_limit() - _SPARE_DESCRIPTORS)
    limits = {name: getattr(settings, name) for name in ("header_seconds", "header_bytes", "stall_seconds")}
    return type(
        "Connection",
        (Connection,),
        limits | {"most_connections": most_connections, "admission": admission, "refusals": Refusals(admission)},
    )


def client_of(scope: Any) -> Connection:
    """Returns the connection a request came on."""
    connection: Connection = scope[SCOPE_KEY]
    return connection
