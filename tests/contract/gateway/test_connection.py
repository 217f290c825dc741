"""Clients that are slow, rude, gone, or speak no HTTP, over bare sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from gateway.admission import Admission
from gateway.connection import Connection
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.fake_services import FakeBatches, FakePredictions, FakeService
from tests.contract.gateway.running_gateway import Gateway, running_gateway
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

BODY = json.dumps(ACCIDENT_EXAMPLE).encode()
PREDICT = b"POST /api/predict/eclo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
SOON = 0.3
"""Seconds of the limit that a test waits for."""


class Client:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> httpx.Response:
        """Reads one answer with an announced length."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        content = await self._reader.readexactly(int(headers["content-length"]))
        return httpx.Response(int(status.split()[1]), headers=headers, content=content)

    async def exactly(self, expected: bytes) -> bytes:
        """Reads as many bytes as are expected."""
        return await self._reader.readexactly(len(expected))

    async def rest(self) -> bytes:
        """Reads until the gateway closes the connection."""
        try:
            return await self._reader.read()
        except ConnectionResetError:
            return b""

    async def has_been_reset(self) -> None:
        """Waits, without reading, until the gateway has cut the connection."""
        plug = self._writer.get_extra_info("socket")
        while not plug.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    def leave(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def connected(gateway: Gateway, buffer_bytes: int = 2**16) -> AsyncIterator[Client]:
    """Opens a connection that takes about `buffer_bytes` before anyone reads them."""
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    plug.connect((gateway.base_url.host, gateway.base_url.port))
    plug.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=plug, limit=buffer_bytes)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[Client]:
    async with connected(gateway) as client:
        yield client


