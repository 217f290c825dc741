import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence

import pytest
from pydantic import SecretStr

from chat_service.answers import Delta
from chat_service.claude import AvailableModel, LateClaude, Part, Prompt, Reply, Turn

KEY = SecretStr("sk-ant-test-0000")
PROMPT = Prompt("m", (), "s", "d")


class Ready:
    """A model that is there at once."""

    def __init__(self) -> None:
        self.is_closed = False

    async def stream(
        self, api_key: SecretStr, prompt: Prompt, messages: Sequence[Turn], *, may_use_tools: bool = True
    ) -> AsyncGenerator[Part, None]:
        yield Delta("답" if may_use_tools else "도구 없이 답")
        yield Reply("end_turn", (), ())

    async def models(self, api_key: SecretStr) -> list[AvailableModel]:
        return [AvailableModel("m", "M")]

    async def close(self) -> None:
        self.is_closed = True


async def test_library_is_loaded_once_and_off_the_loop() -> None:
    threads, ready = list[int](), Ready()

    def load() -> Ready:
        threads.append(threading.get_ident())
        return ready

    late = LateClaude(load)
    assert threads == []
    first, second = await asyncio.gather(late.models(KEY), late.models(KEY))
    parts = [part async for part in late.stream(KEY, PROMPT, ())]
    without_tools = [part async for part in late.stream(KEY, PROMPT, (), may_use_tools=False)]
    assert first == second == [AvailableModel("m", "M")]
    assert (parts[0], without_tools[0]) == (Delta("답"), Delta("도구 없이 답"))
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()
    await late.close()
    assert ready.is_closed


async def test_what_was_never_asked_for_is_never_loaded() -> None:
    def load() -> Ready:
        pytest.fail("nobody asked")

    await LateClaude(load).close()
