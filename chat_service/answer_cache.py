"""Caches answers for an hour, so that the same question on the same data is paid for once.

The first question of a conversation stands alone, and may be answered from any conversation. A later one may refer to
what was said before, and is answered only from its own conversation. A cache key is a hash, from which no question can
be read and in which no Anthropic key takes part.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import orjson
import redis.asyncio
import structlog
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockError

from chat_service.answers import NumberCheck, ToolCall
from chat_service.tool_call_json import from_json, to_json
from servicekit.text_gate import clean

DATABASE = 1
_LOCK_SECONDS = 5.0
_PATIENT_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
AWAY = (redis.RedisError, OSError, TimeoutError)
_LARGEST_BYTES = 1_000_000
_FINAL_MARKS = " .?!。？！…~"

log = structlog.get_logger()
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A cached answer and the tool calls it is based on."""

    content: str
    tool_calls: tuple[ToolCall, ...]
    model: str
    number_check: NumberCheck | None = None


def normalised(question: str) -> str:
    """Returns the question in the form that is compared: NFC, single spaces, no final punctuation."""
    return " ".join(clean(question).split()).rstrip(_FINAL_MARKS)


def cache_key(
    question: str, *, content_hash: str, description: str, model: str, version: str, context: str = ""
) -> str:
    """Returns the cache key. `description` is that of the dataset, `version` that of the prompt.

    `context` is empty for any conversation.
    """
    parts = [content_hash, description, model, version, context, normalised(question)]
    return f"answer:{hashlib.sha256(orjson.dumps(parts)).hexdigest()}"


class AnswerCache:
    """Caches answers in Redis. Whatever state Redis is in, no caller waits longer than `wait_seconds`."""

    def __init__(self, redis_url: str, keep_seconds: int, *, wait_seconds: float) -> None:
        self._keep_seconds = keep_seconds
        self._wait_seconds = wait_seconds
        self._waiting: asyncio.Task[None] | None = None
        self.hits = self.misses = 0
        self._client = redis.asyncio.Redis.from_url(
            f"{redis_url}/{DATABASE}",
            socket_timeout=wait_seconds,
            socket_connect_timeout=wait_seconds,
            retry=Retry(NoBackoff(), 0),
        )

    async def close(self) -> None:
        """Closes the connections."""
        if self._waiting is not None:
            self._waiting.cancel()
        await self._client.aclose()

    async def ping(self) -> None:
        """Returns if Redis answers, raises if it does not."""
        await self._client.ping()

    async def find(self, keys: Sequence[str]) -> CachedAnswer | None:
        """Returns the answer of the first key that has one, or None, also if Redis is down."""
        values = await self.ask(lambda: self._client.mget(keys))
        kept = next((value for value in values or () if value is not None), None)
        answer = None if kept is None else _read(kept)
        self.hits += answer is not None
        self.misses += answer is None
        return answer

    async def peek(self, key: str) -> CachedAnswer | None:
        """Returns the answer of a key without counting it as found or not."""
        value = await self.ask(lambda: self._client.get(key))
        return None if value is None else _read(value)

    def lock(self, key: str) -> "RunLock":
        """Returns the lock of the process that is finding the answer of a key."""
        return RunLock(self, self._client.lock(f"flight:{key}", timeout=_LOCK_SECONDS, thread_local=False))

    async def keep(self, keys: Sequence[str], answer: CachedAnswer) -> None:
        """Caches an answer under all the keys, unless Redis is down."""
        value = orjson.dumps(
            {
                "content": answer.content,
                "tool_calls": to_json(answer.tool_calls),
                "model": answer.model,
                "number_check": answer.number_check,
            }
        )
        if len(value) > _LARGEST_BYTES:
            return
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.set(key, value, ex=self._keep_seconds)
        await self.ask(pipeline.execute)

    async def copy(self, source: str, target: str) -> None:
        """Copies an answer to another key for the rest of its hour."""
        if source != target:
            await self.ask(lambda: self._client.copy(source, target))

    async def ask(self, ask: Callable[[], Awaitable[Found]]) -> Found | None:
        """Returns the result of a Redis command; None if it fails, or while Redis is known to be down."""
        if self._waiting is not None:
            return None
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await ask()
        except AWAY as error:
            log.warning("answer_cache_away", error=type(error).__name__)
            self._waiting = self._waiting or asyncio.create_task(self._wait_until_back())
            return None

    async def _wait_until_back(self) -> None:
        """Polls in the background, so that only one question ever waits for a Redis that is down."""
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            with suppress(*AWAY):
                async with asyncio.timeout(_PATIENT_SECONDS):  # no caller waits for this
                    await self.ping()
                break
        log.info("answer_cache_back")
        self._waiting = None


class RunLock:
    """A lock that expires some seconds after it was acquired or renewed. While Redis is down anyone has it."""

    def __init__(self, cache: AnswerCache, lock: Lock) -> None:
        self._cache = cache
        self._lock = lock

    async def acquire(self) -> bool:
        """Tells whether the lock is ours now; does not wait."""
        return await self._cache.ask(lambda: self._lock.acquire(blocking=False)) is not False

    async def renew(self) -> None:
        """Prolongs the lock."""
        await self._cache.ask(lambda: _despite_loss(self._lock.reacquire))

    async def release(self) -> None:
        """Lets another process have the lock."""
        await self._cache.ask(lambda: _despite_loss(self._lock.release))


async def _despite_loss(change: Callable[[], Awaitable[object]]) -> None:
    with suppress(LockError):  # it has expired, or was never set, while Redis was down
        await change()


def _read(value: bytes | str) -> CachedAnswer | None:
    try:
        document = orjson.loads(value)
        check = NumberCheck.read(document["number_check"])
        return CachedAnswer(document["content"], from_json(document["tool_calls"]), document["model"], check)
    except (ValueError, LookupError, TypeError):
        log.warning("answer_cache_unreadable")
        return None
