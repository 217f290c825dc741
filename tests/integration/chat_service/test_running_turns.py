"""A turn belongs to the service: callers leave, come back and watch; only a stop ends it."""

import asyncio
import gc
import threading
from typing import Any

import grpc
import pytest
from daegu.chat.v1 import chat_pb2 as pb
from pydantic import SecretStr

from chat_service.running_turn import RunningTurn
from chat_service.turn_store import TurnStore
from servicekit.ids import new_id
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.running_chat import KEY, Chat, kinds
from tests.eventually import eventually
from tests.integration.chat_service.conftest import Start
from tests.integration.chat_service.test_failures import execute
from tests.scripted_messages_api import ToolUse, fails, says, uses

COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})


async def watched(chat: Chat, question_id: str) -> list[pb.SendMessageResponse]:
    return [event async for event in chat.watch(question_id)]


def words(events: list[pb.SendMessageResponse]) -> str:
    return "".join(event.delta.text for event in events)


async def test_turn_goes_on_when_its_asker_leaves(chat: Chat) -> None:
    gate, dataset_id = asyncio.Event(), chat.data.datasets.add()
    chat.api.script(uses(COUNT), says("18시입니다.", gate=gate))
    started = await chat.begin(dataset_id)
    await chat.api.until_asked(2)
    listed = await chat.conversations.ListConversations(pb.ListConversationsRequest(dataset_id=dataset_id))
    assert [conversation.is_being_answered for conversation in listed.conversations] == [True]
    gate.set()
    events = await watched(chat, started.question_id)
    assert events[-1].done.answer.content == "18시입니다."
    assert not chat.api.requests[1].left.is_set()
    found = await chat.history(started.conversation_id)
    assert [message.status for message in found.messages] == [pb.MESSAGE_STATUS_COMPLETE] * 2
    assert not found.conversation.is_being_answered


