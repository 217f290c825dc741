"""The outermost layer: what holds for every request, whatever answers it.

Request id, allowed hosts and origins, bounded bodies, bounded concurrency and time, security headers, one log line, and
an answer in our own shape for whatever escaped. Pure ASGI, because it runs for the hot route too.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import structlog

from gateway.access_log import AccessLog
from gateway.errors import ApiError
from gateway.settings import GatewaySettings
from servicekit import call_context
from servicekit.ids import new_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_BODY_TYPES = (b"application/json", b"multipart/form-data")
_SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
# The documentation is a page: it may load what we serve ourselves, and its own small script.
_PAGE_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; frame-ancestors 'none'",
)

log = structlog.get_logger()


class Edge:
    """Wraps the application. `direct` names apps by (method, path) that are reached without any routing."""

    def __init__(
        self,
        app: App,
        settings: GatewaySettings,
        access_log: AccessLog,
        *,
        direct: Mapping[tuple[str, str], App],
        body_limits: Mapping[tuple[str, str], int],
    ) -> None:
        self._app = app
        self._settings = settings
        self._access_log = access_log
        self._direct = direct
        self._body_limits = body_limits
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; hands the life cycle through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        call_context.request_id.set(_request_id(headers.get(b"x-request-id", b"")))
        answering = _Answering(send, self._common_headers(scope, headers))
        self._under_way += 1
        try:
            self._check(scope, headers)
            await self._answer(scope, self._bounded(scope, headers, receive), answering)
        except ApiError as error:
            await answering.refuse(error)
        except TimeoutError:
            await answering.refuse(ApiError("DEADLINE_PASSED"))
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            await answering.refuse(ApiError("INTERNAL"))
        finally:
            self._under_way -= 1
            if not scope["path"].startswith("/health"):  # asked every few seconds by whoever watches
                self._access_log.write(scope, answering.status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, answering: "_Answering") -> None:
        if scope["method"] == "OPTIONS":  # a browser asks before it lets a page call us; the headers say who may
            await answering.send({"type": "http.response.start", "status": 204, "headers": []})
            await answering.send({"type": "http.response.body", "body": b""})
            return
        direct = self._direct.get((scope["method"], scope["path"]))
        if direct is not None:
            await direct(scope, receive, answering.send)
            return
        call_context.set_time_left(self._settings.handler_seconds)
        async with asyncio.timeout(self._settings.handler_seconds) as limit:
            answering.limit = limit
            await self._app(scope, receive, answering.send)

    def _check(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        if self._under_way > self._settings.concurrent_requests:
            raise ApiError("SERVICE_BUSY")
        hosts = self._settings.allowed_hosts
        if "*" not in hosts and _host_name(headers.get(b"host", b"")) not in hosts:
            raise ApiError("HOST_UNKNOWN")
        if scope["method"] in _SAFE_METHODS:
            return
        # A form or a script of a foreign page cannot send these without the browser asking us first.
        is_ours = headers.get(b"content-type", b"").lower().startswith(_BODY_TYPES) or b"x-requested-with" in headers
        if not is_ours:
            raise ApiError("CONTENT_TYPE_UNSUPPORTED")

    def _bounded(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        limit = self._body_limits.get((scope["method"], scope["path"]), self._settings.small_body_bytes)
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > limit:
            raise ApiError("BODY_TOO_LARGE")
        return _BoundedBody(receive, limit, self._settings)

    def _common_headers(self, scope: Scope, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        common = [*_SECURITY_HEADERS, (b"x-request-id", call_context.request_id.get().encode())]
        if scope["path"].startswith("/docs"):
            common[4] = _PAGE_POLICY
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1") in self._settings.allowed_origins:
            common += [
                (b"access-control-allow-origin", origin),
                (b"access-control-allow-headers", b"content-type, x-requested-with, x-request-id, x-anthropic-api-key"),
                (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
                (b"vary", b"origin"),
            ]
        return common


class _Answering:
    """Sends the answer with the common headers; knows whether it has begun."""

    __slots__ = ("_headers", "_send", "limit", "status")

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0
        self.limit: asyncio.Timeout | None = None

    async def send(self, message: Message) -> None:
        """Passes a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
            if self.limit is not None:
                self.limit.reschedule(None)  # what streams has begun in time; its own calls bound the rest
        await self._send(message)

    async def refuse(self, error: ApiError) -> None:
        """Answers with the error, unless an answer has begun: then there is nothing left but to cut it."""
        if self.status:
            return
        body = error.body()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        await self.send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


class _BoundedBody:
    """Receives a body that may be neither too large nor too slow; the server below has no such limits."""

    __slots__ = ("_deadline", "_is_complete", "_left", "_receive", "_settings")

    def __init__(self, receive: Receive, limit: int, settings: GatewaySettings) -> None:
        self._receive = receive
        self._left = limit
        self._settings = settings
        self._deadline = 0.0
        self._is_complete = False

    async def __call__(self) -> Message:
        if self._is_complete:
            return await self._receive()  # what comes now is the word that the client has gone
        now = asyncio.get_running_loop().time()
        self._deadline = self._deadline or now + self._settings.body_seconds
        try:
            async with asyncio.timeout_at(min(now + self._settings.stall_seconds, self._deadline)):
                message = await self._receive()
        except TimeoutError:
            raise ApiError("BODY_TOO_SLOW") from None
        self._is_complete = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise ApiError("BODY_TOO_LARGE")
        return message


def _request_id(given: bytes) -> str:
    return given.decode() if given and _SANE_REQUEST_ID.fullmatch(given) else new_id()


def _host_name(host: bytes) -> str:
    text = host.decode("latin-1")
    return text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
