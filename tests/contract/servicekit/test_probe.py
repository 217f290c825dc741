"""The probe against the servers it is meant for."""

import asyncio
import os
import sys
from pathlib import Path

from servicekit.server import Server
from servicekit.settings import ServerSettings
from tests.contract.gateway.running_gateway import NOBODY, running_gateway

SERVICE = "daegu.chat.v1.ChatService"


async def probe(*arguments: str) -> tuple[int | None, str]:
    """Returns the exit code and what was said, of a process without site-packages."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-m", "servicekit.probe", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_service_is_well_by_its_name_while_its_dependency_works() -> None:
    async def works() -> None: ...

    async def is_away() -> None:
        raise ConnectionError("away")

    async with Server(
        ServerSettings(port=0, drain_seconds=0.0), {SERVICE: works, "database": is_away}
    ).running() as port:
        for name in (SERVICE, ""):  # the empty name asks for the process
            assert await probe(f"127.0.0.1:{port}", name) == (0, "")
        for name, why in (("database", "database is not serving"), ("no.such.Service", "refused")):
            code, said = await probe(f"127.0.0.1:{port}", name)
            assert (code, why in said) == (1, True)


async def test_what_does_not_answer_is_ill() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with (
        await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as silent,
        await asyncio.start_server(hang_up, "127.0.0.1", 0) as rude,
    ):
        silent_address, rude_address = (f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in (silent, rude))
        for address, why in ((NOBODY, "refused"), (silent_address, "timed out"), (rude_address, "")):
            code, said = await probe(address, SERVICE)
            assert (code, bool(said), why in said) == (1, True, True)


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
