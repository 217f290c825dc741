"""Limits how slowly the body of a request may arrive."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class BodyPace:
    """Times out a body that stalls, or that arrives below the least rate overall.

    Only the time spent waiting for the client counts, not the processing of its bytes.
    """

    def __init__(self, stall_seconds: float, body_seconds: float, least_bytes_per_second: int) -> None:
        self._stall_seconds = stall_seconds
        self._body_seconds = self._seconds_left = body_seconds
        self._least_bytes_per_second = least_bytes_per_second

    @property
    def longest_wait_seconds(self) -> float:
        """How long to wait for the next bytes."""
        return min(self._stall_seconds, self._seconds_left)

    def count(self, size_bytes: int, waited_seconds: float) -> None:
        """Records received bytes. They earn time back, up to the initial budget."""
        earned = size_bytes / self._least_bytes_per_second
        self._seconds_left = min(self._body_seconds, self._seconds_left - waited_seconds + earned)

    async def receive(self, receive: Callable[[], Awaitable[Message]]) -> Message:
        """Returns the next part of the body. Raises `TimeoutError` when it is too slow."""
        loop_time = asyncio.get_running_loop().time
        asked_at = loop_time()
        async with asyncio.timeout(self.longest_wait_seconds):
            message = await receive()
        self.count(len(message.get("body", b"")), loop_time() - asked_at)
        return message
