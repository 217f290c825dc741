"""The events of running turns in Redis, so that listeners at any process hear them, and go on where they were.

Each attempt to answer has a stream, whose entries are named by the places behind their events. It is bounded, and gone
soon after the turn has ended. How a turn ended is in the database only: the stream ends with an empty entry.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import redis.asyncio
import structlog
from pydantic import TypeAdapter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chat_service.answer_cache import AWAY, DATABASE
from chat_service.answers import Delta, Retrying, Thinking, ToolEnded, ToolStarted
from chat_service.event_log import BEGINNING, EventLog, Place
from chat_service.turn_events import Started, TurnEnd, TurnEvent

_KINDS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Started, Thinking, Delta, ToolStarted, ToolEnded, Retrying)
}
# Texts that come faster travel together.
_PAUSE_SECONDS = 0.1
# Longer than any turn; and for how long a broken connection may be taken up again once it has ended.
_RUN_SECONDS, _ENDED_SECONDS = 240, 60
_LARGEST_BYTES = 2_000_000
_MOST_ENTRIES = 200
_REDIS_SECONDS = 2.0

log = structlog.get_logger()


class TurnStreams:
    """Publishes and follows turns. While Redis is away, or after a gap, only the end is heard, from the database."""

    def __init__(self, redis_url: str) -> None:
        self._publishing: set[asyncio.Task[None]] = set()
        self._client = redis.asyncio.Redis.from_url(
            f"{redis_url}/{DATABASE}",
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),  # repeated after a loss, it would leave a gap
            protocol=2,  # the shape of what is read depends on it
        )

    async def close(self) -> None:
        """Lets the last entries out, then closes the connections."""
        if self._publishing:
            await asyncio.wait(self._publishing, timeout=_REDIS_SECONDS)
        await self._client.aclose()

    def publish(self, question_id: str, turn: EventLog) -> None:
        """Publishes the events of an attempt until it ends, or until Redis or its room does not take them all."""
        task = asyncio.create_task(self._publish(_key(question_id, turn.attempt), turn))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def follow(
        self, question_id: str, after: Place, wait_seconds: float
    ) -> AsyncIterator[tuple[Place, TurnEvent | None]]:
        """Yields what follows a place until nothing has come for so long; None is the end of the attempt."""
        key = _key(question_id, after.attempt)
        while True:
            entries = await self._read(key, after, wait_seconds)
            if not entries:
                return
            for entry_id, fields in entries:
                place, event = _entry(after.attempt, entry_id, fields)
                if isinstance(event, Delta | Thinking) and place.events == after.events:
                    event = type(event)(event.text[len(event.text) - (place.characters - after.characters) :])
                after = place
                yield after, event

    async def _publish(self, key: str, turn: EventLog) -> None:
        size, last = 0, BEGINNING
        try:
            async for place, event in turn.events():
                if isinstance(event, TurnEnd):
                    break
                value = orjson.dumps(event)
                size += len(value)
                if size > _LARGEST_BYTES:
                    log.info("turn_too_long_to_follow", attempt=turn.attempt)
                    return
                if not await self._add(key, place, {type(event).__name__: value}, _RUN_SECONDS):
                    return
                last = place
                if isinstance(event, Delta | Thinking):
                    await asyncio.sleep(_PAUSE_SECONDS)
            await self._add(key, Place(turn.attempt, last.events + 1), {"": b""}, _ENDED_SECONDS)
        except AWAY as error:
            log.warning("turn_not_published", attempt=turn.attempt, error=type(error).__name__)

    async def _add(self, key: str, place: Place, fields: dict[str, bytes], keep_seconds: int) -> bool:
        """Adds an entry. Tells whether it could be: only the first event begins a stream, lest there be a gap."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.xadd(key, fields, id=_entry_id(place), nomkstream=place[1:] != (1, 0))  # type: ignore[arg-type]
        pipeline.expire(key, keep_seconds)
        added, _ = await pipeline.execute()
        return added is not None

    async def _read(self, key: str, after: Place, wait_seconds: float) -> list[tuple[bytes, dict[bytes, bytes]]]:
        block = int(wait_seconds * 1000) or None
        try:
            read: Any = await self._client.xread({key: _entry_id(after)}, count=_MOST_ENTRIES, block=block)
        except AWAY:
            await asyncio.sleep(wait_seconds)
            return []
        return [entry for _, entries in read for entry in entries]


def _key(question_id: str, attempt: str) -> str:
    return f"turn:{question_id}:{attempt}"


def _entry_id(place: Place) -> str:
    return f"{place.events}-{place.characters}"


def _entry(attempt: str, entry_id: bytes, fields: dict[bytes, bytes]) -> tuple[Place, TurnEvent | None]:
    place = Place(attempt, *map(int, entry_id.split(b"-")))
    ((kind, value),) = fields.items()
    return place, _KINDS[kind.decode()].validate_json(value) if kind else None