@pytest.fixture
async def impatient(prediction: FakeService, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    """A gateway of which the one limit that `limited` names is short."""
    async with running_gateway(prediction_target=prediction.target, **{request.param: SOON}) as gateway:
        yield gateway


def limited(limit: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("impatient", [limit], indirect=True)


@asynccontextmanager
async def answered(gateway: Gateway) -> AsyncIterator[Client]:
    """Opens a connection and gets one answer on it; tries again where the machine was too slow for a short limit."""
    while True:
        async with connected(gateway) as client:
            await client.send(LIVE + b"\r\n")
            try:
                response = await client.answer()
            except (asyncio.IncompleteReadError, ConnectionError):
                continue
            assert response.status_code == 200
            yield client
            return


def posted(body: bytes, announced: int | None = None) -> bytes:
    return PREDICT + b"content-length: %d\r\n\r\n" % (len(body) if announced is None else announced) + body


async def answer_to(client: Client, data: bytes) -> tuple[int, str]:
    """Sends the data; returns the status of the answer and its code."""
    await client.send(data)
    response = await client.answer()
    return response.status_code, response.json().get("code", "")


# What is no HTTP


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,  # the begin of TLS
        b"GET /health/live HTTP/9.9\r\n\r\n",
        b"FOO /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /\xed\x95\x9c HTTP/1.1\r\nhost: localhost\r\n\r\n",
        LIVE + b"a b: c\r\n\r\n",
        LIVE + b": c\r\n\r\n",
        PREDICT + b"content-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        PREDICT + b"content-length: -1\r\n\r\n",
        PREDICT + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        PREDICT + b"transfer-encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
async def test_what_is_no_http_is_refused_in_our_shape_and_the_connection_closed(
    client: Client, predictions: FakePredictions, data: bytes
) -> None:
    await client.send(data)

    response = await client.answer()
    answer = response.json()
    assert (response.status_code, answer["code"]) == (400, "REQUEST_MALFORMED")
    assert answer["error"] == "올바른 HTTP 요청이 아닙니다."
    assert answer["request_id"] == response.headers["x-request-id"]
    assert response.headers["connection"] == "close"
    assert await client.rest() == b""
    assert not predictions.asked


async def test_old_protocol_and_an_upgrade_are_answered_as_any_other_request(client: Client) -> None:
    upgrade = LIVE + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n"
    assert await answer_to(client, upgrade) == (200, "")
    assert await answer_to(client, b"GET /health/live HTTP/1.0\r\nhost: localhost\r\n\r\n") == (200, "")
    assert await client.rest() == b""


async def test_requests_sent_at_once_are_answered_in_order(client: Client) -> None:
    hours = [json.dumps(ACCIDENT_EXAMPLE | {"accident_hour": hour}).encode() for hour in range(5)]
    await client.send(b"".join(posted(body) for body in hours))

    assert [(await client.answer()).json()["eclo"] for _ in hours] == [1.0, 2.0, 3.0, 4.0, 5.0]


async def test_connection_with_too_many_requests_sent_ahead_is_cut(
    client: Client, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    await client.send(posted(BODY) + (LIVE + b"\r\n") * 33)
    assert await client.rest() == b""


# Headers


@pytest.mark.parametrize(
    "headers", [b"x: " + b"a" * 33 * 1024, b"x: " + b"a" * 33 * 1024 + b"\r\n\r\n", b"x: y\r\n" * 6000 + b"\r\n"]
)
async def test_headers_that_are_too_large_are_refused(client: Client, headers: bytes) -> None:
    assert await answer_to(client, LIVE + headers) == (431, "HEADERS_TOO_LARGE")


async def test_headers_without_end_are_refused(client: Client) -> None:
    await client.send(LIVE)
    for _ in range(33):  # no more, or the answer could be lost: the gateway closes upon it
        await client.send(b"x: " + b"a" * 1000 + b"\r\n")
    assert (await client.answer()).status_code == 431


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (b"content-length: %d" % len(BODY), BODY, 200),
        (b"transfer-encoding: chunked", b"0\r\nx: " + b"a" * 33 * 1024, 431),  # a trailer without end
        (b"transfer-encoding: chunked", b"1;" + b"a" * 33 * 1024, 431),  # an extension without end
        (b"content-length: 1000000", None, 413),  # refused before it is sent
    ],
)
async def test_client_that_waits_for_leave_to_send_gets_it(
    client: Client, headers: bytes, body: bytes | None, status: int
) -> None:
    await client.send(PREDICT + headers + b"\r\nexpect: 100-continue\r\n\r\n")
    if body:
        assert await client.exactly(CONTINUE) == CONTINUE
        await client.send(body)
    assert (await client.answer()).status_code == status


@pytest.mark.parametrize(
    ("target", "hosts", "status"),
    [
        (b"/health/live", [b"localhost"], 200),
        (b"http://localhost/health/live", [b"localhost"], 200),
        (b"http://localhost/health/live", [], 400),
        (b"http://evil.example/health/live", [b"localhost"], 400),
        (b"http://evil.example/health/live", [b"evil.example"], 400),
        (b"http://localhost@evil.example/health/live", [b"localhost"], 400),
        (b"http://localhost:1?x=/health/live", [b"localhost"], 400),
        (b"http://localhost/health/live", [b"evil.example"], 400),
        (b"/health/live", [b"localhost", b"localhost"], 400),
        (b"/health/live", [b"evil.example", b"localhost"], 400),
        (b"/health/live", [], 400),
    ],
)
async def test_request_names_one_host_that_is_ours(
    client: Client, target: bytes, hosts: list[bytes], status: int
) -> None:
    await client.send(b"GET " + target + b" HTTP/1.1\r\n" + b"".join(b"host: %b\r\n" % h for h in hosts) + b"\r\n")
    assert (await client.answer()).status_code == status


@pytest.mark.parametrize("request_", [LIVE + b"\r\n", posted(BODY)])
async def test_request_in_pieces_is_put_together(client: Client, request_: bytes) -> None:
    for byte in request_:
        await client.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await client.answer()).status_code == 200


