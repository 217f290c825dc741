"""The interface of the chat model. anthropic_claude.py implements it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from chat_service.answers import Delta, Spent, Thinking, ToolUse

Block = Mapping[str, Any]
"""One content block of the Messages API."""
Turn = Mapping[str, Any]
"""One message of the Messages API: role and content."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as described to the model."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The constant part of the requests of a run, in the order in which the provider caches it."""

    model: str
    tools: Sequence[ToolDefinition]
    system: str
    dataset: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of one reply. `blocks` are sent back unchanged; `stop_reason` is None if the stream was cut off."""

    stop_reason: str | None
    blocks: Sequence[Block]
    tool_uses: Sequence[ToolUse]

    @property
    def has_text(self) -> bool:
        """Whether it contains any text."""
        return any(block["type"] == "text" and block["text"].strip() for block in self.blocks)


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A model that a key may use."""

    model: str
    name: str


Part = Thinking | Delta | Spent | Reply


class Claude(Protocol):
    """A chat model. Every failure is a `Refused`."""

    def stream(
        self, api_key: SecretStr, prompt: Prompt, messages: Sequence[Turn], *, may_use_tools: bool = True
    ) -> AsyncGenerator[Part, None]:
        """Yields the parts of one reply as they arrive; the last is a `Reply`. Closing it ends the request."""
        ...

    async def models(self, api_key: SecretStr) -> list[AvailableModel]:
        """Returns the models that the key may use, newest first, free of charge."""
        ...

    async def close(self) -> None:
        """Closes its connections."""
        ...


class LateClaude:
    """Loads a model on first use, off the event loop, because its library takes seconds to import.

    `load` is called once. Health checks do not have to wait for it.
    """

    def __init__(self, load: Callable[[], Claude]) -> None:
        self._load = load
        self._loading: asyncio.Task[Claude] | None = None

    async def loaded(self) -> Claude:
        """Returns the model itself."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        return await asyncio.shield(self._loading)

    async def stream(
        self, api_key: SecretStr, prompt: Prompt, messages: Sequence[Turn], *, may_use_tools: bool = True
    ) -> AsyncGenerator[Part, None]:
        """Yields the parts of one reply."""
        claude = await self.loaded()
        async with aclosing(claude.stream(api_key, prompt, messages, may_use_tools=may_use_tools)) as parts:
            async for part in parts:
                yield part

    async def models(self, api_key: SecretStr) -> list[AvailableModel]:
        """Returns the models the key may use."""
        return await (await self.loaded()).models(api_key)

    async def close(self) -> None:
        """Closes the model if it was loaded."""
        if self._loading is not None:
            await (await self._loading).close()
