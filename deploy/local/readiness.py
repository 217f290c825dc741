"""Readiness checks: each function returns a question that is repeated until the answer is yes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection, HTTPException
from typing import Any

from servicekit.probe import NotServing

_PROBE_SECONDS = 1.0

Question = Callable[[], Awaitable[bool]]


def passes(probe: Callable[[], None]) -> Question:
    """Asks whether a probe succeeds."""

    def succeeds() -> bool:
        try:
            probe()
        except (NotServing, OSError):
            return False
        return True

    return in_thread(succeeds)


def is_usable(gateway_port: int) -> Question:
    """Asks the gateway whether everything but the disk space is healthy."""

    def all_but_storage() -> bool:
        parts = (read_health(gateway_port) or {}).get("services", {})
        return bool(parts) and all(part["status"] == "healthy" for name, part in parts.items() if name != "storage")

    return in_thread(all_but_storage)


def reacts(probe: Callable[[], None]) -> Question:
    """Asks whether the program answers a probe in time. A refusal is an answer, silence is not."""

    def is_there() -> bool:
        try:
            probe()
        except TimeoutError:
            return False
        except (NotServing, OSError, ValueError):
            return True
        return True

    return in_thread(is_there)


def read_health(gateway_port: int, seconds: float = _PROBE_SECONDS) -> dict[str, Any] | None:
    """Returns what the gateway tells at /health; None without a usable answer."""
    connection = HTTPConnection("127.0.0.1", gateway_port, timeout=seconds)
    try:
        connection.request("GET", "/health")
        health = json.load(connection.getresponse())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return health if isinstance(health, dict) and "services" in health else None


def in_thread(works: Callable[[], bool]) -> Question:
    """Asks in a thread, without blocking the event loop."""
    return lambda: asyncio.to_thread(works)