@limited("header_seconds")
@pytest.mark.parametrize("beginning", [b"", b"G", LIVE, LIVE + b"x: "])
async def test_headers_that_do_not_come_end_the_connection(impatient: Gateway, beginning: bytes) -> None:
    async with connected(impatient) as client:
        await client.send(beginning)
        assert await client.rest() == b""


async def drip(client: Client, data: bytes, until: asyncio.Task[Any]) -> None:
    """Sends the data again and again, never silent for long."""
    while not until.done():
        await client.send(data)
        await asyncio.wait((until,), timeout=SOON / 10)


@limited("header_seconds")
async def test_headers_that_come_too_slowly_end_the_connection(impatient: Gateway) -> None:
    async with connected(impatient) as client:
        rest = asyncio.create_task(client.rest())
        await drip(client, b"x", until=rest)
        assert b"200" not in rest.result()


@limited("header_seconds")
async def test_second_request_has_to_come_in_time_as_well(impatient: Gateway) -> None:
    async with answered(impatient) as client:
        await client.send(LIVE)
        assert await client.rest() == b""


async def test_connection_that_idles_is_closed() -> None:
    async with running_gateway(keep_alive_seconds=1) as gateway, answered(gateway) as client:
        assert await client.rest() == b""


# Bodies


@limited("stall_seconds")
async def test_body_that_stalls_is_given_up(impatient: Gateway, predictions: FakePredictions) -> None:
    async with connected(impatient) as client:
        assert await answer_to(client, posted(BODY[:-1], announced=len(BODY))) == (408, "BODY_TOO_SLOW")
    assert not predictions.asked


@limited("body_seconds")
async def test_body_that_drips_is_given_up(impatient: Gateway, predictions: FakePredictions) -> None:
    async with connected(impatient) as client:
        await client.send(posted(b"{", announced=10_000))
        answering = asyncio.create_task(client.answer())
        await drip(client, b" ", until=answering)
        assert answering.result().status_code == 408
    assert not predictions.asked


async def test_body_that_breaks_off_harms_nobody(client: Client, gateway: Gateway) -> None:
    await client.send(posted(BODY[:-1], announced=len(BODY)))
    client.leave()
    assert (await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE)).status_code == 200


async def test_body_that_was_refused_unread_may_still_be_sent(client: Client) -> None:
    body = b" " * 1_000_000
    await client.send(posted(body) + posted(BODY))

    refused, taken = await client.answer(), await client.answer()

    assert (refused.status_code, taken.status_code) == (413, 200)


@limited("stall_seconds")
async def test_body_of_a_request_that_needs_none_ends_the_connection_at_last(impatient: Gateway) -> None:
    async with connected(impatient) as client:
        await client.send(LIVE + b"content-length: 1000\r\n\r\n")  # and nothing comes
        assert (await client.answer()).status_code == 200
        assert await client.rest() == b""


# Too many


async def test_connection_whose_requests_are_refused_is_not_closed_under_them(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    limits = {"concurrent_requests": 1, "header_seconds": SOON, "keep_alive_seconds": 1}
    async with running_gateway(prediction_target=prediction.target, **limits) as gateway:
        async with answered(gateway) as former, connected(gateway) as new, answered(gateway) as silent:
            held = asyncio.create_task(gateway.get("/api/predictions"))
            await predictions.was_asked.wait()
            is_closed = asyncio.create_task(silent.rest())
            while not is_closed.done():
                for client in (former, new):
                    assert await answer_to(client, posted(BODY)) == (503, "SERVICE_BUSY")
        predictions.may_answer.set()
        assert (await held).status_code == 200


@pytest.fixture
async def full(prediction: FakeService, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    """A gateway that has no room for any request, and none for a second connection."""
    monkeypatch.setattr(Admission, "is_full", True)
    async with running_gateway(prediction_target=prediction.target, connections=1) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (b"Connection: close", (503, "SERVICE_BUSY")),
        (b"connection: TE, close", (503, "SERVICE_BUSY")),
        (b"transfer-encoding: chunked", (400, "REQUEST_MALFORMED")),  # a second length
    ],
)
async def test_connection_is_closed_as_the_client_or_http_asks_for_by_a_full_gateway_too(
    full: Gateway, header: bytes, answer: tuple[int, str]
) -> None:
    async with connected(full) as client:
        assert await answer_to(client, posted(BODY).replace(b"\r\n", b"\r\n" + header + b"\r\n", 1)) == answer
        assert await client.rest() == b""


