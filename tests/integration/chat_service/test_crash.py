"""The service as a process that is killed in the middle of an answer."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from servicekit.channel import open_channel
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.contract.chat_service.running_chat import stubs
from tests.patience import PATIENCE_SECONDS
from tests.processes import service
from tests.scripted_messages_api import ScriptedMessagesApi, says

METADATA = (("x-anthropic-api-key", "sk-ant-test-0000"),)


async def test_question_of_a_killed_service_is_failed_and_can_be_asked_again(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as exits:
        api = await exits.enter_async_context(ScriptedMessagesApi().running())
        data = await exits.enter_async_context(FakeDataServices().running())
        chat = service(
            "chat",
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            DATASET_TARGET=data.target,
            ANTHROPIC_BASE_URL=api.url,
        )
        exits.callback(chat.kill)
        await asyncio.to_thread(chat.start)
        channel = await exits.enter_async_context(open_channel(chat.target, cap_seconds=PATIENCE_SECONDS))
        messages, conversations = stubs(channel)
        dataset_id = data.datasets.add()
        api.script(says("18시에 가장 많", end="stall"), says("18시입니다."))

        events = aiter(
            messages.SendMessage(pb.SendMessageRequest(dataset_id=dataset_id, message="질문"), metadata=METADATA)
        )
        started = (await anext(events)).start
        assert (await anext(events)).HasField("delta")
        chat.kill()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            [event async for event in events]
        assert read_remote_error(raised.value).reason == "SERVICE_UNAVAILABLE"
        await api.requests[0].left.wait()

        await asyncio.to_thread(chat.start)
        await channel.channel_ready()
        request = pb.GetConversationRequest(conversation_id=started.conversation_id)
        (question,) = (await conversations.GetConversation(request)).messages
        assert (question.status, question.failure_reason) == (pb.MESSAGE_STATUS_FAILED, "ANSWER_CUT")
        again = pb.SendMessageRequest(
            dataset_id=dataset_id,
            message="질문",
            conversation_id=started.conversation_id,
            retry_of=started.question_id,
        )
        *_, last = [event async for event in messages.SendMessage(again, metadata=METADATA)]
        assert last.done.answer.content == "18시입니다."
