"""What holds for every request to the page, whatever answers it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from streamlit_client import texts

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Streamlit's own way for files keeps each of them whole. No element of the page uses it.
_CLOSED = "/_stcore/upload_file"


class EdgeMiddleware:
    """Refuses foreign hosts, and what a foreign page makes a browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = None
        if len(headers.getlist("host")) != 1 or not is_host_allowed(headers["host"]):
            refusal = PlainTextResponse(texts.HOST_UNKNOWN, 400)
        elif scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and not _is_same_origin(headers):
            refusal = PlainTextResponse(texts.ORIGIN_UNKNOWN, 403)
        elif scope["path"].startswith(_CLOSED):
            refusal = PlainTextResponse(texts.NOT_HERE, 404)
        await (refusal or self._app)(scope, receive, send)


def _is_same_origin(headers: Headers) -> bool:
    origin = headers.get("origin", "")
    return urlsplit(origin).netloc == headers["host"] and headers.get("sec-fetch-site", "same-origin") == "same-origin"
