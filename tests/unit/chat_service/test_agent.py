"""The loop with a model that says what the test scripted."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from chat_service.agent import MOST_EQUAL_FAILURES, MOST_TOOLS_AT_ONCE, Agent, Ask
from chat_service.answers import (
    Delta,
    Draft,
    Retrying,
    RunEvent,
    Spent,
    Thinking,
    TokenUsage,
    ToolCall,
    ToolResult,
    ToolStarted,
    ToolUse,
)
from chat_service.claude import AvailableModel, Part, Prompt, Reply, Turn
from chat_service.errors import ProviderTrouble
from chat_service.prompts import LAST_ROUND, TOO_MANY_TOOLS, TOOLS_ENDED, user_turn
from chat_service.retries import Retries
from servicekit.errors import Refused

KEY = SecretStr("sk-ant-test-0000")
DATASET = "01900000-0000-7000-8000-000000000001"
ASK = Ask(KEY, DATASET, Prompt("claude-sonnet-5-5", (), "system", "dataset"), (user_turn("질문"),), deadline=1e18)
Script = list[Part | Refused]


def words(*parts: str, stop_reason: str | None = "end_turn", output: int = 5) -> Script:
    blocks = [{"type": "text", "text": "".join(parts)}] if parts else []
    spent = [Spent(TokenUsage(input=10)), Spent(TokenUsage(output=output))]
    return [spent[0], *map(Delta, parts), spent[1], Reply(stop_reason, blocks, ())]


def asks_for(*uses: ToolUse, thinking: str = "") -> Script:
    blocks: list[dict[str, Any]] = [{"type": "thinking", "thinking": thinking, "signature": "s"}] if thinking else []
    blocks += [{"type": "tool_use", "id": use.call_id, "name": use.name, "input": {}} for use in uses]
    thoughts = [Thinking(thinking)] if thinking else []
    return [Spent(TokenUsage(input=10)), *thoughts, Spent(TokenUsage(output=5)), Reply("tool_use", blocks, uses)]


class ScriptedModel:
    """Says one script after the other, the last one again and again; remembers what it was sent. Raises errors."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.heard: list[list[Turn]] = []
        self.may_use_tools: list[bool] = []
        self.closed = 0

    async def stream(
        self, api_key: SecretStr, prompt: Prompt, messages: Sequence[Turn], *, may_use_tools: bool = True
    ) -> AsyncGenerator[Part, None]:
        self.heard.append(list(messages))
        self.may_use_tools.append(may_use_tools)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        try:
            for part in script:
                await asyncio.sleep(0)
                if isinstance(part, Refused):
                    raise part
                yield part
        finally:
            self.closed += 1

    async def models(self, api_key: SecretStr) -> list[AvailableModel]:
        return []

    async def close(self) -> None: ...


class ScriptedTools:
    """Answers every use with its own name, unless the name says otherwise."""

    def __init__(self) -> None:
        self.uses: list[tuple[str, ToolUse]] = []
        self.at_once = self.most_at_once = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def use(self, dataset_id: str, use: ToolUse) -> ToolCall:
        self.uses.append((dataset_id, use))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        await self.may_answer.wait()
        self.at_once -= 1
        if use.name == "wrong_column":
            return ToolCall(use, None, "'시각' 열이 없습니다. 열 목록: 사고시")
        return ToolCall(use, ToolResult(f"{use.name}의 결과"))


