"""The chat service in this process, on a free port, between made-up data and a scripted Messages API."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc
from pydantic import SecretStr

from chat_service import anthropic_claude  # noqa: F401 - its library takes seconds to import: here, not in a test
from chat_service.app import chat_server
from chat_service.settings import ChatSettings
from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.patience import PATIENCE_SECONDS
from tests.scripted_messages_api import ScriptedMessagesApi

KEY = "sk-ant-test-canary-5b1f0c"
"""The key that tests ask with. It must turn up nowhere."""


@dataclass
class Chat:
    """A running chat service with all that is round it."""

    api: ScriptedMessagesApi
    data: FakeDataServices
    settings: ChatSettings
    target: str
    messages: Any
    conversations: Any

    def start_anew(self) -> None:
        """Makes what is round the service forget; what it stored stays."""
        self.api.start_anew()
        self.data.analysis.start_anew()
        self.data.datasets.refusal = None

    def send(self, dataset_id: str, message: str = "사고가 가장 많은 시간대는?", key: str = KEY, **fields: Any) -> Any:
        """Asks a question; returns the call, which is a stream."""
        request = pb.SendMessageRequest(dataset_id=dataset_id, message=message, **fields)
        return self.messages.SendMessage(request, metadata=(("x-anthropic-api-key", key),) if key else ())

    async def ask(self, dataset_id: str, message: str = "사고가 가장 많은 시간대는?", **fields: Any) -> pb.Done:
        """Asks a question and returns the whole answer."""
        last = (await self.events(dataset_id, message, **fields))[-1]
        assert last.WhichOneof("event") == "done", last
        return last.done

    async def fail(self, dataset_id: str, message: str = "사고가 가장 많은 시간대는?", **fields: Any) -> pb.Failed:
        """Asks a question that will not be answered."""
        last = (await self.events(dataset_id, message, **fields))[-1]
        assert last.WhichOneof("event") == "failed", last
        return last.failed

    async def events(self, dataset_id: str, message: str, **fields: Any) -> list[pb.SendMessageResponse]:
        """Asks a question and returns all that happens."""
        return [event async for event in self.send(dataset_id, message, **fields)]

    async def begin(self, dataset_id: str, message: str = "사고가 가장 많은 시간대는?", **fields: Any) -> pb.Started:
        """Asks a question and leaves as soon as it is stored."""
        call = self.send(dataset_id, message, **fields)
        started: pb.Started = (await anext(aiter(call))).start
        call.cancel()
        return started

    async def watch(self, question_id: str, after: str = "") -> AsyncGenerator[pb.SendMessageResponse]:
        """Yields what happens while a question is answered, behind an event."""
        async for response in self.messages.WatchAnswer(pb.WatchAnswerRequest(question_id=question_id, after=after)):
            yield response.event

    async def stop(self, question_id: str) -> pb.SendMessageResponse:
        """Stops the answering of a question; returns how it ended."""
        answer: pb.StopAnswerResponse = await self.messages.StopAnswer(pb.StopAnswerRequest(question_id=question_id))
        return answer.end

    async def history(self, conversation_id: str) -> pb.GetConversationResponse:
        """Returns a conversation as it is stored."""
        request = pb.GetConversationRequest(conversation_id=conversation_id)
        answer: pb.GetConversationResponse = await self.conversations.GetConversation(request)
        return answer


def kinds(events: Sequence[pb.SendMessageResponse]) -> list[str]:
    """Returns what happened, equal neighbours once."""
    found = [str(event.WhichOneof("event")) for event in events]
    return [kind for at, kind in enumerate(found) if at == 0 or found[at - 1] != kind]


def stubs(channel: grpc.aio.Channel) -> tuple[Any, Any]:
    """Returns the stubs of both services: messages, conversations."""
    return chat_pb2_grpc.ChatServiceStub(channel), chat_pb2_grpc.ConversationServiceStub(channel)


@asynccontextmanager
async def running_chat(database_url: str, redis_url: str, **settings: Any) -> AsyncIterator[Chat]:
    """Yields the service; `settings` change those of the service by name."""
    async with ScriptedMessagesApi().running() as api, FakeDataServices().running() as data:
        chat_settings = ChatSettings(
            **{
                "port": free_port(),  # never one again whose old server a channel remembers
                "leave_seconds": 0.0,
                "drain_seconds": 0.5,
                "retry_seconds": 0.0,
                "DATABASE_URL": SecretStr(database_url),
                "REDIS_URL": SecretStr(redis_url),
                "DATASET_TARGET": data.target,
                "ANTHROPIC_BASE_URL": api.url,
                **settings,
            }
        )
        async with chat_server(chat_settings) as server, server.running() as port:
            target = f"127.0.0.1:{port}"
            channel: grpc.aio.Channel = open_channel(target, cap_seconds=PATIENCE_SECONDS)
            async with channel:
                yield Chat(api, data, chat_settings, target, *stubs(channel))
