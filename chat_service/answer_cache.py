"""Answers kept for an hour, so that the same question on the same data is paid for once.

A question that stands alone, the first of its conversation, finds an answer from any conversation. A later one may
mean what was said before it, so that it finds only what its own conversation has answered. A key holds hashes alone:
no question can be read from it, and no Anthropic key has any part in it.
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
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chat_service.answers import ToolCall
from chat_service.text import clean
from chat_service.tool_call_json import from_json, to_json

DATABASE = 1
_PATIENT_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
_AWAY = (redis.RedisError, OSError, TimeoutError)
_LARGEST_BYTES = 1_000_000
_FINAL_MARKS = " .?!。？！…~"

log = structlog.get_logger()
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer as it is kept: what was said and what it rests on."""

    content: str
    tool_calls: tuple[ToolCall, ...]
    model: str


def normalised(question: str) -> str:
    """Returns the question as it is compared: NFC, single spaces, without marks at its end."""
    return " ".join(clean(question).split()).rstrip(_FINAL_MARKS)


def cache_key(question: str, *, content_hash: str, model: str, version: str, context: str = "") -> str:
    """Returns the key of an answer: on what data, by which model, told what; in one conversation or in any."""
    parts = [content_hash, model, version, context, normalised(question)]
    return f"answer:{hashlib.sha256(orjson.dumps(parts)).hexdigest()}"


class AnswerCache:
    """Keeps answers in Redis. Whatever Redis has, nobody waits for it longer than `wait_seconds`."""

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
        """Returns when Redis answers; raises when it does not."""
        await self._client.ping()

    async def find(self, keys: Sequence[str]) -> CachedAnswer | None:
        """Returns the answer under the first of the keys that has one; None also when Redis is away."""
        values = await self._ask(lambda: self._client.mget(keys))
        kept = next((value for value in values or () if value is not None), None)
        answer = None if kept is None else _read(kept)
        self.hits += answer is not None
        self.misses += answer is None
        return answer

    async def keep(self, keys: Sequence[str], answer: CachedAnswer) -> None:
        """Keeps an answer under all the keys, as far as Redis is there."""
        document = {"content": answer.content, "tool_calls": to_json(answer.tool_calls), "model": answer.model}
        value = orjson.dumps(document)
        if len(value) > _LARGEST_BYTES:
            return
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.set(key, value, ex=self._keep_seconds)
        await self._ask(pipeline.execute)

    async def copy(self, source: str, target: str) -> None:
        """Lets an answer be found under another key too, for what is left of its hour."""
        if source != target:
            await self._ask(lambda: self._client.copy(source, target))

    async def _ask(self, ask: Callable[[], Awaitable[Found]]) -> Found | None:
        """Returns what Redis says; None when it does not, or has lately not done so."""
        if self._waiting is not None:
            return None
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await ask()
        except _AWAY as error:
            log.warning("answer_cache_away", error=type(error).__name__)
            self._waiting = self._waiting or asyncio.create_task(self._wait_until_back())
            return None

    async def _wait_until_back(self) -> None:
        """Asks now and then in the background, so that only one question ever waits for a Redis that is away."""
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            with suppress(*_AWAY):
                async with asyncio.timeout(_PATIENT_SECONDS):  # nobody waits for this one
                    await self.ping()
                break
        log.info("answer_cache_back")
        self._waiting = None


def _read(value: bytes | str) -> CachedAnswer | None:
    try:
        document = orjson.loads(value)
        return CachedAnswer(document["content"], from_json(document["tool_calls"]), document["model"])
    except (ValueError, LookupError, TypeError):
        log.warning("answer_cache_unreadable")
        return None
