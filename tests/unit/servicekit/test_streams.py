import asyncio
from collections.abc import AsyncIterator

import pytest

from servicekit.streams import until


async def numbers(*, then_wait: asyncio.Event | None = None) -> AsyncIterator[int]:
    for number in range(3):
        yield number
    if then_wait:
        await then_wait.wait()


async def test_until_yields_everything_when_nobody_stops() -> None:
    assert [number async for number in until(numbers(), asyncio.Event())] == [0, 1, 2]


async def test_until_ends_a_waiting_stream_when_told_to_stop() -> None:
    stopping, waiting = asyncio.Event(), asyncio.Event()
    seen = []
    items = numbers(then_wait=waiting)
    async for number in until(items, stopping):
        seen.append(number)
        if number == 2:
            stopping.set()
    assert seen == [0, 1, 2]
    with pytest.raises(RuntimeError, match="already running"):  # the pending read was not cancelled
        await anext(items)
    waiting.set()