@pytest.mark.parametrize("request_", [posted(BODY), LIVE.replace(b"/health/live", b"/api/predictions") + b"\r\n"])
async def test_connection_too_many_is_closed_by_a_full_gateway_too(full: Gateway, request_: bytes) -> None:
    async with connected(full), connected(full) as second:
        assert await answer_to(second, request_) == (503, "SERVICE_BUSY")
        assert await second.rest() == b""


async def test_request_that_waits_for_its_refusal_gets_it_at_a_stop(
    prediction: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Admission, "is_full", True)
    monkeypatch.setattr("gateway.connection._TICK_SECONDS", PATIENCE_SECONDS)
    waits = asyncio.Event()
    monkeypatch.setattr(Connection, "expect_nothing", lambda _connection: waits.set())
    async with AsyncExitStack() as stack:
        async with running_gateway(prediction_target=prediction.target) as gateway:
            client = await stack.enter_async_context(connected(gateway))
            await client.send(posted(BODY))
            await waits.wait()
        assert (await client.answer()).status_code == 503


async def test_refusals_tell_nothing_of_how_long_predictions_take(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = []
    monkeypatch.setattr(Admission, "observe", lambda _admission, seconds, _now: observed.append(seconds))
    assert (await gateway.post("/api/predict/eclo", json={})).is_client_error
    assert not observed
    assert (await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE)).is_success
    await eventually(lambda: len(observed) == 1)


async def test_connection_too_many_is_refused_in_words_and_closed(prediction: FakeService) -> None:
    async with running_gateway(prediction_target=prediction.target, connections=1) as gateway:
        async with connected(gateway) as first, connected(gateway) as second:
            assert await answer_to(first, LIVE + b"\r\n") == (200, "")
            assert await answer_to(second, LIVE + b"\r\n") == (503, "SERVICE_BUSY")
            assert await second.rest() == b""

        async def has_room() -> bool:
            return (await gateway.get("/health/live")).is_success

        await eventually(has_room)


# Answers


async def large_csv(gateway: Gateway) -> bytes:
    """Returns a request whose answer is larger than what a connection takes by itself."""
    longest = {name: "가" * 200 if isinstance(value, str) else value for name, value in ACCIDENT_EXAMPLE.items()}
    body = json.dumps({"accidents": [longest] * 2000}, ensure_ascii=False).encode()
    created = await gateway.post("/api/predict/eclo/batch", content=body, headers={"content-type": "application/json"})
    return f"GET {created.json()['results_url']}?format=csv HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()


@limited("stall_seconds")
@pytest.mark.parametrize("asks_for_more", [False, True])
async def test_answer_that_nobody_takes_is_cut_even_if_more_is_asked_for(
    gateway: Gateway,
    impatient: Gateway,
    batches: FakeBatches,
    monkeypatch: pytest.MonkeyPatch,
    asks_for_more: bool,
) -> None:
    waits_for_client = asyncio.Event()
    pause = Connection.pause_writing

    def pause_writing(connection: Connection) -> None:
        pause(connection)
        waits_for_client.set()

    monkeypatch.setattr(Connection, "pause_writing", pause_writing)
    request = await large_csv(gateway)
    async with connected(impatient, buffer_bytes=4096) as client:
        await client.send(request)
        await waits_for_client.wait()
        if asks_for_more:
            with suppress(ConnectionError):  # on a busy machine it has been cut by now
                await client.send(LIVE + b"\r\n")
        await client.has_been_reset()

    assert batches.parts_sent < 50  # of 100: what is not taken is not sent
