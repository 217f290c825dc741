"""Gives every browser an anonymous id in an HttpOnly cookie."""

import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import streamlit as st

from streamlit_client import cookies

COOKIE = "browser_id"
_SESSION = "session_id"
_LONGEST_BROWSER = 36
_YEAR_SECONDS = 365 * 24 * 3600
_NOT_STORED = (b"cache-control", b"no-store")
_PRESENT = re.compile(rb"(?:^|;\s*)browser_id=[0-9a-f-]{36}(?:;|$)")

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class BrowserIdMiddleware:
    """Sets the cookie with the first document of a browser without one; `st.context.cookies` has it from then on.

    Only on answers that must not be stored: a shared cache would give many browsers the same id.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Passes the request on; adds the cookie to the answer if it is missing."""
        cookies = b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie")
        if scope["type"] != "http" or _PRESENT.search(cookies):
            await self._app(scope, receive, send)
            return
        cookie = f"{COOKIE}={uuid.uuid4()}; Path=/; Max-Age={_YEAR_SECONDS}; HttpOnly; SameSite=Lax"

        async def send_with_cookie(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and _NOT_STORED in message.get("headers", ()):
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def session_id() -> str:
    """Returns the id of this session; each tab holds its own lease on a dataset."""
    return f"{client_id()[:_LONGEST_BROWSER]}.{st.session_state.setdefault(_SESSION, uuid.uuid4().hex[:8])}"


def client_id() -> str:
    """Returns the id of the current browser; without cookies, one for the session."""
    return cookies.find_id(COOKIE) or str(st.session_state.setdefault(COOKIE, str(uuid.uuid4())))
