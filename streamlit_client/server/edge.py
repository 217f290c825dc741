"""What applies to every request to the page."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from servicekit.body_pace import BodyPace
from streamlit_client import texts
from streamlit_client.server import map_pages

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Streamlit's own upload holds whole files in memory. The page does not use it.
_CLOSED = "/_stcore/upload_file"
# The same as at the gateway, which refuses slower bodies.
_STALL_SECONDS, _BODY_SECONDS, _LEAST_BYTES_PER_SECOND = 15.0, 60.0, 10_000
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin"),  # addresses contain tokens of links
)


class EdgeMiddleware:
    """Refuses foreign hosts and cross-site requests, and prevents framing of the page.

    A body that stalls or is too slow counts as a disconnect.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["path"] == self._base_path:
            await RedirectResponse(f"{self._base_path}/")(scope, receive, send)
            return
        if scope["path"].startswith(f"{self._base_path}/"):  # a proxy may have removed it already
            scope["path"] = scope["path"].removeprefix(self._base_path)
        framing = _framing(scope["path"])

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS, *framing]
            await send(message)

        pace = BodyPace(_STALL_SECONDS, _BODY_SECONDS, _LEAST_BYTES_PER_SECOND)

        async def receive_in_time() -> Message:
            try:
                return await pace.receive(receive)
            except TimeoutError:
                return {"type": "http.disconnect"}

        is_safe = scope["type"] == "websocket" or scope["method"] in _SAFE_METHODS
        app = _refusal(scope, is_safe=is_safe) or self._app
        await app(scope, receive if is_safe else receive_in_time, send_guarded)


def _refusal(scope: Scope, *, is_safe: bool) -> ASGIApp | None:
    headers = Headers(scope=scope)
    if not is_host_allowed(headers.get("host")):
        return PlainTextResponse(texts.HOST_UNKNOWN, 400)
    if not is_safe and not _is_same_origin(headers):
        return PlainTextResponse(texts.ORIGIN_UNKNOWN, 403)
    if scope["path"].startswith(_CLOSED):
        return PlainTextResponse(texts.NOT_HERE, 404)
    return None


def _is_same_origin(headers: Headers) -> bool:
    origin = headers.get("origin", "")
    return urlsplit(origin).netloc == headers["host"] and headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _framing(path: str) -> tuple[tuple[bytes, bytes], ...]:
    """Returns the headers for framing: only the page may frame its maps, and nothing else can be framed."""
    ancestors, older = ("'self'", b"SAMEORIGIN") if path.startswith(f"{map_pages.PATH}/") else ("'none'", b"DENY")
    return (b"content-security-policy", f"frame-ancestors {ancestors}".encode()), (b"x-frame-options", older)
