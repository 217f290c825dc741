"""Merges concurrent equal questions into one run: the first leads, the others wait for its answer. Per process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from chat_service.answer_cache import CachedAnswer

Leader = asyncio.Future[CachedAnswer | None]


class Flights:
    """The runs in progress, by the cache key of their answer."""

    def __init__(self) -> None:
        self._leaders: dict[str, Leader] = {}

    async def follow(self, key: str) -> CachedAnswer | None:
        """Waits for a run in progress and returns its answer; None if the caller must lead a run itself.

        If a leader fails or is stopped, one waiter becomes the leader; the rest keep waiting.
        """
        while (leader := self._leaders.get(key)) is not None:
            answer = await asyncio.shield(leader)
            if answer is not None:
                return answer
        return None

    @contextmanager
    def lead(self, key: str) -> Iterator[Leader]:
        """Lets others follow inside the block; they get the result that is set, or None."""
        leader: Leader = asyncio.get_running_loop().create_future()
        self._leaders[key] = leader
        try:
            yield leader
        finally:
            del self._leaders[key]
            if not leader.done():
                leader.set_result(None)
