"""Files that sessions read here. What all of them hold together is bounded."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Lock
from weakref import WeakSet

MOST_BYTES = 200 * 1024 * 1024
"""Of all files; a session keeps of each at most three times its size."""
_WAITING_SECONDS = 60.0


class RoomFull(Exception):
    """The files of other sessions leave no room."""


class Claim:
    """Room for a file, given back when nothing refers to the claim any more."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True)
class HeldFile:
    """The bytes of a file. Whoever keeps anything made from them keeps the claim too."""

    content: bytearray
    claim: Claim


class HeldFiles:
    """Files between their arrival and the session that takes them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._claims: WeakSet[Claim] = WeakSet()
        self._lock = Lock()
        self._waiting: dict[str, HeldFile] = {}

    async def receive(self, size_bytes: int, parts: AsyncIterator[bytes]) -> str:
        """Takes in a file of that size and returns the id it waits under for a minute. Raises `RoomFull`."""
        file = HeldFile(bytearray(), self._claim(size_bytes))
        async for part in parts:
            file.content.extend(part)
        file_id = uuid.uuid4().hex
        self._waiting[file_id] = file
        asyncio.get_running_loop().call_later(_WAITING_SECONDS, self._waiting.pop, file_id, None)
        return file_id

    def take(self, file_id: str) -> HeldFile | None:
        """Hands a file out, once."""
        return self._waiting.pop(file_id, None)

    def _claim(self, size_bytes: int) -> Claim:
        with self._lock:
            if sum(claim.size_bytes for claim in self._claims) + size_bytes > self._most_bytes:
                raise RoomFull
            claim = Claim(size_bytes)
            self._claims.add(claim)
        return claim


held_files = HeldFiles()
