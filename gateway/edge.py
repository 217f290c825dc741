"""The outermost layer: what applies to every request.

Request id, allowed hosts and origins, limits on body size, concurrency and time, security headers, one log line, and an
answer in the usual shape for any unhandled exception. Pure ASGI, because it also runs for the hot route.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from starlette.responses import Response

from gateway.access_log import AccessLog
from gateway.admission import Admission
from gateway.connection import HOT_ROUTE, LET_IN_KEY, Connection, client_of
from gateway.docs_page import DOCS_PATH
from gateway.errors import ApiError, refusal_for
from gateway.settings import GatewaySettings
from servicekit import call_context, tracing
from servicekit.body_pace import BodyPace
from servicekit.ids import new_id
from servicekit.loggable_path import loggable
from servicekit.metrics import Timings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
DirectApp = Callable[[Scope, "Exchange"], Awaitable[None]]

_UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_JSON, _MULTIPART = b"application/json", b"multipart/form-data"
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_LIVE_PATH = "/health/live"
_TELL_OF_QUEUE = (200, 504)  # any other answer can be quick while predictions are slow
_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_COMMON_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin"),
    (b"cache-control", b"no-store"),
)
_ALLOWED_HEADERS = b"content-type, idempotency-key, x-request-id, x-client-id, x-anthropic-api-key"
_ANSWER_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
# The documentation page sends calls itself.
_PAGE_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; frame-ancestors 'none'",
)

log = structlog.get_logger()


class Edge:
    """Wraps the application.

    `direct` maps (method, path) to apps that are called without routing, `body_limits` to body sizes above the default;
    `uploads` are the paths that take multipart instead of JSON.
    """

    def __init__(
        self,
        app: App,
        settings: GatewaySettings,
        access_log: AccessLog,
        admission: Admission,
        *,
        direct: Mapping[tuple[str, str], DirectApp],
        body_limits: Mapping[tuple[str, str], int],
        uploads: frozenset[str] = frozenset(),
    ) -> None:
        self._app = app
        self._settings = settings
        self._access_log = access_log
        self.admission = admission
        self._direct = direct
        self._body_limits = body_limits
        self._uploads = uploads
        self.timings = Timings("http_request_seconds", "Requests that ended.", ("method", "route", "status"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; passes lifespan events on to the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        base_path = self._settings.base_path
        if scope["path"].startswith(f"{base_path}/"):  # a proxy may have removed it already
            scope["path"] = scope["path"].removeprefix(base_path)
        headers = dict(scope["headers"])
        call_context.request_id.set(_request_id(headers.get(b"x-request-id", b"")))
        call_context.set_time_left(self._settings.handler_seconds)
        span = tracing.begin_span(headers.get(b"traceparent"))
        body_limit = self._body_limits.get((scope["method"], scope["path"]), self._settings.small_body_bytes)
        client = client_of(scope)
        exchange = Exchange(
            client,
            receive,
            send,
            self._settings,
            body_limit,
            self._too_large(scope),
            self._common_headers(scope, headers),
        )
        is_let_in = scope[LET_IN_KEY] or scope["path"] == _LIVE_PATH
        try:
            if client.is_surplus:
                raise ApiError("SERVICE_BUSY", headers={"Connection": "close"})
            if not is_let_in:
                raise ApiError("SERVICE_BUSY")
            self._check(scope, headers, body_limit)
            await self._answer(scope, headers, exchange)
        except Exception as error:
            refusal = refusal_for(_cause(error))
            if refusal is None:
                log.exception("request_failed", method=scope["method"], path=loggable(scope["path"]))
            elif exchange.status:  # too late to refuse: the answer can only be cut off
                path = loggable(scope["path"])
                log.warning("answer_cut", method=scope["method"], path=path, reason=refusal.reason)
            if not exchange.status:
                await exchange.refuse(refusal or ApiError("INTERNAL"))
        finally:
            self.admission.end()
            ended = time.perf_counter()
            seconds = ended - started
            if exchange.status in _TELL_OF_QUEUE and (scope["method"], scope["path"]) == HOT_ROUTE:
                self.admission.observe(seconds, ended)
            if not scope["path"].startswith("/health"):  # polled every few seconds
                method, route = self._labels(scope)
                self.timings.observe(seconds, (method, route, str(exchange.status)))
                if span is not None:
                    facts: dict[str, str | int] = {"http.route": route, "http.response.status_code": exchange.status}
                    span.end(f"{method} {route}", is_error=exchange.status >= 500, facts=facts)
                self._access_log.write(scope, exchange.status, seconds)

    async def _answer(self, scope: Scope, headers: Mapping[bytes, bytes], exchange: "Exchange") -> None:
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            # A preflight request; the common headers say which origins may call.
            await exchange.send({"type": "http.response.start", "status": 204, "headers": []})
            await exchange.send({"type": "http.response.body", "body": b""})
            return
        direct = self._direct.get((scope["method"], scope["path"]))
        if direct is not None:
            await direct(scope, exchange)
            return
        async with asyncio.timeout(self._settings.handler_seconds) as limit:
            exchange.limit = limit
            await self._app(scope, exchange.receive, exchange.send)

    def _check(self, scope: Scope, headers: Mapping[bytes, bytes], body_limit: int) -> None:
        hosts = self._settings.allowed_hosts
        if "*" not in hosts and _host_name(headers.get(b"host", b"")) not in hosts:
            raise ApiError("HOST_UNKNOWN")
        if scope["method"] in _UNSAFE_METHODS:
            self._check_origin(headers)
            accepted = _MULTIPART if self._is_upload(scope) else _JSON
            content_type = headers.get(b"content-type")
            if content_type is not None and content_type.partition(b";")[0].strip().lower() != accepted:
                raise ApiError("CONTENT_TYPE_UNSUPPORTED")
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > body_limit:
            raise ApiError(self._too_large(scope))

    def _is_upload(self, scope: Scope) -> bool:
        return scope["path"] in self._uploads

    def _too_large(self, scope: Scope) -> str:
        return "FILE_TOO_LARGE" if self._is_upload(scope) else "BODY_TOO_LARGE"

    def _check_origin(self, headers: Mapping[bytes, bytes]) -> None:
        """Refuses cross-site requests: every browser sends the page's origin with them."""
        origin, host = headers.get(b"origin"), headers.get(b"host", b"")
        if origin is not None and origin.partition(b"://")[2] == host:  # /docs tries calls
            is_welcome = _host_name(host) in self._settings.allowed_hosts  # "*" makes no host trusted
        else:
            is_welcome = origin is None or origin.decode("latin-1") in self._settings.allowed_origins
        if not is_welcome:
            raise ApiError("ORIGIN_UNKNOWN")
        if origin is None and headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            raise ApiError("ORIGIN_UNKNOWN")

    def _labels(self, scope: Scope) -> tuple[str, str]:
        # A value that callers can invent must not become a label: the number of labels would be unbounded.
        asked = scope["method"], scope["path"]
        if asked in self._direct:
            return asked
        method = scope["method"] if scope["method"] in _METHODS else "other"
        return method, getattr(scope.get("route"), "path", "other")

    def _common_headers(self, scope: Scope, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        policy = _PAGE_POLICY if scope["path"] == DOCS_PATH else _ANSWER_POLICY
        common = [*_COMMON_HEADERS, policy, (b"x-request-id", call_context.request_id.get().encode())]
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1") in self._settings.allowed_origins:
            common += [
                (b"access-control-allow-origin", origin),
                (b"access-control-allow-headers", _ALLOWED_HEADERS),
                (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
                (b"access-control-expose-headers", b"x-request-id, retry-after, x-total-rows, x-next"),
                (b"vary", b"origin"),
            ]
        return common


class Exchange:
    """One request and its answer: limits the size and pace of the body, adds the common headers to the answer."""

    __slots__ = (
        "_body_pace", "_bytes_left", "_client", "_headers", "_is_body_complete", "_receive", "_send", "_settings",
        "_too_large", "limit", "status",
    )  # fmt: skip

    def __init__(
        self,
        client: Connection,
        receive: Receive,
        send: Send,
        settings: GatewaySettings,
        body_limit: int,
        too_large: str,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._client = client
        self._receive = receive
        self._send = send
        self._settings = settings
        self._bytes_left = body_limit
        self._too_large = too_large
        self._headers = headers
        self._body_pace: BodyPace | None = None
        self._is_body_complete = False
        self.status = 0
        self.limit: asyncio.Timeout | None = None

    async def receive(self) -> Message:
        """Returns the next part of the body."""
        if self._is_body_complete:
            return await self._receive()  # what comes next is the disconnect
        message = await (self._receive() if self._client.is_message_complete else self._receive_in_time())
        if message["type"] == "http.disconnect":
            raise ApiError("CLIENT_GONE")
        self._is_body_complete = not message.get("more_body", False)
        self._bytes_left -= len(message.get("body", b""))
        if self._bytes_left < 0:
            raise ApiError(self._too_large)
        return message

    async def _receive_in_time(self) -> Message:
        loop_time = asyncio.get_running_loop().time
        settings = self._settings
        pace = self._body_pace = self._body_pace or BodyPace(
            settings.stall_seconds, settings.body_seconds, settings.least_bytes_per_second
        )
        self._set_limit(None)
        try:
            message = await pace.receive(self._receive)
        except TimeoutError:
            raise ApiError("BODY_TOO_SLOW") from None
        # The time limit of the answer starts once there is something to answer.
        self._set_limit(loop_time() + self._settings.handler_seconds)
        call_context.set_time_left(self._settings.handler_seconds)
        return message

    async def send(self, message: Message) -> None:
        """Sends a part of the answer."""
        if message["type"] == "http.response.start":
            self._set_limit(None)  # a stream started in time; its own calls bound the rest
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        elif self._client.has_gone and message.get("more_body"):
            raise ApiError("CLIENT_GONE")  # uvicorn would not notice while another request is pipelined behind this one
        await self._send(message)

    async def answer(self, scope: Scope, response: Response) -> None:
        """Sends a whole answer."""
        self.status = response.status_code
        headers = [*response.raw_headers, *self._headers]
        if self._client.write_whole(scope, response.status_code, headers, bytes(response.body)):
            return
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await self._send({"type": "http.response.body", "body": response.body})

    async def refuse(self, error: ApiError) -> None:
        """Answers with the error. No part of an answer may have been sent."""
        self.limit = None  # it has ended, possibly with this error
        body = error.body()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        await self.send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _set_limit(self, when: float | None) -> None:
        if self.limit is not None and not self.status:
            self.limit.reschedule(when)


def _cause(error: Exception) -> Exception:
    # Once an answer has begun, the framework wraps the exception that it can no longer handle.
    return error.__cause__ if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception) else error


def _request_id(given: bytes) -> str:
    return given.decode() if given and _SANE_REQUEST_ID.fullmatch(given) else new_id()


@lru_cache(64)
def _host_name(host: bytes) -> str:
    text = host.decode("latin-1").lower()
    return text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
