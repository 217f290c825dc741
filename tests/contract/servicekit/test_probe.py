"""The probe against the servers it is meant for."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from servicekit.server import Server
from servicekit.settings import ServerSettings
from tests.contract.gateway.running_gateway import NOBODY, running_gateway

SERVICE = "daegu.chat.v1.ChatService"


class Switch:
    """A dependency that works or not."""

    def __init__(self) -> None:
        self.works = True

    async def __call__(self) -> None:
        if not self.works:
            raise ConnectionError("away")


@pytest.fixture
def dependency() -> Switch:
    return Switch()


@pytest.fixture
async def address(dependency: Switch) -> AsyncIterator[str]:
    server = Server(ServerSettings(port=0, drain_seconds=0.0), {SERVICE: dependency})
    async with server.running() as port:
        yield f"127.0.0.1:{port}"


async def probe(*arguments: str) -> tuple[int | None, str]:
    """Returns the exit code and what was said, of a process without site-packages."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-m", "servicekit.probe", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_service_that_serves_is_well(address: str) -> None:
    assert await probe(address, SERVICE) == (0, "")


async def test_process_is_asked_by_the_empty_name(address: str) -> None:
    assert await probe(address, "") == (0, "")


async def test_service_whose_dependency_is_away_is_ill(address: str, dependency: Switch) -> None:
    dependency.works = False
    code, said = await probe(address, SERVICE)
    assert code == 1
    assert f"{SERVICE} is not serving" in said


async def test_unknown_name_is_ill(address: str) -> None:
    code, said = await probe(address, "no.such.Service")
    assert (code, "refused" in said) == (1, True)


async def test_nobody_is_ill() -> None:
    code, said = await probe(NOBODY, SERVICE)
    assert (code, "refused" in said) == (1, True)


async def test_one_that_accepts_and_says_nothing_is_ill() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as silent:
        code, said = await probe(f"127.0.0.1:{silent.sockets[0].getsockname()[1]}", SERVICE)
    assert (code, "timed out" in said) == (1, True)


async def test_one_that_hangs_up_is_ill() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        code, said = await probe(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", SERVICE)
    assert code == 1
    assert said


async def test_gateway_that_lives_is_well_and_one_that_is_unhealthy_is_ill() -> None:
    async with running_gateway() as client:
        assert await probe(f"{client.base_url}/health/live") == (0, "")
        code, said = await probe(f"{client.base_url}/health")
    assert (code, "503" in said) == (1, True)


async def test_sign_of_life_must_be_fresh(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    code, said = await probe(str(sign), "1000")
    assert (code, "No such file" in said) == (1, True)
    sign.touch()
    assert await probe(str(sign), "1000") == (0, "")
    os.utime(sign, (0, 0))
    code, said = await probe(str(sign), "1000")
    assert (code, " s ago" in said) == (1, True)


async def test_wrong_use_explains_itself() -> None:
    code, said = await probe()
    assert (code, "python -m servicekit.probe" in said) == (2, True)
