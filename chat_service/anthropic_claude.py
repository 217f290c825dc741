"""Implements the protocol of claude.py with Anthropic's library, and maps all of its failures to refusals."""

import json
import math
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import anthropic
import httpx2
import orjson
import structlog
from anthropic.types import RawMessageStreamEvent
from pydantic import SecretStr

from chat_service.answers import Delta, Spent, Thinking, TokenUsage, ToolUse
from chat_service.claude import AvailableModel, Part, Prompt, Reply, Turn
from chat_service.errors import KeyInvalid, ProviderTrouble
from chat_service.provider_connection import ProviderConnection
from chat_service.refused_keys import RefusedKeys
from chat_service.settings import ChatSettings
from servicekit.errors import Refused
from servicekit.text_gate import storable

_CACHED = {"cache_control": {"type": "ephemeral"}}
_MOST_MODELS = 100

log = structlog.get_logger()


class AnthropicClaude:
    """The real model. Connections are shared; a key is sent only in the headers of its own requests."""

    def __init__(self, settings: ChatSettings, takes_effort: Callable[[str], bool], refused_keys: RefusedKeys) -> None:
        self._settings = settings
        self._takes_effort = takes_effort
        self._refused_keys = refused_keys
        self._timeout = httpx2.Timeout(
            settings.stall_seconds, connect=settings.connect_seconds, pool=settings.connect_seconds
        )
        self._connection = ProviderConnection(settings, self._timeout)

    async def close(self) -> None:
        """Closes the connections."""
        await self._connection.http.aclose()

    async def stream(
        self, api_key: SecretStr, prompt: Prompt, messages: Sequence[Turn], *, may_use_tools: bool = True
    ) -> AsyncGenerator[Part, None]:
        """Yields the parts of one reply."""
        reply = _ReplyInProgress()
        client, request = self._client(api_key), self._request(prompt, messages)
        if not may_use_tools:  # still listed: earlier uses refer to them
            request["tool_choice"] = {"type": "none"}
        with self._remember_refusal_of(api_key), _failures_as_refusals(self._connection, reply, prompt.model):
            # Not `messages.stream`: it parses tool arguments as they arrive, raises midway if they are invalid JSON,
            # and accepts truncated ones as complete.
            events = await client.messages.create(**request, stream=True)
            async with events:
                async for event in events:
                    for part in reply.take(event):
                        yield part
        if not reply.has_begun:
            raise Refused("PROVIDER_BLOCKED", "What answered does not speak the Messages API.")
        yield reply.finished()

    async def models(self, api_key: SecretStr) -> list[AvailableModel]:
        """Returns the models the key may use."""
        client = self._client(api_key)
        with self._remember_refusal_of(api_key), _failures_as_refusals(self._connection, None, ""):
            page = await client.models.list(limit=_MOST_MODELS)
            return [
                AvailableModel(model.id, model.display_name or model.id)
                for model in page.data
                if getattr(model, "lifecycle", None) != "retired"
            ]

    @contextmanager
    def _remember_refusal_of(self, api_key: SecretStr) -> Iterator[None]:
        """Remembers whether the provider accepted the key."""
        try:
            yield
        except KeyInvalid:
            self._refused_keys.add(api_key)
            raise
        else:
            self._refused_keys.discard(api_key)

    def _client(self, api_key: SecretStr) -> anthropic.AsyncAnthropic:
        # Explicit, because the library reads missing options from the server's environment.
        return anthropic.AsyncAnthropic(
            api_key=api_key.get_secret_value(),
            base_url=self._settings.anthropic_base_url,
            timeout=self._timeout,
            max_retries=0,
            http_client=self._connection.http,
            open_telemetry=False,
        )

    def _request(self, prompt: Prompt, messages: Sequence[Turn]) -> dict[str, Any]:
        """Returns the arguments of the call, the most stable first, so that the provider can cache them."""
        tools = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in prompt.tools
        ]
        request: dict[str, Any] = {
            "model": prompt.model,
            "max_tokens": self._settings.answer_tokens,
            "tools": [*tools[:-1], *({**tool, **_CACHED} for tool in tools[-1:])],
            "system": [{"type": "text", "text": text, **_CACHED} for text in (prompt.system, prompt.dataset)],
            "messages": [*messages[:-1], _with_cache_mark(messages[-1])],
        }
        if self._takes_effort(prompt.model):
            request["thinking"] = {"type": "adaptive", "display": "summarized"}  # shown to users as steps
            request["output_config"] = {"effort": self._settings.effort}
        return request


