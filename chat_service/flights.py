"""Equal questions at once cost one run: the first leads, the others wait for what it finds. Within one process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from chat_service.answer_cache import CachedAnswer

Leader = asyncio.Future[CachedAnswer | None]


class Flights:
    """The runs under way by the key of their answer."""

    def __init__(self) -> None:
        self._leaders: dict[str, Leader] = {}

    async def follow(self, key: str) -> CachedAnswer | None:
        """Waits for a run under way and returns its answer; None when the caller has to lead one itself.

        A leader that fails or is stopped has no answer: of those who waited one leads, and the others go on waiting.
        """
        while (leader := self._leaders.get(key)) is not None:
            answer = await asyncio.shield(leader)
            if answer is not None:
                return answer
        return None

    @contextmanager
    def lead(self, key: str) -> Iterator[Leader]:
        """Lets others follow inside the block; they get the result that is set, or none."""
        leader: Leader = asyncio.get_running_loop().create_future()
        self._leaders[key] = leader
        try:
            yield leader
        finally:
            del self._leaders[key]
            if not leader.done():
                leader.set_result(None)
