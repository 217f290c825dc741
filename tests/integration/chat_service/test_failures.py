"""Everything that goes wrong at the provider or here: each its own reason, the question kept, and nothing cached."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import grpc
import psycopg2
import pytest
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc
from structlog.testing import capture_logs

from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.running_chat import Chat, kinds
from tests.eventually import eventually
from tests.integration.chat_service.conftest import Start
from tests.patience import PATIENCE_SECONDS, no_limit_passed
from tests.real_servers import Postgres
from tests.scripted_messages_api import Reply, ToolUse, fails, page, says, uses

QUESTION = "사고가 가장 많은 시간대는?"
COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})
# Which reply of the provider has which reason is tested beside its client; here is what becomes of the question.
FAILURES = [
    ([fails(429, "rate_limit_error", headers={"retry-after": "600"})], "PROVIDER_RATE_LIMITED"),
    ([says("여기까", stop_reason="max_tokens")], "ANSWER_TOO_LONG"),
    ([says("여기까", stop_reason="refusal")], "CONTENT_REFUSED"),
    ([says("", thinking="흠")], "ANSWER_CUT"),
    ([page(502)] * 3, "PROVIDER_FAILED"),
    ([says("여기까", end="reset")] * 3, "ANSWER_CUT"),
]
PASSING = [(fails(503, "api_error"), "PROVIDER_FAILED"), (says("여기까", end="cut"), "ANSWER_CUT")]


@pytest.mark.parametrize(("replies", "reason"), FAILURES)
async def test_failure_is_marked_where_it_happened_and_a_retry_answers_it(
    replies: list[Reply], reason: str, chat: Chat
) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(*replies, says("18시입니다."))

    failed = await chat.fail(dataset_id, QUESTION)

    assert failed.reason == reason
    assert failed.retry_after_seconds == int(replies[0].headers.get("retry-after", 0))
    conversation_id = failed.conversation.conversation_id
    question, *answers = (await chat.history(conversation_id)).messages
    is_kept = bool(replies[0].text) and reason != "CONTENT_REFUSED"
    marked = answers[0] if is_kept else question
    assert (question.content, len(answers)) == (QUESTION, is_kept)
    assert (marked.status, marked.failure_reason) == (pb.MESSAGE_STATUS_FAILED, reason)
    assert answers == ([failed.answer] if is_kept else [])
    assert marked.content == (replies[0].text if is_kept else QUESTION)
    assert not chat.data.datasets.held

    again = {"conversation_id": conversation_id, "retry_of": question.message_id}
    done = await chat.ask(dataset_id, QUESTION, expected_version=failed.conversation.version, **again)
    assert not done.answer.cache_hit  # the failure was not kept as an answer
    assert not done.conflict
    messages = (await chat.history(conversation_id)).messages
    assert [(message.status, message.failure_reason) for message in messages] == [(pb.MESSAGE_STATUS_COMPLETE, "")] * 2
    assert messages[0].message_id == question.message_id
    assert messages[1].content == "18시입니다."


@pytest.mark.parametrize(("reply", "reason"), PASSING)
async def test_failure_that_passes_after_tools_ran_is_a_step(reply: Reply, reason: str, chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT), reply, says("18시입니다."))
    events = await chat.events(dataset_id, QUESTION)
    shown = ["delta"] if reply.text else []
    assert kinds(events) == ["start", "tool_start", "tool_end", *shown, "retry", "delta", "done"]
    (retrying,) = (event.retry for event in events if event.HasField("retry"))
    assert (retrying.reason, retrying.text) == (reason, "")
    assert events[-1].done.answer.content == "18시입니다."
    assert len(chat.data.analysis.run) == 1
    _, broken, repeated = (request.body["messages"] for request in chat.api.requests)
    assert broken == repeated


async def test_endless_tool_use_is_answered_from_what_was_found(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(*[uses(COUNT)] * 20)
    done = await chat.ask(dataset_id)
    assert (done.answer.content, len(done.answer.tool_calls)) == ("도구 없이 답합니다.", 7)
    assert len(chat.api.requests) == 8


async def test_answer_after_a_broken_tool_is_not_kept(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.data.analysis.refusal = Refused("CHAT_BUSY", "busy")  # any refusal that is no fault of the arguments
    chat.api.script(uses(COUNT), says("지금은 모릅니다."), says("18시입니다."))
    await chat.ask(dataset_id, QUESTION)
    again = await chat.ask(dataset_id, QUESTION)
    assert (again.answer.cache_hit, again.answer.content) == (False, "18시입니다.")


async def test_slow_drip_ends_at_the_deadline_of_the_run(start: Start) -> None:
    async with start(run_seconds=0.6) as chat:
        chat.api.script(says("아주 천천히 말하는 답입니다. " * 2000, seconds_between=0.1))
        while not chat.api.requests:  # on a busy machine the run may end before it has asked
            assert (await chat.fail(chat.data.datasets.add())).reason == "PROVIDER_TIMED_OUT"
        await chat.api.requests[0].left.wait()


async def test_slow_tool_is_told_to_the_model(start: Start) -> None:
    async with start(tool_seconds=0.2) as chat:
        chat.data.analysis.may_answer.clear()
        chat.api.script(uses(COUNT), says("시간 안에 세지 못했습니다."))
        done = await chat.ask(chat.data.datasets.add())
        assert done.answer.tool_calls[0].error.startswith("제시간에 끝나지 않았습니다.")


async def test_more_questions_than_are_answered_at_once_are_refused(start: Start) -> None:
    async with start(max_runs=1) as chat:
        gate = asyncio.Event()
        chat.api.script(says("답", gate=gate))
        first = asyncio.create_task(chat.ask(chat.data.datasets.add()))
        await chat.api.until_asked()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await chat.ask(chat.data.datasets.add())
        assert read_remote_error(raised.value).reason == "CHAT_BUSY"
        gate.set()
        await first


async def test_nothing_behind_the_chat_answers(start: Start) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    async with start(DATASET_TARGET=nobody) as chat:
        with no_limit_passed(), pytest.raises(grpc.aio.AioRpcError) as raised:
            await chat.ask(new_id())
        assert read_remote_error(raised.value).reason == "SERVICE_UNAVAILABLE"


async def test_turn_that_is_pending_too_long_reads_as_failed_and_can_be_retried(
    start: Start, database_url: str
) -> None:
    async with start() as chat:
        chat.api.script(fails(404, "not_found_error"), says("답"))
        dataset_id = chat.data.datasets.add()
        failed = await chat.fail(dataset_id)
        conversation_id = failed.conversation.conversation_id
        state = "status = 'pending', failure_reason = ''"
        execute(database_url, f"UPDATE chat.messages SET {state}, pending_since = now() - interval '140 seconds'")
        (young,) = (await chat.history(conversation_id)).messages
        execute(database_url, "UPDATE chat.messages SET pending_since = now() - interval '181 seconds'")
        (old,) = (await chat.history(conversation_id)).messages
        assert young.status == pb.MESSAGE_STATUS_PENDING
        assert (old.status, old.failure_reason) == (pb.MESSAGE_STATUS_FAILED, "ANSWER_CUT")
        await chat.ask(dataset_id, QUESTION, conversation_id=conversation_id, retry_of=old.message_id)


async def test_stop_of_the_service_keeps_what_was_said(start: Start) -> None:
    async with AsyncExitStack() as outside, AsyncExitStack() as inside:
        chat = await inside.enter_async_context(start(drain_seconds=0.1))
        # A channel that stays open, so that it is the service that ends the call.
        channel = await outside.enter_async_context(open_channel(chat.target, cap_seconds=PATIENCE_SECONDS))
        chat.messages = chat_pb2_grpc.ChatServiceStub(channel)
        chat.api.script(says("18시에 가장 많습", end="stall"))
        events = aiter(chat.send(chat.data.datasets.add()))
        conversation_id = (await anext(events)).start.conversation_id
        assert (await anext(events)).HasField("delta")
        await inside.aclose()
        with pytest.raises(grpc.aio.AioRpcError):
            [event async for event in events]
    async with start() as chat:
        _, answer = (await chat.history(conversation_id)).messages
        assert answer.status == pb.MESSAGE_STATUS_STOPPED
        assert "18시에 가장 많습".startswith(answer.content)


async def test_database_that_goes_away_in_the_middle_is_a_failure(
    postgres: Postgres, start: Start, database_url: str
) -> None:
    async with start(store_seconds=0.1) as chat:
        gate, dataset_id = asyncio.Event(), chat.data.datasets.add()
        chat.api.script(says("18시입니다.", gate=gate), says("18시입니다."))
        asking = asyncio.create_task(chat.fail(dataset_id))
        await chat.api.until_asked()
        postgres.drop_database(database_url)
        gate.set()
        failed = await asking
        assert (failed.reason, failed.HasField("conversation")) == ("DATABASE_UNAVAILABLE", False)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await chat.ask(dataset_id)
        assert read_remote_error(raised.value).reason == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize("store_seconds", [20.0, 0.01], ids=["back-in-time", "back-too-late"])
async def test_answer_is_stored_once_the_database_is_back(
    postgres: Postgres, start: Start, database_url: str, store_seconds: float
) -> None:
    async with start(store_seconds=store_seconds) as chat:
        gate = asyncio.Event()
        chat.api.script(says("18시입니다.", gate=gate))
        asking = asyncio.create_task(chat.events(chat.data.datasets.add(), QUESTION))
        await chat.api.until_asked()
        with capture_logs() as logs:
            with postgres.away(database_url):
                gate.set()
                if store_seconds < 1:
                    *_, end = await asking
                    assert end.failed.reason == "DATABASE_UNAVAILABLE"
                else:
                    await eventually(lambda: "answer_not_stored" in {log["event"] for log in logs})
            first, *_, last = await asking

        conversation_id = first.start.conversation_id
        await eventually(lambda: is_answered(chat, conversation_id))
        question, answer = (await chat.history(conversation_id)).messages
        assert (question.status, answer.content) == (pb.MESSAGE_STATUS_COMPLETE, "18시입니다.")
        assert last.WhichOneof("event") == ("failed" if store_seconds < 1 else "done")


async def test_failure_and_stop_are_stored_once_the_database_is_back(
    postgres: Postgres, start: Start, database_url: str
) -> None:
    async with start() as chat:
        gate, dataset_id = asyncio.Event(), chat.data.datasets.add()
        chat.api.script(replace(fails(404, "not_found_error"), gate=gate), says("18시에 가장 많", end="stall"))
        failing = asyncio.create_task(chat.events(dataset_id, QUESTION))
        await chat.api.until_asked()
        stopping = aiter(chat.send(dataset_id, "다른 질문"))
        stopped = (await anext(stopping)).start
        assert (await anext(stopping)).HasField("delta")
        with postgres.away(database_url):
            gate.set()
            first, *_ = await failing
            with pytest.raises(grpc.aio.AioRpcError):
                await chat.stop(stopped.question_id)

        for started in (first.start, stopped):
            await eventually(partial(is_settled, chat, started.conversation_id))


async def is_answered(chat: Chat, conversation_id: str) -> bool:
    return len((await chat.history(conversation_id)).messages) == 2


async def is_settled(chat: Chat, conversation_id: str) -> bool:
    statuses = {message.status for message in (await chat.history(conversation_id)).messages}
    return pb.MESSAGE_STATUS_PENDING not in statuses


def stored_states(database_url: str) -> set[str]:
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT status FROM chat.messages")
        found = {row[0] for row in cursor.fetchall()}
    connection.close()
    return found


def execute(database_url: str, statement: str) -> None:
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
