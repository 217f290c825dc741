"""The common shape of all answers: `success`, `error` and `timestamp` besides the answer's own fields."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.responses import Response

SEOUL = timezone(timedelta(hours=9), "KST")


def now() -> datetime:
    """Returns the current time in Seoul time, which is written as ISO 8601 with its offset."""
    return datetime.now(SEOUL)


def moment(timestamp: Timestamp) -> str:
    """Returns a timestamp of the contract as ISO 8601, in Seoul time with its offset."""
    return _moment(timestamp.seconds, timestamp.nanos)


@lru_cache(256)  # predictions stored together share their timestamp
def _moment(seconds: int, nanos: int) -> str:
    whole = datetime.fromtimestamp(seconds, SEOUL)  # as a float it would lose precision
    return whole.replace(microsecond=nanos // 1000).isoformat()


def success(fields: Mapping[str, Any]) -> bytes:
    """Returns the JSON body of a successful answer."""
    return orjson.dumps({"success": True, "error": None, "timestamp": now(), **fields})


async def enveloped(
    name: str, chunks: AsyncIterator[bytes], fields: Mapping[str, Any] | None = None
) -> AsyncIterator[bytes]:
    """Yields the body of a successful answer with these fields and one more, whose JSON comes in chunks."""
    yield success(fields or {})[:-1] + b',"%b":' % name.encode()
    async for chunk in chunks:
        yield chunk
    yield b"}"


def answer(fields: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Returns the answer to send."""
    return _JsonResponse(success(fields), status, headers or {})


class _JsonResponse(Response):
    """A response with fixed headers: computing them would take longer than the JSON."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        self.raw_headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
        ]
