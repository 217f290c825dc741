"""`python -m gateway` as a process: starts, logs and stops as operators expect."""

import asyncio
import fcntl
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from scripts.benchmarks.processes import free_port
from tests.contract.gateway.fake_services import FakePredictions, FakeService
from tests.contract.gateway.running_gateway import NOBODY, Gateway
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

HISTORY = "/api/predictions"


@asynccontextmanager
async def gateway_process(
    target: str, stderr: int = asyncio.subprocess.PIPE, environment: Mapping[str, str] = {}
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Gateway]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway"),
        cwd=REPOSITORY,
        env={
            **os.environ,
            "GATEWAY_PORT": str(port),
            "PREDICTION_TARGET": target,
            "LOG_FORMAT": "json",
            **environment,
        },
        stderr=stderr,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            await eventually(lambda: is_alive(client))
            assert process.returncode is None
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def is_alive(client: Gateway) -> bool:
    try:
        return (await client.get("/health/live")).is_success
    except httpx.TransportError:  # refused, or cut off by the stop
        return False


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_stop_finishes_what_is_in_progress_and_is_no_failure(
    prediction: FakeService, predictions: FakePredictions, processes: str
) -> None:
    predictions.may_answer.clear()
    async with gateway_process(prediction.target, environment={"GATEWAY_PROCESSES": processes}) as (process, client):
        asking = asyncio.create_task(client.get(HISTORY))
        await predictions.was_asked.wait()
        process.terminate()
        while await is_alive(client):  # it takes nothing new from now on
            pass
        predictions.may_answer.set()

        assert (await asking).status_code == 200
        _, log = await process.communicate()

    assert process.returncode == 0
    events = [json.loads(line) for line in log.splitlines()]  # each line is one JSON object
    assert {event["program"] for event in events} == {"gateway"}
    (ended,) = [event for event in events if event["event"] == "request_ended"]
    assert (ended["path"], ended["status"]) == (HISTORY, 200)


async def test_client_that_leaves_costs_a_line_and_no_traceback() -> None:
    asked = [b"/docs/static/swagger-ui-bundle.js", b"/openapi.json", b"/docs"]
    async with gateway_process(NOBODY) as (process, client):
        for path in asked * 5:
            reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port, limit=1)
            writer.write((b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path) * 5)  # sends ahead
            await reader.readexactly(1)
            writer.transport.abort()
        assert await is_alive(client)
        process.send_signal(signal.SIGINT)
        _, log = await process.communicate()
    assert process.returncode == 0
    lines = log.splitlines()
    assert len([line for line in lines if b"request_ended" in line]) >= len(asked)
    assert not [line for line in lines if not line.startswith(b"{") or b"Traceback" in line or b'"error"' in line]


@pytest.mark.parametrize("reader", ["gone", "standing still"])
async def test_lines_that_nobody_reads_cost_no_request(
    prediction: FakeService, predictions: FakePredictions, reader: str
) -> None:
    reading, writing = os.pipe()
    if reader == "gone":
        os.close(reading)
    else:
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    async with gateway_process(prediction.target, writing) as (_, client):
        answers = [await client.get(HISTORY, headers={"Connection": "close"}) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    os.close(writing)
    if reader != "gone":
        os.close(reading)
