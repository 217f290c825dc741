"""A key that can be recognised, through everything the service does, logged at DEBUG: it must turn up nowhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import psycopg2
import pytest
import redis
from daegu.chat.v1 import chat_pb2 as pb

from servicekit.channel import open_channel
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.contract.chat_service.running_chat import stubs
from tests.patience import PATIENCE_SECONDS
from tests.processes import Service, service
from tests.scripted_messages_api import ScriptedMessagesApi, ToolUse, fails, page, says, uses

CANARY = "c4n4ry7f3a9b"
KEY = f"sk-ant-api03-{CANARY}-of-a-person"
SERVER_CANARY = "s3rv3rc4n4ry"
COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})


@dataclass
class Running:
    """The service as a process, and what is round it."""

    program: Service
    api: ScriptedMessagesApi
    data: FakeDataServices
    messages: Any
    conversations: Any
    heard: list[str]

    async def ask(self, dataset_id: str, message: str, key: str = KEY, **fields: Any) -> Any:
        request = pb.SendMessageRequest(dataset_id=dataset_id, message=message, **fields)
        try:
            call = self.messages.SendMessage(request, metadata=(("x-anthropic-api-key", key),))
            events = [event async for event in call]
        except grpc.aio.AioRpcError as error:
            self.heard.append(f"{error!r} {error.trailing_metadata()}")
            return None
        self.heard += [str(event) for event in events]
        return events[-1]


@pytest.fixture
async def running(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with AsyncExitStack() as exits:
        api = await exits.enter_async_context(ScriptedMessagesApi().running())
        data = await exits.enter_async_context(FakeDataServices().running())
        program = service(
            "chat",
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            DATASET_TARGET=data.target,
            ANTHROPIC_BASE_URL=api.url,
            LOG_LEVEL="DEBUG",
            CHAT_RETRY_SECONDS="0",
            # What a careless operator may leave in the environment of the server.
            ANTHROPIC_API_KEY=f"sk-ant-{SERVER_CANARY}",
            ANTHROPIC_AUTH_TOKEN=SERVER_CANARY,
            ANTHROPIC_CUSTOM_HEADERS=f"Authorization: Bearer {SERVER_CANARY}\nX-Api-Key: {SERVER_CANARY}",
            ANTHROPIC_LOG="debug",
        )
        await asyncio.to_thread(program.start)
        exits.callback(program.kill)
        channel = await exits.enter_async_context(open_channel(program.target, cap_seconds=PATIENCE_SECONDS))
        messages, conversations = stubs(channel)
        yield Running(program, api, data, messages, conversations, [])


async def test_key_turns_up_nowhere(running: Running, database_url: str, redis_url: str, tmp_path: Path) -> None:
    dataset_id = running.data.datasets.add()
    await do_everything(running, dataset_id)

    in_database, in_redis = rows_of(database_url), values_of(redis_url)
    files = files_of(running, tmp_path)
    sent = json.dumps([request.body for request in running.api.requests])
    for place in (in_database, in_redis, *files.values(), sent, "".join(running.heard)):
        assert place
        assert CANARY not in place
    log = files[str(running.program.log)]
    assert '"call_failed"' in log  # an unforeseen fault was among it, with its traceback
    assert "대답입니다" in in_database
    assert "answer:" in in_redis
    assert "turn:" in in_redis
    # It went where it belongs, and no credential of the server did.
    assert {request.api_key for request in running.api.requests} == {KEY}
    headers = "".join(str(dict(request.headers)) for request in running.api.requests)
    assert SERVER_CANARY not in headers
    assert SERVER_CANARY not in log


async def do_everything(running: Running, dataset_id: str) -> None:
    """Asks, fails in every way that could repeat the key, stops, verifies, reads and exports."""
    api = running.api
    running.data.analysis.list_is_broken = True
    assert await running.ask(dataset_id, "아무도 내다보지 못한 고장") is None
    running.data.analysis.list_is_broken = False
    api.script(uses(COUNT, thinking="흠"), says("대답입니다."))
    done = await running.ask(dataset_id, "첫 질문")
    conversation_id = done.done.conversation.conversation_id
    await running.ask(dataset_id, "첫 질문")  # from the cache
    repeats_it = f"invalid key {KEY} given"
    for number, reply in enumerate(
        (
            fails(401, "authentication_error", repeats_it),
            fails(400, "invalid_request_error", repeats_it, {"x-your-key": KEY}),
            fails(429, "rate_limit_error", repeats_it),
            page(502, f"<html>{KEY}</html>"),
            page(200, f"<html>{KEY}</html>"),
            says("여기까", end="error", error_message=repeats_it),
            says("여기까", end="reset"),
            says("여기까", end="cut"),
        )
    ):
        api.script(reply)
        await running.ask(dataset_id, f"다음 질문 {number}", conversation_id=conversation_id)
    await running.ask(dataset_id, "꼴이 틀린 열쇠", key=f"{KEY} with spaces")
    await running.ask("no-id", "질문")
    api.script(says("여기까지만", end="stall"))
    call = running.messages.SendMessage(
        pb.SendMessageRequest(dataset_id=dataset_id, message="멈출 질문"), metadata=(("x-anthropic-api-key", KEY),)
    )
    question_id = ""
    async for event in call:
        question_id = event.start.question_id or question_id
        if event.HasField("delta"):
            break
    stopped = await running.messages.StopAnswer(pb.StopAnswerRequest(question_id=question_id))
    watching = running.messages.WatchAnswer(pb.WatchAnswerRequest(question_id=question_id))
    running.heard += [str(stopped), *[str(event) async for event in watching]]
    await api.requests[-1].left.wait()
    metadata = (("x-anthropic-api-key", KEY),)
    await running.messages.VerifyKey(pb.VerifyKeyRequest(), metadata=metadata)
    api.models_reply = fails(500, "api_error", repeats_it)
    await running.messages.VerifyKey(pb.VerifyKeyRequest(), metadata=metadata)
    for file_format in (pb.EXPORT_FORMAT_MARKDOWN, pb.EXPORT_FORMAT_NOTEBOOK):
        request = pb.ExportConversationRequest(conversation_id=conversation_id, format=file_format)
        exported = await running.conversations.ExportConversation(request)
        running.heard.append(exported.content.decode())


def files_of(running: Running, directory: Path) -> dict[str, str]:
    """Returns what the process wrote, and what the system tells everybody about it."""
    of_process = [Path(f"/proc/{running.program.pid}/{name}") for name in ("cmdline", "environ")]
    written = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes().decode("utf-8", "replace") for path in (*of_process, *written)}


def rows_of(url: str) -> str:
    """Returns every row of every table as text."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('chat', 'dataset', 'prediction', 'public')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT one::text FROM {table} AS one")
            rows += [row[0] for row in cursor.fetchall()]
    connection.close()
    return "\n".join(rows)


def values_of(url: str) -> str:
    """Returns every key and value of the databases in use as text."""
    found: list[str] = []
    for number in (0, 1):
        with redis.Redis.from_url(f"{url}/{number}") as client:
            for key in client.scan_iter("*"):
                value = client.get(key) if client.type(key) == b"string" else client.xrange(key)
                found += [key.decode(), str(value)]
    return "\n".join(found)
