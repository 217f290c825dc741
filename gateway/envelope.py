"""The one shape of all answers: `success`, `error` and `timestamp` beside the answer's own fields."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.responses import Response

SEOUL = timezone(timedelta(hours=9), "KST")


def now() -> str:
    """Returns the moment as ISO 8601, Seoul time with its offset."""
    return datetime.now(SEOUL).isoformat()


def moment(timestamp: Timestamp) -> str:
    """Returns a moment of the contract as ISO 8601, Seoul time with its offset."""
    whole = datetime.fromtimestamp(timestamp.seconds, SEOUL)  # a float has not the room for the nanoseconds as well
    return whole.replace(microsecond=timestamp.nanos // 1000).isoformat()


def success(fields: Mapping[str, Any]) -> bytes:
    """Returns the JSON of an answer."""
    return orjson.dumps({"success": True, "error": None, "timestamp": now(), **fields})


def answer(fields: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Returns the answer to send."""
    return Response(success(fields), status, dict(headers or {}), "application/json")
