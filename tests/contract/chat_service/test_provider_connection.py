"""The way out to the Messages API: an office's certificate and proxy, and in the log and in words why there is none."""

import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from tests.contract.chat_service.fake_data_services import FakeDataServices
from tests.contract.chat_service.test_anthropic_claude import claude_at, failure, reply_of
from tests.patience import PATIENCE_SECONDS
from tests.scripted_messages_api import ScriptedMessagesApi, says


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate of an unknown authority, and one that it gave to localhost."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("office")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-x509", "-days", "2"]
    ours = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost"]
    for name, how in (("ca", ["-subj", "/CN=Office"]), ("api", ["-subj", "/CN=localhost", *ours])):
        words = [*new, "-keyout", f"{name}.key", "-out", f"{name}.pem", *how]
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
async def api(office: Path) -> AsyncIterator[ScriptedMessagesApi]:
    api = ScriptedMessagesApi()
    api.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    api.tls.load_cert_chain(office / "api.pem", office / "api.key")
    async with api.running():
        yield api


class Proxy:
    """A proxy that tunnels, or refuses with a status."""

    def __init__(self, status: str = "200 Connection established") -> None:
        self.status = status
        self.asked: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Serves inside the block."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            self.url = f"http://clerk:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b" ")[1].decode())
        writer.write(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
        if self.status.startswith("200"):
            there = await asyncio.open_connection("127.0.0.1", int(self.asked[-1].rpartition(":")[2]))
            with suppress(ConnectionError):
                await asyncio.gather(_pass_on(reader, there[1]), _pass_on(there[0], writer))
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65_536):
        writer.write(part)
        await writer.drain()
    writer.close()


async def why_not(url: str, **settings: Any) -> tuple[str, dict[str, Any]]:
    """Returns as what a failure is told, and its line in the log."""
    claude = claude_at(url, **settings)
    with capture_logs() as logs:
        fact = (await failure(claude)).reason
    await claude.close()
    (line,) = (log for log in logs if log["event"] == "provider_unreachable")
    assert "secret" not in json.dumps(line)
    return fact, dict(line)


async def test_certificate_of_an_office_is_trusted_once_it_is_set(api: ScriptedMessagesApi, office: Path) -> None:
    fact, line = await why_not(api.url)
    assert (fact, line["cause"]) == ("PROVIDER_CERTIFICATE_UNKNOWN", "certificate")
    assert "issuer" in line["detail"]

    api.script(says("18시입니다."))
    claude = claude_at(api.url, SSL_CERT_FILE=office / "ca.pem")
    assert (await reply_of(claude)).stop_reason == "end_turn"
    await claude.close()


async def test_provider_is_reached_through_a_proxy(api: ScriptedMessagesApi, office: Path) -> None:
    async with Proxy().running() as proxy:
        for no_proxy, asked in (("", [f"localhost:{api.port}"]), ("example.com,localhost", [])):
            proxy.asked.clear()
            api.script(says("18시입니다."))
            claude = claude_at(api.url, SSL_CERT_FILE=office / "ca.pem", HTTPS_PROXY=proxy.url, NO_PROXY=no_proxy)
            assert (await reply_of(claude)).stop_reason == "end_turn"
            assert proxy.asked == asked
            await claude.close()


async def test_proxy_that_refuses_or_is_not_there_is_told(api: ScriptedMessagesApi) -> None:
    async with Proxy("407 Proxy Authentication Required").running() as proxy:
        fact, line = await why_not(api.url, HTTPS_PROXY=proxy.url)
    assert (fact, line["cause"]) == ("PROVIDER_PROXY_FAILED", "proxy")
    assert "407" in line["detail"]
    nobody = f"127.0.0.1:{free_port()}"
    fact, line = await why_not(api.url, HTTPS_PROXY=nobody)
    assert (fact, line["cause"], line["proxy"]) == ("PROVIDER_PROXY_FAILED", "refused", nobody)


async def test_name_that_is_not_known_and_port_where_nobody_listens_are_told() -> None:
    fact, line = await why_not("https://nobody.invalid")
    assert (fact, line["cause"]) == ("PROVIDER_UNREACHABLE", "dns")
    fact, line = await why_not(f"https://127.0.0.1:{free_port()}")
    assert (fact, line["cause"]) == ("PROVIDER_UNREACHABLE", "refused")


@pytest.mark.parametrize(
    "wrong", [{"SSL_CERT_FILE": __file__}, {"SSL_CERT_FILE": "/nowhere"}, {"HTTPS_PROXY": "socks5://a"}]
)
def test_setting_that_cannot_work_is_refused_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        claude_at("https://localhost", **wrong)


async def test_our_own_services_are_called_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with FakeDataServices().running() as data, open_channel(data.target, cap_seconds=PATIENCE_SECONDS) as channel:
        await channel.channel_ready()
        assert channel.get_state() is grpc.ChannelConnectivity.READY
