"""What holds for every request to the page."""

import asyncio
from itertools import count

import pytest
from starlette.types import Message, Receive, Scope, Send

from streamlit_client.server import edge

POST = {
    "type": "http",
    "method": "POST",
    "path": "/upload/file",
    "headers": [(b"host", b"localhost"), (b"origin", b"http://localhost")],
}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", ["/daegu/_stcore/stream", "/_stcore/stream"], ids=["kept", "taken off by a proxy"])
async def test_base_path_is_no_part_of_what_is_asked_for(kind: str, path: str) -> None:
    asked: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        asked.append(scope["path"])

    async def receive() -> Message:
        raise AssertionError

    async def send(_message: Message) -> None:
        raise AssertionError

    await edge.EdgeMiddleware(app, "/daegu")({**POST, "type": kind, "path": path}, receive, send)
    assert asked == ["/_stcore/stream"]


async def test_body_that_drips_counts_as_a_client_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "_BODY_SECONDS", 0.1)
    drops = count()

    async def drip() -> Message:
        await asyncio.sleep(0.01)
        assert next(drops) < 1000, "it is let drip"
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def send(_message: Message) -> None:
        pass

    await edge.EdgeMiddleware(read, "")(dict(POST), drip, send)
    assert next(drops) > 0
