"""Notifications of PostgreSQL on the event loop, without a thread."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import psycopg2
import psycopg2.extensions
import structlog

from servicekit.database import connection_arguments
from servicekit.settings import DatabaseSettings

_AGAIN_SECONDS = 0.5

log = structlog.get_logger()


async def notifications(settings: DatabaseSettings, channel: str) -> AsyncIterator[str | None]:
    """Yields the payload of each notification of a channel and reconnects when the connection is lost.

    Yields None at each connection: from then on nothing is missed, but before it something may have been.
    """
    while True:
        try:
            url = settings.database_url.get_secret_value()
            arguments: dict[str, Any] = connection_arguments(settings)
            with closing(psycopg2.connect(url, async_=True, **arguments)) as connection:
                async with asyncio.timeout(settings.database_connect_seconds):
                    await finish(connection)
                    cursor = connection.cursor()  # kept: psycopg2 needs it until the statement is over
                    cursor.execute(f'LISTEN "{channel}"')
                    await finish(connection)
                yield None
                while True:
                    while connection.notifies:
                        yield connection.notifies.pop(0).payload
                    await _ready(connection)
                    connection.poll()
        except (psycopg2.Error, TimeoutError) as error:
            log.warning("notifications_interrupted", channel=channel, error=repr(error))
            await asyncio.sleep(_AGAIN_SECONDS)


async def finish(connection: Any) -> None:
    """Waits on the event loop until libpq has completed the current operation."""
    while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
        await _ready(connection, writing=state == psycopg2.extensions.POLL_WRITE)


async def _ready(connection: Any, *, writing: bool = False) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    descriptor = connection.fileno()
    watch, unwatch = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    watch(descriptor, _resolve, ready)
    try:
        await ready
    finally:
        unwatch(descriptor)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
