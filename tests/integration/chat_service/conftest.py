"""One chat service on real PostgreSQL and Valkey for the tests of a file; each test brings datasets of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from tests.contract.chat_service.running_chat import Chat, running_chat
from tests.real_servers import Postgres, ServerProcess


@pytest.fixture(scope="module")
async def running(postgres: Postgres, valkey: ServerProcess) -> AsyncIterator[Chat]:
    url = postgres.new_database()
    async with running_chat(url, valkey.url) as chat:
        yield chat
    postgres.drop_database(url)


Start = Callable[..., AbstractAsyncContextManager[Chat]]


@pytest.fixture
def start(database_url: str, redis_url: str) -> Start:
    """Starts a chat service of this test alone, with the settings that are given."""
    return partial(running_chat, database_url, redis_url)


@pytest.fixture
def chat(running: Chat) -> Chat:
    running.start_anew()
    return running
