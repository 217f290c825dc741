"""Several chat services as processes on one database and one Valkey: whichever is asked, it is one service."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import httpx
import orjson
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from chat_service.settings import ChatSettings
from servicekit.channel import open_channel
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.contract.chat_service.running_chat import KEY, Chat, stubs
from tests.contract.gateway.running_gateway import running_gateway
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS
from tests.processes import Service, service
from tests.real_servers import Postgres, ServerProcess
from tests.scripted_messages_api import ScriptedMessagesApi, says

STREAM = "/api/chat/message/stream"
HEADERS = {"X-Anthropic-API-Key": KEY}
Event = tuple[str, str, Mapping[str, Any]]
"""Id, name and fields of a server-sent event."""


@dataclass
class Replica:
    """One of the processes, and its door."""

    process: Service
    chat: Chat


@pytest.fixture(scope="module")
async def replicas(
    postgres: Postgres, valkey: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Replica]]:
    url, folder = postgres.new_database(), tmp_path_factory.mktemp("chat")
    async with AsyncExitStack() as running:
        running.callback(postgres.drop_database, url)
        api = await running.enter_async_context(ScriptedMessagesApi().running())
        data = await running.enter_async_context(FakeDataServices().running())
        environment: dict[str, Any] = {
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url,
            "DATASET_TARGET": data.target,
            "ANTHROPIC_BASE_URL": api.url,
        }
        found = []
        for name in ("one", "two", "three"):
            process = service("chat", folder / name, **environment)
            running.callback(process.kill)
            process.start(wait=False)
            channel = await running.enter_async_context(open_channel(process.target, cap_seconds=PATIENCE_SECONDS))
            settings = ChatSettings(**environment)
            found.append(Replica(process, Chat(api, data, settings, process.target, *stubs(channel))))
        for replica in found:
            await asyncio.to_thread(replica.process.wait_until_ready)
        yield found


@pytest.fixture
async def one(replicas: list[Replica]) -> Chat:
    for replica in replicas:
        await eventually(partial(_is_reached, replica.chat))
    replicas[0].chat.start_anew()
    return replicas[0].chat


async def _is_reached(chat: Chat) -> bool:
    try:
        await chat.conversations.ListConversations(pb.ListConversationsRequest())
    except grpc.aio.AioRpcError:
        return False
    return True


@pytest.fixture
async def client(replicas: list[Replica], one: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway in front of the first two."""
    targets = ",".join(replica.process.target for replica in replicas[:2])
    async with running_gateway(chat_target=targets, dataset_target=one.data.target) as client:
        yield client


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """Yields the events of a stream without the beats."""
    event_id = name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "id":
            event_id = value
        elif field == "event":
            name = value
        elif field == "data":
            yield event_id, name, orjson.loads(value)
            event_id = ""


async def ask(client: httpx.AsyncClient, dataset_id: str, message: str) -> list[Event]:
    """Asks over the gateway; returns all that happens."""
    body = {"dataset_id": dataset_id, "message": message}
    async with client.stream("POST", STREAM, json=body, headers=HEADERS) as response:
        assert response.status_code == 200, await response.aread()
        return [event async for event in events_of(response)]


async def test_answer_of_one_is_followed_and_stopped_at_another(replicas: list[Replica], one: Chat) -> None:
    two = replicas[1].chat
    one.api.script(says("18시에 가장 많", end="stall"))
    asking = aiter(one.send(one.data.datasets.add()))
    started = (await anext(asking)).start
    watching = two.watch(started.question_id)
    assert (await anext(watching)).start == started
    said = ""
    while said != "18시에 가장 많":
        said += (await anext(watching)).delta.text
    stopped = await two.stop(started.question_id)
    assert stopped.stopped.answer.content == said
    assert (await anext(watching)) == stopped == [event async for event in asking][-1]


async def test_equal_questions_at_two_are_asked_once(replicas: list[Replica], one: Chat) -> None:
    two, gate, dataset_id = replicas[1].chat, asyncio.Event(), one.data.datasets.add()
    one.api.script(says("18시입니다.", gate=gate))
    leading = asyncio.create_task(one.ask(dataset_id))
    await one.api.until_asked()
    following = asyncio.create_task(two.ask(dataset_id))
    listed = pb.ListConversationsRequest(dataset_id=dataset_id)
    await eventually(lambda: _are_asked(two, listed))
    gate.set()
    assert (await leading).answer.content == (await following).answer.content == "18시입니다."
    assert len(one.api.requests) == 1