def _with_cache_mark(turn: Turn) -> Turn:
    if turn["role"] != "user":  # a paused reply is sent back unchanged
        return turn
    *others, last = turn["content"]
    return {**turn, "content": [*others, {**last, **_CACHED}]}


class _ReplyInProgress:
    """Assembles a reply from the events of its stream."""

    def __init__(self) -> None:
        self.has_begun = False
        self._stop_reason: str | None = None
        self._blocks: dict[int, dict[str, Any]] = {}
        self._arguments: dict[int, str] = {}
        self._usage = TokenUsage()

    def take(self, event: RawMessageStreamEvent) -> Iterator[Part]:
        match event.type:
            case "message_start":
                self.has_begun = True
                yield self._spent(event.message.usage)
            case "content_block_start":
                self._blocks[event.index] = event.content_block.to_dict()
                self._arguments[event.index] = ""
            case "content_block_delta":
                yield from self._take_delta(event.index, event.delta)
            case "message_delta":
                self._stop_reason = event.delta.stop_reason
                yield self._spent(event.usage)

    def _take_delta(self, index: int, delta: Any) -> Iterator[Part]:
        block = self._blocks[index]
        match delta.type:
            case "text_delta":
                block["text"] += delta.text
                yield Delta(storable(delta.text))
            case "thinking_delta":
                block["thinking"] += delta.thinking
                yield Thinking(storable(delta.thinking))
            case "signature_delta":
                block["signature"] = delta.signature
            case "input_json_delta":
                self._arguments[index] += delta.partial_json

    def _spent(self, usage: Any) -> Spent:
        """Returns the difference to the last counts, as the provider sends totals."""
        before = self._usage
        self._usage = TokenUsage(
            input=_latest(usage.input_tokens, before.input),
            output=_latest(usage.output_tokens, before.output),
            cached=_latest(usage.cache_read_input_tokens, before.cached),
            cache_written=_latest(usage.cache_creation_input_tokens, before.cache_written),
        )
        return Spent(self._usage - before)

    def finished(self) -> Reply:
        blocks, uses = [], []
        for index, block in sorted(self._blocks.items()):
            if block["type"] == "tool_use":
                arguments = self._arguments[index] or json.dumps(block["input"], ensure_ascii=False)
                uses.append(ToolUse(*map(storable, (block["id"], block["name"], arguments))))
                block["input"] = _object_or_nothing(arguments)
            if block["type"] != "text" or block["text"]:  # the API refuses empty text blocks
                blocks.append(block)
        return Reply(self._stop_reason, blocks, uses)


def _latest(count: int | None, before: int) -> int:
    return before if count is None else count


