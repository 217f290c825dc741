"""The agent loop: ask the model, run the requested tools, return their results, until it has answered."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from chat_service.answers import Emit, Retrying, RoundStarted, ToolCall, ToolEnded, ToolStarted, ToolUse
from chat_service.claude import Claude, Prompt, Reply, Turn
from chat_service.errors import ProviderTrouble
from chat_service.prompts import LAST_ROUND, TOO_MANY_TOOLS, TOOLS_ENDED, result_text
from chat_service.retries import Retries
from servicekit.errors import Refused

MOST_TOOLS_AT_ONCE = 16
MOST_EQUAL_FAILURES = 3


class Tools(Protocol):
    """Runs tools on the dataset of the question. Errors are part of the call, never raised."""

    async def use(self, dataset_id: str, use: ToolUse) -> ToolCall:
        """Runs one tool."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One question with its context; it is the last of `messages`. `deadline` is in the event loop's time."""

    api_key: SecretStr
    dataset_id: str
    prompt: Prompt
    messages: Sequence[Turn]
    deadline: float


class Agent:
    """Answers questions. `emit` receives the events of the run."""

    def __init__(self, claude: Claude, tools: Tools, max_rounds: int, retries: Retries) -> None:
        self._claude = claude
        self._tools = tools
        self._max_rounds = max_rounds
        self._retries = retries

    async def answer(self, ask: Ask, emit: Emit) -> None:
        """Runs until the answer is complete. Raises a Refused if there is none.

        The last round has no tools, so that the model answers from the results so far.
        """
        messages = list(ask.messages)
        failures: Counter[tuple[str, str]] = Counter()
        may_use_tools = True
        for rounds_left in reversed(range(self._max_rounds)):
            may_use_tools = may_use_tools and rounds_left > 0
            reply = await self._listen(ask, messages, may_use_tools, emit)
            messages.append({"role": "assistant", "content": reply.blocks})
            if reply.stop_reason == "tool_use" and reply.tool_uses:
                if not may_use_tools:
                    break
                calls = await self._use_all(ask.dataset_id, reply.tool_uses, emit)
                results = [_result_block(call) for call in calls]
                failures.update({_identity(call.use) for call in calls if call.result is None})
                if failures and max(failures.values()) >= MOST_EQUAL_FAILURES:
                    may_use_tools = False
                    results.append({"type": "text", "text": TOOLS_ENDED})
                elif rounds_left == 1:
                    results.append({"type": "text", "text": LAST_ROUND})
                messages.append({"role": "user", "content": results})
            elif reply.stop_reason in ("end_turn", "stop_sequence") and reply.has_text:
                return
            elif reply.stop_reason != "pause_turn":  # a paused reply continues when it is sent back unchanged
                raise _failure(reply.stop_reason)
        raise Refused("ROUNDS_EXHAUSTED", "The model gave no answer within its rounds.", limit=str(self._max_rounds))

    async def _listen(self, ask: Ask, messages: Sequence[Turn], may_use_tools: bool, emit: Emit) -> Reply:
        """Returns the next reply, with retries after temporary failures. Tools that ran are not repeated."""
        attempt = 1
        while True:
            try:
                return await self._listen_once(ask, messages, may_use_tools, emit)
            except ProviderTrouble as failure:
                seconds_left = ask.deadline - asyncio.get_running_loop().time()
                pause = self._retries.pause_after(attempt, failure, seconds_left)
                if pause is None:
                    raise
                emit(Retrying(failure.reason, pause))
                await self._retries.sleep(pause)
                attempt += 1

    async def _listen_once(self, ask: Ask, messages: Sequence[Turn], may_use_tools: bool, emit: Emit) -> Reply:
        emit(RoundStarted())
        stream = self._claude.stream(ask.api_key, ask.prompt, messages, may_use_tools=may_use_tools)
        async with aclosing(stream) as parts:
            async for part in parts:
                if not isinstance(part, Reply):
                    emit(part)
                elif part.stop_reason is not None:
                    return part
        raise ProviderTrouble("ANSWER_CUT", "The reply has no end.")

    async def _use_all(self, dataset_id: str, uses: Sequence[ToolUse], emit: Emit) -> list[ToolCall]:
        """Runs the tools concurrently and returns the calls in the order of the uses."""
        calls = await asyncio.gather(*(self._use(dataset_id, use, emit) for use in uses[:MOST_TOOLS_AT_ONCE]))
        refused = [ToolCall(use, None, TOO_MANY_TOOLS) for use in uses[MOST_TOOLS_AT_ONCE:]]
        return [*calls, *refused]

    async def _use(self, dataset_id: str, use: ToolUse, emit: Emit) -> ToolCall:
        emit(ToolStarted(use))
        call = await self._tools.use(dataset_id, use)
        emit(ToolEnded(call))
        return call


def _failure(stop_reason: str | None) -> Refused:
    match stop_reason:
        case "max_tokens":
            return Refused("ANSWER_TOO_LONG", "The reply reached the limit of tokens.")
        case "refusal":
            return Refused("CONTENT_REFUSED", "The model declined to answer.")
        case "model_context_window_exceeded":
            return Refused("CONTEXT_TOO_LONG", "Conversation and tool results fill the model's context.")
    return ProviderTrouble("ANSWER_CUT", "The answer ended before it was complete.")


def _identity(use: ToolUse) -> tuple[str, str]:
    """Returns a key that is the same for equal tool uses."""
    try:
        return use.name, json.dumps(json.loads(use.arguments_json), sort_keys=True)
    except (ValueError, RecursionError):
        return use.name, use.arguments_json


def _result_block(call: ToolCall) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call.use.call_id, "content": result_text(call)}
    return block if call.result is not None else {**block, "is_error": True}