async def _are_asked(chat: Chat, listed: pb.ListConversationsRequest) -> bool:
    return len((await chat.conversations.ListConversations(listed)).conversations) == 2


async def test_listener_that_broke_off_goes_on_wherever_it_comes(client: httpx.AsyncClient, one: Chat) -> None:
    gate, body = asyncio.Event(), {"dataset_id": one.data.datasets.add(), "message": "질문"}
    one.api.script(says("18시에 가장 많습니다.", gate=gate))
    async with client.stream("POST", STREAM, json=body, headers=HEADERS) as response:
        event_id, _, start = await anext(events_of(response))
    assert event_id
    await one.api.until_asked()
    gate.set()
    rests = []
    for _ in range(2):  # round robin: once at the owner
        headers = {"Last-Event-ID": event_id}
        async with client.stream("GET", f"/api/chat/questions/{start['question_id']}/stream", headers=headers) as rest:
            rests.append([(name, fields) async for _, name, fields in events_of(rest)])
    for rest_events in rests:
        *deltas, (end, done) = rest_events
        assert {name for name, _ in deltas} == {"delta"}
        assert end == "done"
        assert "".join(fields["text"] for _, fields in deltas) == done["response"] == "18시에 가장 많습니다."


async def test_answers_end_while_each_replica_is_restarted(
    replicas: list[Replica], client: httpx.AsyncClient, one: Chat
) -> None:
    for number, replica in enumerate(replicas[:2]):
        gate, dataset_id = asyncio.Event(), one.data.datasets.add()
        one.api.script(*[says("18시입니다.", gate=gate)] * 4, *[says("8시입니다.")] * 4)
        asked = len(one.api.requests)
        long = [asyncio.create_task(ask(client, dataset_id, f"긴 질문 {number} {at}")) for at in range(4)]
        await one.api.until_asked(asked + 4)
        stopping = asyncio.create_task(asyncio.to_thread(replica.process.stop))
        await eventually(partial(_is_draining, replica))
        for at in range(4):
            *_, (_, end, _) = await ask(client, dataset_id, f"짧은 질문 {number} {at}")
            assert end == "done"
        assert replica.process.is_running
        gate.set()
        assert [events[-1][1] for events in await asyncio.gather(*long)] == ["done"] * 4
        assert await stopping == 0
        await asyncio.to_thread(replica.process.start)
        await eventually(partial(_has_been_found, replica, client))


async def _has_been_found(replica: Replica, client: httpx.AsyncClient) -> bool:
    await client.get("/api/chat/conversations")  # round robin
    return replica.process.has_answered


def _is_draining(replica: Replica) -> bool:
    return "server_draining" in replica.process.log_tail()


async def test_turns_of_a_dead_and_of_a_sleeping_replica_fail_and_stay_so(replicas: list[Replica], one: Chat) -> None:
    sleeper, two, dead = replicas
    gate, dataset_id = asyncio.Event(), one.data.datasets.add()
    one.api.script(says("18시에 가장 많습니다.", gate=gate), says("8시", gate=gate), says("18시입니다."))
    slept = await sleeper.chat.begin(dataset_id, "하나")
    await one.api.until_asked(1)
    died = await dead.chat.begin(dataset_id, "둘")
    await one.api.until_asked(2)
    os.kill(sleeper.process.pid, signal.SIGSTOP)
    dead.process.kill()
    try:
        for started in (slept, died):
            *_, end = [event async for event in two.chat.watch(started.question_id)]
            assert end.failed.reason == "ANSWER_CUT"
    finally:
        os.kill(sleeper.process.pid, signal.SIGCONT)
    gate.set()
    *_, awake = [event async for event in sleeper.chat.watch(slept.question_id)]
    assert awake.failed.reason == "ANSWER_CUT"
    await eventually(lambda: _has_ended(sleeper, slept.question_id))
    for started in (slept, died):
        (question,) = (await two.chat.history(started.conversation_id)).messages
        assert (question.status, question.failure_reason) == (pb.MESSAGE_STATUS_FAILED, "ANSWER_CUT")
    again = await two.chat.ask(dataset_id, "둘", conversation_id=died.conversation_id, retry_of=died.question_id)
    assert again.answer.content == "18시입니다."


def _has_ended(replica: Replica, question_id: str) -> bool:
    """Tells whether the run of a question has ended, which the log says."""
    lines = replica.process.log.read_text().splitlines()
    return any("turn_ended" in line and question_id in line for line in lines)
