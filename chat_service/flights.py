"""Merges concurrent equal questions into one run: the first leads, the others wait for its answer.

Within a process by a future, across processes by a lock in Redis; while that is away each process leads alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from chat_service.answer_cache import AnswerCache, CachedAnswer, RunLock

Leader = asyncio.Future[CachedAnswer | None]
# How often to look for the answer of another process, and to renew the lock.
_LOOK_SECONDS, _RENEW_SECONDS = 0.2, 1.0


class Flights:
    """The runs in progress, by the cache key of their answer."""

    def __init__(self, cache: AnswerCache) -> None:
        self._cache = cache
        self._leaders: dict[str, Leader] = {}

    async def follow(self, key: str) -> CachedAnswer | None:
        """Waits for a run of this process and returns its answer; None if the caller must lead a run itself.

        If a leader fails or is stopped, one waiter becomes the leader; the rest keep waiting.
        """
        while (leader := self._leaders.get(key)) is not None:
            answer = await asyncio.shield(leader)
            if answer is not None:
                return answer
        return None

    @contextmanager
    def lead(self, key: str) -> Iterator[Leader]:
        """Lets others of this process follow inside the block; they get the result that is set, or None."""
        leader: Leader = asyncio.get_running_loop().create_future()
        self._leaders[key] = leader
        try:
            yield leader
        finally:
            del self._leaders[key]
            if not leader.done():
                leader.set_result(None)

    @asynccontextmanager
    async def alone(self, key: str) -> AsyncIterator[CachedAnswer | None]:
        """Waits while another process leads; yields its answer, or None to run inside the block.

        If that process fails, one of the others runs.
        """
        lock = self._cache.lock(key)
        while not await lock.acquire():
            answer = await self._cache.peek(key)
            if answer is not None:
                yield answer
                return
            await asyncio.sleep(_LOOK_SECONDS)
        renewing = asyncio.create_task(_renew(lock))
        try:
            yield await self._cache.peek(key)  # it may have been kept since it was looked for
        finally:
            renewing.cancel()
            await lock.release()


async def _renew(lock: RunLock) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        await lock.renew()
