"""How slowly the body of a request may come."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class BodyPace:
    """The one clock of a body: ends a silence, and what in all comes more slowly than it must.

    Only waiting for the client counts, not what becomes of its bytes.
    """

    def __init__(self, stall_seconds: float, body_seconds: float, least_bytes_per_second: int) -> None:
        self._stall_seconds = stall_seconds
        self._body_seconds = self._seconds_left = body_seconds
        self._least_bytes_per_second = least_bytes_per_second

    @property
    def longest_wait_seconds(self) -> float:
        """How long the next bytes may take."""
        return min(self._stall_seconds, self._seconds_left)

    def count(self, size_bytes: int, waited_seconds: float) -> None:
        """Takes note of bytes that came. Their time is given back, but no more than was there at the beginning."""
        earned = size_bytes / self._least_bytes_per_second
        self._seconds_left = min(self._body_seconds, self._seconds_left - waited_seconds + earned)

    async def receive(self, receive: Callable[[], Awaitable[Message]]) -> Message:
        """Returns the next part of the body. Raises `TimeoutError`."""
        loop_time = asyncio.get_running_loop().time
        asked_at = loop_time()
        async with asyncio.timeout(self.longest_wait_seconds):
            message = await receive()
        self.count(len(message.get("body", b"")), loop_time() - asked_at)
        return message
