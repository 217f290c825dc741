"""The wiring of the chat service: builds the objects, passes them on, serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from daegu.chat.v1 import chat_pb2, chat_pb2_grpc

from chat_service.servicer import ChatServicer
from chat_service.settings import ChatSettings
from servicekit.database import create_engine, ping
from servicekit.server import Server

_CHAT = chat_pb2.DESCRIPTOR.services_by_name["ChatService"].full_name


@asynccontextmanager
async def chat_server(settings: ChatSettings) -> AsyncIterator[Server]:
    """Yields the server with everything behind it, ready to run; closes it all in reverse order."""
    engine = create_engine(settings)

    async def database_answers() -> None:
        await asyncio.to_thread(ping, engine)

    server = Server(settings, {_CHAT: database_answers, "database": database_answers})
    server.add(chat_pb2_grpc.add_ChatServiceServicer_to_server, ChatServicer(), _CHAT)
    try:
        yield server
    finally:
        engine.dispose()


async def run(settings: ChatSettings) -> None:
    """Serves until told to stop."""
    async with chat_server(settings) as server:
        await server.run_until_told_to_stop()
