"""A server as all services run it, called over a real port."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import structlog
from daegu.chat.v1 import chat_pb2, chat_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from servicekit import call_context
from servicekit.channel import open_channel
from servicekit.errors import FieldViolation, Refused
from servicekit.remote_errors import RemoteError, read_remote_error
from servicekit.server import Server
from servicekit.settings import ServerSettings
from tests.patience import PATIENCE_SECONDS

SERVICE = "daegu.chat.v1.ChatService"
REQUEST = chat_pb2.VerifyKeyRequest()


class ScriptedChat(chat_pb2_grpc.ChatServiceServicer):
    """Does what the test says, and remembers what it saw."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.request_ids: list[str] = []
        self.times_left: list[float] = []
        self.entered = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def VerifyKey(self, request: Any, context: Any) -> chat_pb2.VerifyKeyResponse:
        self.request_ids.append(call_context.request_id.get())
        self.times_left.append(call_context.time_left(PATIENCE_SECONDS))
        self.entered.set()
        await self.may_answer.wait()
        if self.errors:
            raise self.errors.pop(0)
        return chat_pb2.VerifyKeyResponse(state=chat_pb2.KEY_STATE_VALID)


class Switch:
    """A dependency that works or not."""

    def __init__(self) -> None:
        self.works = True

    async def __call__(self) -> None:
        if not self.works:
            raise ConnectionError("away")


@pytest.fixture
def chat() -> ScriptedChat:
    return ScriptedChat()  # type: ignore[abstract]  # the rest is not called


@pytest.fixture
def database() -> Switch:
    return Switch()


@pytest.fixture
async def channel(chat: ScriptedChat, database: Switch) -> AsyncIterator[grpc.aio.Channel]:
    server = Server(ServerSettings(port=0, drain_seconds=PATIENCE_SECONDS), {SERVICE: database, "database": database})
    server.add(chat_pb2_grpc.add_ChatServiceServicer_to_server, chat, SERVICE)
    async with server.running() as port:
        channel = open_channel(f"127.0.0.1:{port}", cap_seconds=PATIENCE_SECONDS, retryable=[SERVICE])
        async with channel:
            yield channel


async def failure(call: Any) -> RemoteError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return read_remote_error(raised.value)


async def test_domain_error_arrives_with_reason_facts_and_violations(
    channel: grpc.aio.Channel, chat: ScriptedChat
) -> None:
    violation = FieldViolation("conversation_id", "ID_INVALID", "not a UUID")
    chat.errors.append(Refused("REQUEST_INVALID", "No.", violations=(violation,), given="x"))

    error = await failure(chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST))

    assert error == RemoteError(
        grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID", "No.", {"given": "x"}, (violation,)
    )
    assert len(chat.request_ids) == 1  # not tried again


async def test_unforeseen_fault_is_internal_and_keeps_its_text_to_itself(
    channel: grpc.aio.Channel, chat: ScriptedChat
) -> None:
    chat.errors.append(ValueError("a secret detail"))

    error = await failure(chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST))

    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in error.message


async def test_unavailable_is_tried_again_and_succeeds(channel: grpc.aio.Channel, chat: ScriptedChat) -> None:
    chat.errors += [Refused("DATABASE_UNAVAILABLE", "away")] * 2

    answer = await chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST)

    assert answer.state == chat_pb2.KEY_STATE_VALID
    assert len(chat.request_ids) == 3


async def test_request_id_and_time_left_reach_the_service(channel: grpc.aio.Channel, chat: ScriptedChat) -> None:
    call_context.request_id.set("request-1")
    call_context.set_time_left(100.0)

    await chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST)

    assert chat.request_ids == ["request-1"]
    assert 0 < chat.times_left[0] < 101  # gRPC rounds deadlines up on the wire


async def test_call_ends_when_its_callers_time_is_up(channel: grpc.aio.Channel, chat: ScriptedChat) -> None:
    chat.may_answer.clear()
    call_context.set_time_left(0.2)

    error = await failure(chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST))

    assert (error.code, error.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED")


async def test_health_tells_the_truth_about_a_dependency(channel: grpc.aio.Channel, database: Switch) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    database.works = False

    answer = await health.List(health_pb2.HealthListRequest())

    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
    statuses = {name: status.status for name, status in answer.statuses.items()}
    assert statuses == {"": serving, SERVICE: not_serving, "database": not_serving}
    error = await failure(health.Check(health_pb2.HealthCheckRequest(service="no.such.Service")))
    assert error.code == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_the_service_under_both_names(channel: grpc.aio.Channel, version: str) -> None:
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    answers = call(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    names = {service.name async for answer in answers for service in answer.list_services_response.service}
    assert SERVICE in names


async def test_stop_finishes_the_calls_under_way_and_takes_no_new_ones(chat: ScriptedChat) -> None:
    async def works() -> None: ...

    server = Server(ServerSettings(port=0, leave_seconds=1.0, drain_seconds=PATIENCE_SECONDS), {SERVICE: works})
    server.add(chat_pb2_grpc.add_ChatServiceServicer_to_server, chat, SERVICE)
    serving = server.running()
    port = await serving.__aenter__()
    async with open_channel(f"127.0.0.1:{port}", cap_seconds=PATIENCE_SECONDS) as channel:
        chat.may_answer.clear()
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        under_way = asyncio.ensure_future(stub.VerifyKey(REQUEST))
        await chat.entered.wait()

        stop = asyncio.ensure_future(serving.__aexit__(None, None, None))
        await channel.wait_for_state_change(grpc.ChannelConnectivity.READY)  # the sender has been told
        refused = await failure(stub.VerifyKey(REQUEST))
        chat.may_answer.set()

        assert (await under_way).state == chat_pb2.KEY_STATE_VALID
        assert refused.code == grpc.StatusCode.UNAVAILABLE
        await stop


async def test_success_of_a_routine_call_is_no_news_but_its_failure_is(chat: ScriptedChat) -> None:
    server = Server(ServerSettings(port=0), {}, routine=("VerifyKey",))
    server.add(chat_pb2_grpc.add_ChatServiceServicer_to_server, chat, SERVICE)
    with structlog.testing.capture_logs() as lines:
        async with server.running() as port, open_channel(f"127.0.0.1:{port}", cap_seconds=PATIENCE_SECONDS) as channel:
            await chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST)
            chat.errors.append(Refused("REQUEST_INVALID", "A field is wrong."))
            with pytest.raises(grpc.aio.AioRpcError):
                await chat_pb2_grpc.ChatServiceStub(channel).VerifyKey(REQUEST)
    ended = [line for line in lines if line["event"] == "call_ended"]
    assert [(line["code"], line["log_level"]) for line in ended] == [("OK", "debug"), ("INVALID_ARGUMENT", "info")]
