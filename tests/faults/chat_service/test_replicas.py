"""Two chat services as processes on one database and one Valkey: whichever is asked, it is one service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from chat_service.settings import ChatSettings
from servicekit.channel import open_channel
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.contract.chat_service.running_chat import Chat, stubs
from tests.patience import PATIENCE_SECONDS
from tests.processes import Service, service
from tests.real_servers import Postgres, ServerProcess
from tests.scripted_messages_api import ScriptedMessagesApi, says


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
        for name in ("one", "two"):
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
def one(replicas: list[Replica]) -> Chat:
    replicas[0].chat.start_anew()
    return replicas[0].chat


@pytest.fixture
def two(replicas: list[Replica]) -> Chat:
    return replicas[1].chat


# Last: the process stays dead.


async def test_question_of_a_killed_replica_fails_at_the_other_one_and_can_be_asked_again(
    replicas: list[Replica], one: Chat, two: Chat
) -> None:
    dataset_id = one.data.datasets.add()
    one.api.script(says("18시에 가장 많", end="stall"), says("18시입니다."))
    asking = aiter(one.send(dataset_id))
    started = (await anext(asking)).start
    assert (await anext(asking)).HasField("delta")
    replicas[0].process.kill()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        [event async for event in asking]
    assert read_remote_error(raised.value).reason == "SERVICE_UNAVAILABLE"

    *_, end = [event async for event in two.watch(started.question_id)]
    assert end.failed.reason == "ANSWER_CUT"
    again = await two.ask(dataset_id, conversation_id=started.conversation_id, retry_of=started.question_id)
    assert again.answer.content == "18시입니다."
