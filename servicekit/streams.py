"""Streams that end when the process stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")


async def until(items: AsyncIterator[Item], stopping: asyncio.Event) -> AsyncIterator[Item]:
    """Yields the items until they end or `stopping` is set, whichever comes first."""
    stopped = asyncio.ensure_future(stopping.wait())
    following = asyncio.ensure_future(anext(items))
    try:
        while True:
            await asyncio.wait((following, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            try:
                item = following.result()
            except StopAsyncIteration:
                return
            yield item
            following = asyncio.ensure_future(anext(items))
    finally:
        stopped.cancel()
        # Not cancelled: gRPC would free the memory that its core still writes the message to (grpc/grpc#43360). The
        # read ends with its call, and so may its error.
        following.add_done_callback(lambda read: read.cancelled() or read.exception())