async def test_turn_outlives_the_time_its_asker_would_wait(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.api.script(uses(COUNT), says("18시입니다.", gate=gate))
    request = pb.SendMessageRequest(dataset_id=chat.data.datasets.add(), message="질문")
    call = chat.messages.SendMessage(request, metadata=(("x-anthropic-api-key", KEY),), timeout=5.0)
    events = aiter(call)
    started = (await anext(events)).start
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        [event async for event in events]
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    gate.set()
    assert (await watched(chat, started.question_id))[-1].done.answer.content == "18시입니다."


async def test_watcher_sees_what_has_happened_and_then_what_happens(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.api.script(uses(COUNT, thinking="시간대를 세어 보자"), says("18시에 가장 많습니다.", gate=gate))
    started = await chat.begin(chat.data.datasets.add())
    await chat.api.until_asked(2)

    events = []
    async for event in chat.watch(started.question_id):
        events.append(event)
        if event.HasField("tool_end"):
            assert kinds(events) == ["start", "thinking", "tool_start", "tool_end"]
            assert len(events) == 4  # words that came one after the other are told at once
            gate.set()

    assert events[0].start == started
    assert events[1].thinking.text == "시간대를 세어 보자"
    assert kinds(events)[4:] == ["delta", "done"]
    assert words(events) == events[-1].done.answer.content == "18시에 가장 많습니다."


async def test_stop_from_elsewhere_closes_the_request_and_keeps_what_was_said(chat: Chat) -> None:
    chat.api.script(uses(COUNT), says("18시에 가장 많", end="stall"))
    asking = aiter(chat.send(chat.data.datasets.add()))
    started = (await anext(asking)).start
    watching = asyncio.create_task(watched(chat, started.question_id))
    while not (await anext(asking)).HasField("delta"):
        pass

    end, *others = await asyncio.gather(*(chat.stop(started.question_id) for _ in range(3)))

    assert others == [end] * 2
    await chat.api.requests[-1].left.wait()
    assert end.WhichOneof("event") == "stopped"
    question, answer = (await chat.history(started.conversation_id)).messages
    assert (question.status, answer.status) == (pb.MESSAGE_STATUS_COMPLETE, pb.MESSAGE_STATUS_STOPPED)
    assert answer.content
    assert "18시에 가장 많".startswith(answer.content)
    assert [call.name for call in answer.tool_calls] == ["get_temporal_pattern"]
    assert answer.token_usage.input == 1800  # also what the cut reply cost
    assert end.stopped.answer == answer
    assert not chat.data.datasets.held
    *_, told = [event async for event in asking]
    assert told == end == (await watching)[-1] == await chat.stop(started.question_id)


async def test_stop_while_a_failure_is_stored_leaves_everybody_with_the_failure(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_storing, may_store, is_stopped = threading.Event(), threading.Event(), asyncio.Event()
    fail_turn, stop_turn = TurnStore.fail_turn, RunningTurn.stop

    def fail_when_allowed(*args: Any) -> Any:
        is_storing.set()
        may_store.wait()
        return fail_turn(*args)

    async def stop_and_tell(turn: RunningTurn) -> None:
        is_stopped.set()
        await stop_turn(turn)

    monkeypatch.setattr(TurnStore, "fail_turn", fail_when_allowed)
    monkeypatch.setattr(RunningTurn, "stop", stop_and_tell)
    chat.api.script(fails(401, "authentication_error"))
    asking = aiter(chat.send(chat.data.datasets.add()))
    started = (await anext(asking)).start
    await asyncio.to_thread(is_storing.wait)
    stopping = asyncio.create_task(chat.stop(started.question_id))
    await is_stopped.wait()
    may_store.set()

    assert [event.failed.reason async for event in asking] == ["KEY_REFUSED"]
    assert (await stopping).failed.reason == "KEY_REFUSED"


async def test_what_has_ended_is_watched_and_stopped_as_it_ended(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(says("18시입니다."), fails(401, "authentication_error"))
    done = await chat.ask(dataset_id, "하나?")
    failed = await chat.fail(dataset_id, "둘?")
    answered = (await chat.history(done.conversation.conversation_id)).messages[0].message_id
    refused = (await chat.history(failed.conversation.conversation_id)).messages[0].message_id
    for question_id, kind in ((answered, "done"), (refused, "failed")):
        events = await watched(chat, question_id)
        assert kinds(events) == ["start", kind]
        assert await chat.stop(question_id) == events[-1]
    assert (await watched(chat, answered))[-1].done.answer == done.answer
    assert (await watched(chat, refused))[-1].failed.reason == "KEY_REFUSED"


async def test_question_that_is_unknown_or_no_id_is_refused(chat: Chat) -> None:
    for question_id, reason in ((new_id(), "QUESTION_NOT_FOUND"), ("x", "REQUEST_INVALID")):
        with pytest.raises(grpc.aio.AioRpcError) as watching:
            await watched(chat, question_id)
        with pytest.raises(grpc.aio.AioRpcError) as stopping:
            await chat.stop(question_id)
        assert {read_remote_error(raised.value).reason for raised in (watching, stopping)} == {reason}


async def test_turn_of_another_process_is_watched_to_its_end_and_can_be_given_up(
    start: Start, database_url: str
) -> None:
    async with start() as chat, start() as other:
        gate, dataset_id = asyncio.Event(), chat.data.datasets.add()
        chat.api.script(says("18시입니다.", gate=gate))
        started = await chat.begin(dataset_id)
        watching = other.watch(started.question_id)
        assert (await anext(watching)).HasField("start")
        await chat.api.until_asked()
        gate.set()
        events = [event async for event in watching]
        assert kinds(events) == ["delta", "done"]
        assert words(events) == events[-1].done.answer.content == "18시입니다."

        execute(database_url, "UPDATE chat.messages SET status = 'pending', pending_since = now() WHERE role = 'user'")
        execute(database_url, "DELETE FROM chat.messages WHERE role = 'assistant'")
        assert (await other.stop(started.question_id)).HasField("stopped")


async def test_listener_goes_on_at_another_process_where_it_was(start: Start) -> None:
    async with start() as chat, start() as other:
        gate = asyncio.Event()
        chat.api.script(uses(COUNT), says("18시에 가장 많습니다.", gate=gate))
        asking = aiter(chat.send(chat.data.datasets.add()))
        heard = [await anext(asking) for _ in range(2)]
        rest = other.watch(heard[0].start.question_id, after=heard[-1].event_id)
        gate.set()
        heard += [event async for event in rest if event.WhichOneof("event")]
        assert kinds(heard) == ["start", "tool_start", "tool_end", "delta", "done"]
        assert words(heard) == heard[-1].done.answer.content
        # And once it has ended: what was missed, and the end.
        again = [event async for event in other.watch(heard[0].start.question_id, after=heard[2].event_id)]
        assert not again[0].WhichOneof("event")
        assert kinds(again[1:]) == ["delta", "done"]
        assert words(again) == words(heard)


async def test_place_that_is_none_is_refused(chat: Chat) -> None:
    chat.api.script(says("18시입니다."))
    started = await chat.begin(chat.data.datasets.add())
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        [event async for event in chat.watch(started.question_id, after="nonsense")]
    assert read_remote_error(raised.value).reason == "REQUEST_INVALID"


async def test_key_is_in_memory_only_as_long_as_the_turn(chat: Chat) -> None:
    key = "sk-ant-test-remembered-8c21d7"

    def is_remembered() -> bool:
        gc.collect()
        secrets = (held for held in gc.get_objects() if isinstance(held, SecretStr))
        return any(secret.get_secret_value() == key for secret in secrets)

    dataset_id = chat.data.datasets.add()
    chat.api.script(says("답", end="stall"), fails(401, "authentication_error"), says("답"))
    started = await chat.begin(dataset_id, key=key)
    await chat.api.until_asked()
    assert is_remembered()
    await chat.stop(started.question_id)
    await chat.fail(dataset_id, key=key)
    await chat.ask(dataset_id, key=key)
    await eventually(lambda: not is_remembered())  # the turn ends behind its last event
