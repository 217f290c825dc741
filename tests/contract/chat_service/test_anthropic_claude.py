"""Anthropic's library against a Messages API of our own, over real HTTP."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from chat_service.answers import Delta, Spent, Thinking, TokenUsage
from chat_service.anthropic_claude import AnthropicClaude
from chat_service.claude import Part, Prompt, Reply, ToolDefinition
from chat_service.prices import ModelFile
from chat_service.prompts import user_turn
from chat_service.refused_keys import RefusedKeys
from chat_service.settings import ChatSettings
from servicekit.errors import Refused
from tests.scripted_messages_api import Reply as Scripted
from tests.scripted_messages_api import ScriptedMessagesApi, ToolUse, fails, page, says, uses

KEY = SecretStr("sk-ant-canary-7f3a9b")
SCHEMA = {"type": "object", "properties": {}}
REFUSED_KEYS = RefusedKeys(60.0)
PROMPT = Prompt(
    "claude-sonnet-5-5",
    (ToolDefinition("get_value_counts", "값의 수", SCHEMA), ToolDefinition("predict_eclo", "예측", SCHEMA)),
    "당신은 분석가입니다.",
    "<dataset>{}</dataset>",
)


def claude_at(url: str, **settings: Any) -> AnthropicClaude:
    chat = ChatSettings(DATABASE_URL=SecretStr("postgresql://nobody"), ANTHROPIC_BASE_URL=url, **settings)
    return AnthropicClaude(chat, ModelFile.load().takes_effort, REFUSED_KEYS)


@pytest.fixture(scope="module")
async def running_api() -> AsyncIterator[ScriptedMessagesApi]:
    async with ScriptedMessagesApi().running() as api:
        yield api


@pytest.fixture(scope="module")
async def claude(running_api: ScriptedMessagesApi) -> AsyncIterator[AnthropicClaude]:
    claude = claude_at(running_api.url)
    yield claude
    await claude.close()


@pytest.fixture
def api(running_api: ScriptedMessagesApi) -> ScriptedMessagesApi:
    running_api.start_anew()
    return running_api


async def parts_of(claude: AnthropicClaude, prompt: Prompt = PROMPT) -> list[Part]:
    async with aclosing(claude.stream(KEY, prompt, [user_turn("질문")])) as parts:
        return [part async for part in parts]


async def reply_of(claude: AnthropicClaude) -> Reply:
    last = (await parts_of(claude))[-1]
    assert isinstance(last, Reply)
    return last


async def failure(claude: AnthropicClaude) -> Refused:
    with pytest.raises(Refused) as raised:
        await parts_of(claude)
    return raised.value


async def test_parts_come_in_order_and_the_reply_last(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(says("가장 많은 시간대는 18시입니다.", thinking="세어 보자"))
    parts = await parts_of(claude)
    assert "".join(part.text for part in parts if isinstance(part, Thinking)) == "세어 보자"
    assert "".join(part.text for part in parts if isinstance(part, Delta)) == "가장 많은 시간대는 18시입니다."
    reply = parts[-1]
    assert isinstance(reply, Reply)
    assert (reply.stop_reason, [block["type"] for block in reply.blocks]) == ("end_turn", ["thinking", "text"])


async def test_tokens_are_counted_once(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(says("답", input_tokens=900, output_tokens=120, cached_tokens=300, cache_written_tokens=50))
    spent = [part.usage for part in await parts_of(claude) if isinstance(part, Spent)]
    assert sum(spent, TokenUsage()) == TokenUsage(900, 120, 300, 50)
    assert spent[0] == TokenUsage(900, 1, 300, 50)  # known as soon as the reply begins


async def test_arguments_of_tools_come_as_they_were_written(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(uses(ToolUse("get_value_counts", {"column": "요일"}), ToolUse("get_missing_values")))
    reply = await reply_of(claude)
    assert [(use.name, json.loads(use.arguments_json)) for use in reply.tool_uses] == [
        ("get_value_counts", {"column": "요일"}),
        ("get_missing_values", {}),
    ]
    assert [block["input"] for block in reply.blocks] == [{"column": "요일"}, {}]


DEEP = '{"column": ' * 500 + "1" + "}" * 500


@pytest.mark.parametrize(
    "raw",
    ['{"column": "요', "[1, 2]", "{]", "null", "[" * 5000, DEEP, '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}'],
)
async def test_arguments_that_are_no_object_come_through(
    raw: str, api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    api.script(uses(ToolUse("get_value_counts", raw=raw)))
    reply = await reply_of(claude)
    assert reply.tool_uses[0].arguments_json == raw
    assert reply.blocks[0]["input"] == {}  # so that it can go back


async def test_request_has_the_stable_prefix_marked_for_the_cache(
    api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    api.script(says("답"))
    await parts_of(claude)
    body, mark = api.requests[0].body, {"type": "ephemeral"}
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, mark]
    assert [block["cache_control"] for block in body["system"]] == [mark, mark]
    assert body["messages"][-1]["content"][-1]["cache_control"] == mark
    assert (body["thinking"], body["output_config"]) == (
        {"type": "adaptive", "display": "summarized"},
        {"effort": "low"},
    )


async def test_older_model_is_asked_without_effort(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(says("답"))
    await parts_of(claude, Prompt("claude-haiku-4-5-20251001", (), "s", "d"))
    assert {"thinking", "output_config"}.isdisjoint(api.requests[0].body)


async def test_key_of_the_call_is_the_only_credential(
    api: ScriptedMessagesApi, claude: AnthropicClaude, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-the-server")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-the-server")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    api.script(says("답"), says("답"))
    await parts_of(claude)
    await parts_of(claude)
    assert [request.api_key for request in api.requests] == [KEY.get_secret_value()] * 2
    assert not any("of-the-server" in str(request.headers) for request in api.requests)
    assert "cookie" not in api.requests[1].headers  # which the first answer set


CREDIT = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."
STRAY_DELTA = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":7}\n\n'
TOO_LONG = "prompt is too long: 1000042 tokens > 1000000 maximum"


@pytest.mark.parametrize(
    ("scripted", "reason"),
    [
        (fails(401, "authentication_error", "invalid x-api-key"), "KEY_REFUSED"),
        (fails(403, "permission_error"), "KEY_REFUSED"),
        (page(403), "PROVIDER_BLOCKED"),
        (fails(402, "billing_error"), "CREDIT_EXHAUSTED"),
        (fails(400, "invalid_request_error", CREDIT), "CREDIT_EXHAUSTED"),
        (fails(400, "invalid_request_error", "You have reached your specified API usage limits."), "CREDIT_EXHAUSTED"),
        (fails(400, "invalid_request_error", TOO_LONG), "CONTEXT_TOO_LONG"),
        (fails(413, "request_too_large"), "CONTEXT_TOO_LONG"),
        (fails(400, "invalid_request_error", "thinking: not supported"), "REQUEST_REFUSED_BY_PROVIDER"),
        (fails(422, "invalid_request_error"), "REQUEST_REFUSED_BY_PROVIDER"),
        (fails(404, "not_found_error", "model: claude-gone"), "MODEL_NOT_FOUND"),
        (fails(429, "rate_limit_error"), "PROVIDER_RATE_LIMITED"),
        (fails(500, "api_error"), "PROVIDER_FAILED"),
        (fails(503, "api_error"), "PROVIDER_FAILED"),
        (fails(504, "timeout_error"), "PROVIDER_TIMED_OUT"),
        (fails(529, "overloaded_error"), "PROVIDER_OVERLOADED"),
        (page(502), "PROVIDER_FAILED"),
        (page(200), "PROVIDER_BLOCKED"),
        (Scripted(body=b'{"hello": 1}', headers={"content-type": "application/json"}), "PROVIDER_BLOCKED"),
        (Scripted(body=b"event: message_start\ndata: {no json\n\n"), "PROVIDER_BLOCKED"),
        (Scripted(body=STRAY_DELTA), "PROVIDER_BLOCKED"),
        (says("여기까", end="drop"), "ANSWER_CUT"),
        (says("여기까", end="reset"), "ANSWER_CUT"),
        (says("여기까", end="error"), "PROVIDER_OVERLOADED"),
        (says("여기까", end="error", error_type="api_error"), "PROVIDER_FAILED"),
        (says("여기까", end="error", error_type="rate_limit_error"), "PROVIDER_RATE_LIMITED"),
        (says("여기까", end="error", error_type="authentication_error"), "KEY_REFUSED"),
        (says("여기까", end="error", error_type="something_new"), "PROVIDER_FAILED"),
    ],
)  # fmt: skip
async def test_each_failure_is_a_fact(
    scripted: Scripted, reason: str, api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    api.script(scripted)
    assert (await failure(claude)).reason == reason
    assert len(api.requests) == 1  # the caller decides about retries


async def test_stream_that_is_cut_in_order_has_no_stop_reason(
    api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    api.script(says("여기까", end="cut"))
    assert (await reply_of(claude)).stop_reason is None


@pytest.mark.parametrize(
    ("status", "header", "seconds"), [(429, "7", "7"), (500, "1.2", "2"), (504, "soon", "0"), (529, "1e999", "0")]
)
async def test_failure_that_may_pass_says_when_to_ask_again(
    status: int, header: str, seconds: str, api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    api.script(fails(status, headers={"retry-after": header}))
    assert (await failure(claude)).facts == {"retry_after_seconds": seconds}


async def test_reply_without_tools_is_still_told_of_them(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(says("답"))
    async with aclosing(claude.stream(KEY, PROMPT, [user_turn("질문")], may_use_tools=False)) as parts:
        assert [part async for part in parts]
    body = api.requests[0].body
    assert (body["tool_choice"], len(body["tools"])) == ({"type": "none"}, 2)


async def test_silence_is_a_time_out(api: ScriptedMessagesApi) -> None:
    api.script(says("여기까", end="stall"))
    claude = claude_at(api.url, stall_seconds=0.2)
    assert (await failure(claude)).reason == "PROVIDER_TIMED_OUT"
    await claude.close()


async def test_connection_is_closed_at_the_stop(api: ScriptedMessagesApi, claude: AnthropicClaude) -> None:
    api.script(says("말하는 중에 멈춥니다", end="stall"))
    heard = asyncio.Event()

    async def listen() -> None:
        async with aclosing(claude.stream(KEY, PROMPT, [user_turn("질문")])) as parts:
            async for part in parts:
                if isinstance(part, Delta):
                    heard.set()

    listening = asyncio.create_task(listen())
    await heard.wait()
    listening.cancel()
    await asyncio.wait((listening,))
    await api.requests[0].left.wait()


async def test_refusal_of_a_key_is_remembered_until_it_is_accepted(
    api: ScriptedMessagesApi, claude: AnthropicClaude
) -> None:
    for refusal in (fails(401, "authentication_error"), says("여기까", end="error", error_type="authentication_error")):
        api.script(refusal, fails(529, "overloaded_error"), says("답"))
        await failure(claude)
        assert KEY in REFUSED_KEYS
        await failure(claude)
        assert KEY in REFUSED_KEYS
        await parts_of(claude)
        assert KEY not in REFUSED_KEYS


async def test_key_is_in_no_error_and_no_log(
    api: ScriptedMessagesApi, claude: AnthropicClaude, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = KEY.get_secret_value()
    for scripted in (
        fails(400, "invalid_request_error", f"bad key {secret}"),
        says("여", end="reset"),
        page(502, secret),
    ):
        api.script(scripted)
        error = await failure(claude)
        assert error.__cause__ is None
        assert error.__suppress_context__
        assert secret not in f"{error!r} {error.facts} {error.violations}"
    assert secret not in caplog.text
