"""Files read by sessions, with a limit on their total size."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Lock
from weakref import WeakSet

MOST_BYTES = 200 * 1024 * 1024
"""Limit for all files together; a session uses at most three times the size of a file."""
_WAITING_SECONDS = 60.0


class RoomFull(Exception):
    """The files of other sessions use up the limit."""


class Claim:
    """A reservation for a file, released when the claim is garbage-collected."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True)
class HeldFile:
    """The bytes of a file. Code that keeps anything derived from them must keep the claim as well."""

    content: bytearray
    claim: Claim


class HeldFiles:
    """Received files, until a session takes them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._claims: WeakSet[Claim] = WeakSet()
        self._lock = Lock()
        self._waiting: dict[str, HeldFile] = {}

    async def receive(self, size_bytes: int, parts: AsyncIterator[bytes]) -> str:
        """Receives a file of that size and returns its id, which is valid for a minute. Raises `RoomFull`."""
        file = HeldFile(bytearray(), self._claim(size_bytes))
        async for part in parts:
            file.content.extend(part)
        file_id = uuid.uuid4().hex
        self._waiting[file_id] = file
        asyncio.get_running_loop().call_later(_WAITING_SECONDS, self._waiting.pop, file_id, None)
        return file_id

    def take(self, file_id: str) -> HeldFile | None:
        """Returns a file once."""
        return self._waiting.pop(file_id, None)

    def _claim(self, size_bytes: int) -> Claim:
        with self._lock:
            if sum(claim.size_bytes for claim in self._claims) + size_bytes > self._most_bytes:
                raise RoomFull
            claim = Claim(size_bytes)
            self._claims.add(claim)
        return claim


held_files = HeldFiles()