def _object_or_nothing(text: str) -> dict[str, Any]:
    """Returns the arguments as an object, empty if they are invalid JSON or too deeply nested to be sent back."""
    try:
        value = orjson.loads(text)
        orjson.dumps(value)
    except (ValueError, orjson.JSONEncodeError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def _failures_as_refusals(connection: ProviderConnection, reply: _ReplyInProgress | None, model: str) -> Iterator[None]:
    """Maps exceptions of the library to refusals. They hold the request, and so the key: none may leave here."""
    try:
        yield
    except anthropic.APITimeoutError:
        raise ProviderTrouble("PROVIDER_TIMED_OUT", "The provider did not answer in time.") from None
    except anthropic.APIConnectionError as error:
        raise connection.refusal_for(error) from None
    except anthropic.APIStatusError as error:
        refusal = _refusal_for(error, model)
        log.warning(
            "provider_refused",
            status=error.status_code,
            type=error.type,
            code=error.error_code,
            provider_request_id=error.request_id,
            reason=refusal.reason,
            model=model,
        )
        raise refusal from None
    except httpx2.TimeoutException:
        raise ProviderTrouble("PROVIDER_TIMED_OUT", "The provider fell silent.") from None
    except httpx2.RequestError as error:
        log.warning("provider_connection_lost", error=type(error).__name__)
        if reply is not None and reply.has_begun:
            raise ProviderTrouble("ANSWER_CUT", "The connection to the provider was lost during the answer.") from None
        raise ProviderTrouble(
            "PROVIDER_UNREACHABLE", "The connection to the provider was lost before an answer."
        ) from None
    except (anthropic.AnthropicError, ValueError, LookupError, TypeError, AttributeError) as error:
        # Invalid JSON, or deltas of a block that never began: the server is not a Messages API.
        log.warning("provider_answer_unreadable", error=type(error).__name__)
        if reply is not None and reply.has_begun:
            raise ProviderTrouble("PROVIDER_FAILED", "The answer of the provider cannot be read.") from None
        raise Refused("PROVIDER_BLOCKED", "What answered does not speak the Messages API.") from None


def _refusal_for(error: anthropic.APIStatusError, model: str) -> Refused:
    # An error in the middle of a stream has status 200; its type tells the real one.
    status = error.status_code if error.status_code >= 400 else _STATUS_BY_TYPE.get(error.type or "", 500)
    message = (error.api_message or "").lower()
    if status == 401 or (status == 403 and error.type):  # without a type it comes from a proxy
        return KeyInvalid("KEY_REFUSED", "The provider refuses the key.")
    if status == 402 or (status in (400, 429) and any(words in message for words in _NO_CREDIT)):
        return Refused("CREDIT_EXHAUSTED", "The account has no credit left or has reached its limit.")
    if status == 404:
        return Refused("MODEL_NOT_FOUND", "The provider has no such model for this key.", model=model)
    if status == 413 or (status == 400 and any(words in message for words in _TOO_LONG)):
        return Refused("CONTEXT_TOO_LONG", "The request is longer than the model can read.")
    seconds = str(_retry_after(error.response.headers.get("retry-after")))
    trouble = partial(ProviderTrouble, retry_after_seconds=seconds)
    if status == 429:
        return trouble("PROVIDER_RATE_LIMITED", "The account asks too much at once.")
    if status == 529 or error.type == "overloaded_error":
        return trouble("PROVIDER_OVERLOADED", "The provider is overloaded.")
    if status in (408, 504):
        return trouble("PROVIDER_TIMED_OUT", "The provider gave up on the request.")
    if status >= 500:
        return trouble("PROVIDER_FAILED", "The provider or a proxy had a fault of its own.")
    if not error.type:
        return Refused("PROVIDER_BLOCKED", "A proxy refuses the request.")
    return Refused("REQUEST_REFUSED_BY_PROVIDER", "The provider finds the request wrong.")


# These have no error type of their own, only a message.
_NO_CREDIT = ("credit balance", "usage limit", "spend limit", "spending limit")
_TOO_LONG = ("prompt is too long", "context window", "context limit", "exceed context")
_STATUS_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_LONGEST_RETRY_SECONDS = 3600


def _retry_after(header: str | None) -> int:
    """Returns whole seconds, 0 if the header is missing or invalid."""
    try:
        return min(_LONGEST_RETRY_SECONDS, max(0, math.ceil(float(header or 0))))
    except (ValueError, OverflowError):
        return 0