class Clock:
    """Says that a pause is over at once; remembers how long each was. Jitter is all that it may be."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def retries(self, attempts: int = 3) -> Retries:
        return Retries(attempts, pause_seconds=1.0, sleep=self.sleep, jitter=lambda _least, most: most)


def agent(model: ScriptedModel, tools: ScriptedTools | None = None, max_rounds: int = 8) -> Agent:
    return Agent(model, tools or ScriptedTools(), max_rounds, Clock().retries())


async def run(*scripts: Script, max_rounds: int = 8) -> tuple[Draft, list[RunEvent], ScriptedModel, ScriptedTools]:
    model, tools, draft, events = ScriptedModel(*scripts), ScriptedTools(), Draft(), list[RunEvent]()
    await agent(model, tools, max_rounds).answer(ASK, lambda event: events.append(draft.add(event)))
    return draft, events, model, tools


async def test_tools_of_one_reply_run_at_the_same_time() -> None:
    uses = (ToolUse("1", "a", "{}"), ToolUse("2", "b", "{}"), ToolUse("3", "c", "{}"))
    _, _, _, tools = await run(asks_for(*uses), words("답"))
    assert tools.most_at_once == 3


async def test_all_results_go_back_in_one_message_in_the_order_of_the_uses() -> None:
    uses = (ToolUse("1", "slow", "{}"), ToolUse("2", "wrong_column", "{}"))
    _, _, model, _ = await run(asks_for(*uses, thinking="흠"), words("답"))
    question, asked, results = model.heard[1]
    assert question == user_turn("질문")
    assert [block["type"] for block in asked["content"]] == ["thinking", "tool_use", "tool_use"]
    assert results == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "1", "content": "slow의 결과"},
            {
                "type": "tool_result",
                "tool_use_id": "2",
                "content": "'시각' 열이 없습니다. 열 목록: 사고시",
                "is_error": True,
            },
        ],
    }


async def test_last_round_is_without_tools_and_says_so() -> None:
    draft, _, model, _ = await run(*[asks_for(ToolUse("1", "a", "{}"))] * 2, words("답"), max_rounds=3)
    told = [turns[-1]["content"][-1].get("text") for turns in model.heard]
    assert told == ["질문", None, LAST_ROUND]
    assert model.may_use_tools == [True, True, False]
    assert draft.text == "답"


async def test_model_that_asks_for_tools_without_any_gets_none() -> None:
    model, tools = ScriptedModel(asks_for(ToolUse("1", "a", "{}"))), ScriptedTools()
    with pytest.raises(Refused, match="ROUNDS_EXHAUSTED"):
        await agent(model, tools).answer(ASK, lambda _event: None)
    assert (len(model.heard), len(tools.uses)) == (8, 7)


WRONG = [
    ToolUse(str(number), "wrong_column", text) for number, text in enumerate(('{"a": 1, "b": 2}', '{"b":2,"a":1}'))
]


async def test_three_equal_failing_calls_end_the_tools() -> None:
    wrong = [asks_for(WRONG[number % 2]) for number in range(MOST_EQUAL_FAILURES)]
    draft, _, model, tools = await run(asks_for(ToolUse("9", "good", "{}")), *wrong, words("아는 것만 답합니다."))
    assert model.may_use_tools == [True] * 4 + [False]
    assert model.heard[-1][-1]["content"][-1]["text"] == TOOLS_ENDED
    assert len(tools.uses) == 4
    assert draft.text == "아는 것만 답합니다."


async def test_failing_calls_that_differ_or_come_at_once_do_not_end_the_tools() -> None:
    others = [ToolUse(str(number), "wrong_column", f'{{"a": {number}}}') for number in range(5)]
    _, _, model, _ = await run(*map(asks_for, others), asks_for(WRONG[0], WRONG[0], WRONG[0]), words("답"))
    assert model.may_use_tools == [True] * 7


async def test_too_many_tools_at_once_are_not_run() -> None:
    uses = tuple(ToolUse(str(number), "a", "{}") for number in range(MOST_TOOLS_AT_ONCE + 2))
    _, _, model, tools = await run(asks_for(*uses), words("답"))
    results = model.heard[1][-1]["content"]
    assert len(tools.uses) == MOST_TOOLS_AT_ONCE
    assert [block["content"] for block in results[MOST_TOOLS_AT_ONCE:]] == [TOO_MANY_TOOLS] * 2


async def test_paused_reply_goes_back_as_it_is_and_goes_on() -> None:
    draft, _, model, _ = await run(words("앞부분", stop_reason="pause_turn"), words("뒷부분"))
    assert model.heard[1][-1] == {"role": "assistant", "content": [{"type": "text", "text": "앞부분"}]}
    assert draft.text == "앞부분\n\n뒷부분"


@pytest.mark.parametrize(
    ("said", "stop_reason", "reason"),
    [
        ("여기까", "max_tokens", "ANSWER_TOO_LONG"),
        ("여기까", "refusal", "CONTENT_REFUSED"),
        ("여기까", "model_context_window_exceeded", "CONTEXT_TOO_LONG"),
        ("여기까", None, "ANSWER_CUT"),  # the stream was cut in order
        ("여기까", "something_new", "ANSWER_CUT"),
        ("여기까", "tool_use", "ANSWER_CUT"),  # without any tool
        ("  \n", "end_turn", "ANSWER_CUT"),
    ],
)
async def test_reply_that_ends_otherwise_is_a_failure(said: str, stop_reason: str | None, reason: str) -> None:
    model = ScriptedModel(words(said, stop_reason=stop_reason))
    with pytest.raises(Refused, match=reason):
        await agent(model).answer(ASK, lambda _event: None)
    assert len(model.heard) == (3 if stop_reason is None else 1)  # only a reply without an end is asked for again


async def test_cancelling_closes_the_stream_and_keeps_what_was_said() -> None:
    model, draft = ScriptedModel([Delta("여기까지"), *words("끝")]), Draft()
    was_said = asyncio.Event()

    def emit(event: RunEvent) -> None:
        draft.add(event)
        if isinstance(event, Delta):
            was_said.set()

    running = asyncio.create_task(agent(model).answer(ASK, emit))
    await was_said.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (draft.text, model.closed) == ("여기까지", 1)


async def test_cancelling_reaches_the_tools() -> None:
    tools = ScriptedTools()
    tools.may_answer.clear()
    model = ScriptedModel(asks_for(ToolUse("1", "a", "{}"), ToolUse("2", "b", "{}")))
    begun = asyncio.Event()
    running = asyncio.create_task(
        agent(model, tools).answer(ASK, lambda event: begun.set() if isinstance(event, ToolStarted) else None)
    )
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


# ---- asking again


async def test_failure_that_may_pass_is_asked_again_without_repeating_tools() -> None:
    count, failure = asks_for(ToolUse("1", "a", "{}")), ProviderTrouble("PROVIDER_FAILED", "No.")
    draft, events, model, tools = await run(count, [failure], [failure], words("18시입니다."))
    assert draft.text == "18시입니다."
    assert len(tools.uses) == 1
    assert model.heard[1] == model.heard[2] == model.heard[3]
    retries = [event for event in events if isinstance(event, Retrying)]
    assert retries == [Retrying(failure.reason, 1.0), Retrying(failure.reason, 2.0)]


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [(Refused("CREDIT_EXHAUSTED", "No."), 1), (ProviderTrouble("PROVIDER_OVERLOADED", "No."), 3)],
)
async def test_attempts_have_an_end_and_the_last_failure_is_told(failure: Refused, attempts: int) -> None:
    model = ScriptedModel([failure])
    with pytest.raises(Refused, match=failure.reason):
        await agent(model).answer(ASK, lambda _event: None)
    assert len(model.heard) == attempts


async def test_each_reply_has_its_own_attempts() -> None:
    trouble: Script = [ProviderTrouble("PROVIDER_OVERLOADED", "No.")]
    draft, _, _, _ = await run(trouble, trouble, asks_for(ToolUse("1", "a", "{}")), trouble, trouble, words("답"))
    assert draft.text == "답"


async def test_words_of_a_broken_reply_stay_until_they_are_said_anew() -> None:
    said = asks_for(ToolUse("1", "a", "{}"))
    said.insert(1, Delta("세어 봅니다."))
    broken: Script = [Delta("18시에 가장"), ProviderTrouble("ANSWER_CUT", "lost")]
    draft, events, _, _ = await run(
        said, broken, [ProviderTrouble("PROVIDER_OVERLOADED", "No.")], words("18시", "입니다.")
    )
    assert draft.text == "세어 봅니다.\n\n18시입니다."
    assert [event.text for event in events if isinstance(event, Retrying)] == ["세어 봅니다."] * 2
    assert len(draft.rounds) == 4  # what the broken ones cost counts as well

    lost = Draft()

    def keep(event: RunEvent) -> None:
        lost.add(event)

    with pytest.raises(ProviderTrouble, match="PROVIDER_OVERLOADED"):
        await agent(ScriptedModel(broken, [ProviderTrouble("PROVIDER_OVERLOADED", "No.")])).answer(ASK, keep)
    assert lost.text == "18시에 가장"


@pytest.mark.parametrize(
    ("asked_for", "seconds_left", "pause"),
    [
        ("0", 25.0, 1.0),
        ("3", 25.0, 4.0),
        ("3", 5.0, None),  # no reply can come in what is left
        ("60", 25.0, None),
        ("0", 2.5, None),
        ("0", -1.0, None),
    ],
)
def test_pause_is_what_was_asked_for_and_fits_into_the_time_left(
    asked_for: str, seconds_left: float, pause: float | None
) -> None:
    failure = ProviderTrouble("PROVIDER_RATE_LIMITED", "No.", retry_after_seconds=asked_for)
    assert Clock().retries().pause_after(1, failure, seconds_left) == pause


def test_jitter_is_full_and_its_bound_doubles() -> None:
    asked: list[tuple[float, float]] = []

    def jitter(least: float, most: float) -> float:
        asked.append((least, most))
        return 0.0

    retries = Retries(4, pause_seconds=2.0, jitter=jitter)
    pauses = [retries.pause_after(attempt, ProviderTrouble("ANSWER_CUT", "lost"), 25.0) for attempt in (1, 2, 3, 4)]
    assert pauses == [0.0, 0.0, 0.0, None]
    assert asked == [(0.0, 2.0), (0.0, 4.0), (0.0, 8.0)]
