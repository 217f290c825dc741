"""Which questions find an answer that was given before, on real Valkey; and what happens when it is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import grpc
import pytest
import redis
from daegu.chat.v1 import chat_pb2 as pb

from chat_service import app
from chat_service.answer_cache import AnswerCache, CachedAnswer
from chat_service.answers import NumberCheck, ToolCall, ToolResult, ToolUse
from scripts.benchmarks.processes import free_port
from tests.contract.chat_service.running_chat import KEY, Chat, running_chat
from tests.eventually import eventually
from tests.integration.chat_service.moody_redis import MoodyRedis
from tests.patience import PATIENCE_SECONDS, no_limit_passed
from tests.real_servers import ServerProcess
from tests.scripted_messages_api import ToolUse as Asks
from tests.scripted_messages_api import fails, says, uses

QUESTION = "사고가 가장 많은 시간대는?"
TABLE = {"columns": ["시각", "건수", "비율"], "rows": [["18시", 60, 1.0], ["8시", None, 0.5]], "total_rows": 2}
ANSWER = CachedAnswer(
    "18시입니다.",
    (
        ToolCall(
            ToolUse("1", "get_value_counts", "{}"),
            ToolResult("표", TABLE, {"kind": "bar", "x": "시각", "y": "건수"}, "code", 3, 1),
            duration_ms=1.5,
        ),
        ToolCall(ToolUse("2", "nothing", "["), None, "그런 도구는 없습니다."),
    ),
    "claude-sonnet-5-5",
    NumberCheck(2, 1, ("42건",)),
)  # fmt: skip


async def test_same_first_question_hits_in_another_conversation(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(Asks("get_temporal_pattern", {"column": "사고일시"})), says("18시, 42건입니다."))
    first = await chat.ask(dataset_id, QUESTION)
    again = await chat.ask(dataset_id, f"  {QUESTION.removesuffix('?')} ")
    assert (first.answer.cache_hit, again.answer.cache_hit) == (False, True)
    assert (again.answer.content, list(again.answer.tool_calls)) == ("18시, 42건입니다.", list(first.answer.tool_calls))
    assert again.answer.number_check == first.answer.number_check == pb.NumberCheck(numbers=1, unconfirmed=["42건"])
    assert again.conversation.conversation_id != first.conversation.conversation_id
    assert not again.answer.HasField("token_usage")
    assert not again.answer.HasField("cost_usd")
    assert len(chat.api.requests) == 2
    conversation_id = again.conversation.conversation_id
    assert (await chat.history(conversation_id)).messages[1] == again.answer
    assert (await chat.ask(dataset_id, QUESTION, conversation_id=conversation_id)).answer.cache_hit  # and in its own


async def test_same_question_on_equal_content_hits_whatever_the_dataset_is_called(chat: Chat) -> None:
    one = chat.data.datasets.add(name="하나", content_hash="a1")
    two = chat.data.datasets.add(name="둘", content_hash="a1")
    other = chat.data.datasets.add(name="하나", content_hash="b2")
    chat.api.script(says("18시입니다."), says("8시입니다."), says("열여덟 시입니다."))
    await chat.ask(one, QUESTION)
    assert (await chat.ask(two, QUESTION)).answer.cache_hit
    assert not (await chat.ask(other, QUESTION)).answer.cache_hit
    assert not (await chat.ask(one, QUESTION, model="claude-haiku-5-5")).answer.cache_hit


async def test_follow_up_never_hits_from_another_conversation(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(
        says("18시입니다."), says("60건입니다."), says("2019년입니다."), says("12,000건입니다."), says("다시 셌습니다.")
    )
    by_hour = (await chat.ask(dataset_id, "가장 많은 시간대는?")).conversation.conversation_id
    await chat.ask(dataset_id, "그때는 몇 건인가요?", conversation_id=by_hour)
    by_year = (await chat.ask(dataset_id, "가장 많은 해는?")).conversation.conversation_id
    other = await chat.ask(dataset_id, "그때는 몇 건인가요?", conversation_id=by_year)
    assert (other.answer.cache_hit, other.answer.content) == (False, "12,000건입니다.")
    alone = await chat.ask(dataset_id, "가장 많은 시간대는?", conversation_id=by_year)  # elsewhere a first question
    assert (alone.answer.cache_hit, alone.answer.content) == (False, "다시 셌습니다.")


async def test_repeated_question_hits_within_its_conversation(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("18시입니다."), says("60건입니다."))
    conversation_id = (await chat.ask(dataset_id, QUESTION)).conversation.conversation_id
    await chat.ask(dataset_id, "몇 건인가요?", conversation_id=conversation_id)
    first_again = await chat.ask(dataset_id, QUESTION, conversation_id=conversation_id)
    second_again = await chat.ask(dataset_id, "몇 건인가요?", conversation_id=conversation_id)
    assert (first_again.answer.cache_hit, first_again.answer.content) == (True, "18시입니다.")
    assert (second_again.answer.cache_hit, second_again.answer.content) == (True, "60건입니다.")


async def test_copy_lives_no_longer_than_the_answer_it_is_of(cache: AnswerCache, valkey: ServerProcess) -> None:
    await cache.keep(["one"], ANSWER)
    client = redis.Redis.from_url(f"{valkey.url}/1")
    client.expire("one", 100)
    await cache.copy("one", "two")
    assert await cache.find(["two"]) == ANSWER
    assert 0 < int(client.ttl("two")) <= 100
    client.close()


async def test_first_question_that_failed_stands_alone_when_it_is_asked_again(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(fails(404, "not_found_error"), says("18시입니다."))
    failed = await chat.fail(dataset_id, QUESTION)
    await chat.ask(dataset_id, QUESTION)  # somewhere else
    (question,) = (await chat.history(failed.conversation.conversation_id)).messages
    again = await chat.ask(
        dataset_id,
        QUESTION,
        conversation_id=failed.conversation.conversation_id,
        retry_of=question.message_id,
    )
    assert again.answer.cache_hit


async def test_hit_needs_a_key_of_the_right_form_as_well(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("18시입니다."))
    await chat.ask(dataset_id, QUESTION)
    for key in ("", "nonsense"):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await chat.events(dataset_id, QUESTION, key=key)
        assert raised.value.code() == grpc.StatusCode.UNAUTHENTICATED


async def test_key_that_was_just_refused_gets_no_cached_answer_until_it_is_accepted(chat: Chat) -> None:
    dataset_id, refused = chat.data.datasets.add(), "sk-ant-anything-0000"
    chat.api.script(says("18시입니다."))
    await chat.ask(dataset_id, QUESTION)
    chat.api.models_reply = fails(401, "authentication_error")
    await chat.messages.VerifyKey(pb.VerifyKeyRequest(), metadata=(("x-anthropic-api-key", refused),))

    chat.api.script(fails(401, "authentication_error"))
    assert (await chat.fail(dataset_id, QUESTION, key=refused)).reason == "KEY_REFUSED"
    assert (await chat.ask(dataset_id, QUESTION)).answer.cache_hit  # other keys are none the worse
    gate, other = asyncio.Event(), "다른 질문"
    chat.api.script(says("18시입니다.", gate=gate), fails(401, "authentication_error"), says("다시 셌습니다."))
    asking = asyncio.create_task(chat.ask(dataset_id, other))
    asked = len(chat.api.requests)
    await chat.api.until_asked(asked + 1)
    assert (await chat.fail(dataset_id, other, key=refused)).reason == "KEY_REFUSED"  # nor that of a run of others
    gate.set()
    assert (await asking).answer.content == "18시입니다."
    accepted = await chat.ask(dataset_id, QUESTION, key=refused)
    assert (accepted.answer.cache_hit, accepted.answer.content) == (False, "다시 셌습니다.")
    assert (await chat.ask(dataset_id, QUESTION, key=refused)).answer.cache_hit


async def test_answer_is_kept_for_an_hour_in_database_one(chat: Chat) -> None:
    client = redis.Redis.from_url(f"{chat.settings.redis_url.get_secret_value()}/1")
    before = set(client.scan_iter("*"))
    chat.api.script(says("18시입니다."))
    await chat.ask(chat.data.datasets.add(), QUESTION)
    added = set(client.scan_iter("answer:*")) - before
    assert len(added) == 2  # for any conversation, and for its own
    for key in added:
        lifetime = client.ttl(key)
        assert isinstance(lifetime, int)
        assert 3590 < lifetime <= 3600
        value = client.get(key)
        assert isinstance(value, bytes)
        assert KEY.encode() not in key + value
        assert QUESTION.encode() not in key + value
    client.close()


async def test_two_equal_questions_at_once_cost_one_run(chat: Chat) -> None:
    dataset_id, gate = chat.data.datasets.add(), asyncio.Event()
    chat.api.script(says("18시입니다.", gate=gate))
    asking = [asyncio.create_task(chat.ask(dataset_id, QUESTION)) for _ in range(5)]
    await chat.api.until_asked()
    await until_stored(chat, dataset_id, 5)
    gate.set()
    answers = await asyncio.gather(*asking)
    assert len(chat.api.requests) == 1
    assert {done.answer.content for done in answers} == {"18시입니다."}
    assert sorted(done.answer.cache_hit for done in answers) == [False, True, True, True, True]
    assert len({done.conversation.conversation_id for done in answers}) == 5
    for done in answers:  # found again in each conversation
        again = await chat.ask(dataset_id, QUESTION, conversation_id=done.conversation.conversation_id)
        assert again.answer.cache_hit


async def test_equal_questions_at_two_processes_cost_one_run(database_url: str, redis_url: str) -> None:
    async with running_chat(database_url, redis_url) as one, running_chat(database_url, redis_url) as two:
        dataset_id, gate = one.data.datasets.add(content_hash="a1"), asyncio.Event()
        one.api.script(says("여기", gate=gate, stop_reason="max_tokens"))
        two.api.script(says("18시입니다."))
        failing = asyncio.create_task(one.fail(dataset_id, QUESTION))
        await one.api.until_asked()
        waiting = [
            asyncio.create_task(chat.ask(chat.data.datasets.add(content_hash="a1"), QUESTION)) for chat in (two, two)
        ]
        await until_stored(two, "", 3)
        assert two.api.requests == []
        gate.set()
        await failing  # now one of the others runs, and only one
        answers = await asyncio.gather(*waiting)
        assert sorted(done.answer.cache_hit for done in answers) == [False, True]
        assert (len(one.api.requests), len(two.api.requests)) == (1, 1)


async def test_answer_of_a_run_elsewhere_is_taken(database_url: str, redis_url: str) -> None:
    async with running_chat(database_url, redis_url) as one, running_chat(database_url, redis_url) as two:
        gate = asyncio.Event()
        one.api.script(says("18시입니다.", gate=gate))
        leading = asyncio.create_task(one.ask(one.data.datasets.add(content_hash="a1"), QUESTION))
        await one.api.until_asked()
        following = asyncio.create_task(two.ask(two.data.datasets.add(content_hash="a1"), QUESTION))
        await until_stored(two, "", 2)
        gate.set()
        done = await following
        assert (done.answer.content, done.answer.cache_hit) == ((await leading).answer.content, True)
        assert two.api.requests == []


async def test_next_in_line_leads_when_the_leader_fails(chat: Chat) -> None:
    dataset_id, gate = chat.data.datasets.add(), asyncio.Event()
    chat.api.script(says("여기", gate=gate, stop_reason="max_tokens"), says("18시입니다."))
    asking = [asyncio.create_task(chat.events(dataset_id, QUESTION)) for _ in range(3)]
    await chat.api.until_asked()
    await until_stored(chat, dataset_id, 3)
    gate.set()
    outcomes = sorted(str(events[-1].WhichOneof("event")) for events in await asyncio.gather(*asking))
    assert outcomes == ["done", "done", "failed"]
    assert len(chat.api.requests) == 2


async def until_stored(chat: Chat, dataset_id: str, times: int) -> None:
    """Waits until so many questions on a dataset are stored, and so are in line."""
    request = pb.ListConversationsRequest(dataset_id=dataset_id)

    async def are_stored() -> bool:
        return bool((await chat.conversations.ListConversations(request)).total == times)

    await eventually(are_stored)


# ---- the cache itself


@pytest.fixture
async def cache(valkey: ServerProcess) -> AsyncIterator[AnswerCache]:
    cache = AnswerCache(valkey.url, 60, wait_seconds=PATIENCE_SECONDS)
    yield cache
    await cache.close()


@pytest.fixture
async def moody(valkey: ServerProcess) -> AsyncIterator[MoodyRedis]:
    async with MoodyRedis(valkey.url).running() as moody:
        yield moody


async def test_kept_answer_comes_back_whole(cache: AnswerCache) -> None:
    await cache.keep(["answer:a", "answer:b"], ANSWER)
    assert await cache.find(["answer:none", "answer:b"]) == ANSWER
    assert await cache.find(["answer:none"]) is None
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"content": 1}', b"\xff"])
async def test_what_cannot_be_read_is_a_miss(value: bytes, cache: AnswerCache, valkey: ServerProcess) -> None:
    client = redis.Redis.from_url(f"{valkey.url}/1")
    client.set("answer:broken", value)
    client.close()
    assert await cache.find(["answer:broken"]) is None


async def test_huge_answer_is_not_kept(cache: AnswerCache) -> None:
    await cache.keep(["answer:huge"], CachedAnswer("가" * 400_000, (), "m"))
    assert await cache.find(["answer:huge"]) is None


async def test_refused_connection_is_a_miss_at_once() -> None:
    cache = AnswerCache(f"redis://127.0.0.1:{free_port()}", 60, wait_seconds=PATIENCE_SECONDS)
    with no_limit_passed():
        assert await cache.find(["answer:a"]) is None
        await cache.keep(["answer:a"], ANSWER)
    await cache.close()


async def test_redis_that_hangs_or_leaves_is_waited_for_by_one_question_alone_and_used_again(moody: MoodyRedis) -> None:
    cache = await impatient_cache(moody)
    moody.hang()
    assert await cache.find(["answer:hanging"]) is None
    with pytest.raises(StopIteration):
        cache.find(["answer:hanging"]).send(None)  # does not even begin to wait
    moody.go_on()
    await until_found(cache)
    await moody.leave()
    assert await cache.find(["answer:hanging"]) is None
    await moody.come_back()
    await until_found(cache)
    await cache.close()


async def test_answer_of_yesterday_is_not_given_today(
    database_url: str, moody: MoodyRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 1)]
    monkeypatch.setattr(app, "today", lambda: days.pop(0))
    async with running_chat(database_url, moody.url) as chat:
        dataset_id = chat.data.datasets.add()
        chat.api.script(says("하나"), says("둘"))
        answers = [(await chat.ask(dataset_id, "지난달은?")).answer for _ in range(3)]
    assert [(answer.content, answer.cache_hit) for answer in answers] == [
        ("하나", False),
        ("하나", True),
        ("둘", False),
    ]
    assert "2026-12-01(화)" in chat.api.requests[-1].body["system"][1]["text"]


async def test_chat_answers_while_redis_hangs(database_url: str, moody: MoodyRedis) -> None:
    async with running_chat(database_url, moody.url, cache_wait_seconds=0.1) as chat:
        dataset_id = chat.data.datasets.add()
        chat.api.script(says("데웠습니다."), says("하나"), says("둘"))
        await chat.ask(dataset_id, "데우기")
        moody.hang()
        done = await chat.ask(dataset_id, "하나?")
        again = await chat.ask(dataset_id, "하나?")
        moody.go_on()
        assert (done.answer.content, again.answer.content) == ("하나", "둘")


async def impatient_cache(moody: MoodyRedis) -> AnswerCache:
    """Returns a cache that waits a tenth of a second, and has kept one answer: the machine may be slow at first."""
    cache = AnswerCache(moody.url, 60, wait_seconds=0.1)
    while await cache.find(["answer:hanging"]) != ANSWER:
        await cache.keep(["answer:hanging"], ANSWER)
        await asyncio.sleep(0)
    return cache


async def until_found(cache: AnswerCache) -> None:
    async def is_found() -> bool:
        return await cache.find(["answer:hanging"]) == ANSWER

    await eventually(is_found)
