import re
from collections.abc import Mapping
from typing import Any

import pytest

from streamlit_client.server.browser_id import BrowserIdMiddleware


async def cookies_set(headers: Mapping[str, str], keep: str = "no-store") -> list[str]:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        sent = [(b"cache-control", keep.encode())] if keep else []
        await send({"type": "http.response.start", "status": 200, "headers": sent})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    await BrowserIdMiddleware(app)(scope, None, send)
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


async def test_first_visit_gets_an_id_that_no_script_can_read() -> None:
    (cookie,) = await cookies_set({})
    assert re.match(r"browser_id=[0-9a-f-]{36}; ", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("keep", ["public, immutable, max-age=31536000", "no-cache", ""])
async def test_answer_that_a_cache_may_store_carries_no_id(keep: str) -> None:
    assert await cookies_set({}, keep) == []


async def test_known_browser_keeps_its_id() -> None:
    (cookie,) = await cookies_set({})
    assert await cookies_set({"cookie": f"other=1; {cookie.partition(';')[0]}"}) == []


@pytest.mark.parametrize("cookie", ["browser_id=", "browser_id=<script>", "my_browser_id=0", "x=browser_id"])
async def test_cookie_that_is_no_id_is_replaced(cookie: str) -> None:
    assert len(await cookies_set({"cookie": cookie})) == 1
