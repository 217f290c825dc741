"""`GATEWAY_PROCESSES`: several processes behind one port, of which one may die or be replaced."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import psutil
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from gateway.settings import GatewaySettings
from scripts.benchmarks.processes import free_port
from tests.contract.gateway.fake_services import FakePredictions, FakeService
from tests.contract.gateway.running_gateway import Gateway
from tests.contract.gateway.test_process import HISTORY, gateway_process
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

PEOPLE = 6
# Between two requests of one of them: without it they take the processor from what starts.
READS_SECONDS = 0.01
PREDICT = "/api/predict/eclo"


@dataclass(frozen=True)
class Group:
    process: asyncio.subprocess.Process
    client: Gateway
    metrics: Gateway


@dataclass
class People:
    """Who keeps predicting, each on a connection of their own that is opened again if it breaks."""

    answered: int = 0
    broken: list[httpx.TransportError] = field(default_factory=list)

    async def are_answered_more(self) -> None:
        enough = self.answered + 10 * PEOPLE
        await eventually(lambda: self.answered >= enough)


@asynccontextmanager
async def people(gateway: Gateway) -> AsyncIterator[People]:
    they = People()
    is_over = asyncio.Event()

    async def repeat() -> None:
        async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False, timeout=None) as own:
            while not is_over.is_set():
                try:
                    (await own.post(PREDICT, json=ACCIDENT_EXAMPLE)).raise_for_status()
                    they.answered += 1
                except httpx.TransportError as error:
                    they.broken.append(error)
                await asyncio.sleep(READS_SECONDS)

    asking = [asyncio.create_task(repeat()) for _ in range(PEOPLE)]
    await they.are_answered_more()
    yield they
    is_over.set()
    await asyncio.gather(*asking)


def members(parent: int) -> list[int]:
    return [child.pid for child in psutil.Process(parent).children()]


async def requests_of(metrics: Gateway) -> dict[str, float]:
    """Returns how many requests each process has answered."""
    counts: dict[str, float] = {}
    for line in (await metrics.get("/metrics")).text.splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("http_request_seconds_count{"):
            number = name.partition('process="')[2].partition('"')[0]
            counts[number] = counts.get(number, 0.0) + float(value)
    return counts


@pytest.fixture(scope="module")
async def group(prediction: FakeService) -> AsyncIterator[Group]:
    """A gateway of two processes; the tests change which they are."""
    port = free_port()
    settings = {"GATEWAY_PROCESSES": "2", "GATEWAY_METRICS_PORT": str(port)}
    async with (
        gateway_process(prediction.target, asyncio.subprocess.DEVNULL, settings) as (process, client),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_SECONDS) as metrics,
    ):
        await eventually(lambda: len(members(process.pid)) == 2)
        yield Group(process, client, metrics)


async def test_both_answer_and_one_page_has_the_metrics_of_each(group: Group) -> None:
    answered = 0
    while len(await requests_of(group.metrics)) < 2:
        (await group.client.get(HISTORY, headers={"Connection": "close"})).raise_for_status()
        answered += 1
    assert sum((await requests_of(group.metrics)).values()) == answered
    page = (await group.metrics.get("/metrics")).text
    limits = [float(line.split()[-1]) for line in page.splitlines() if line.startswith("http_requests_let_in{")]
    assert limits == [GatewaySettings.model_fields["concurrent_requests"].default / 2] * 2


async def test_every_page_without_parameters_is_answered_by_whichever_process(group: Group) -> None:
    paths = (await group.client.get("/openapi.json")).json()["paths"]
    for _ in range(3):
        for path in (path for path, methods in paths.items() if "get" in methods and "{" not in path):
            answer = await group.client.get(path, headers={"Connection": "close"})
            assert answer.json()["success"] or answer.status_code == 503  # only prediction runs here


async def test_killed_process_costs_its_own_requests_alone_and_comes_back(
    group: Group, predictions: FakePredictions
) -> None:
    async with people(group.client) as they:
        before = members(group.process.pid)
        psutil.Process(before[0]).kill()
        await they.are_answered_more()
        await eventually(lambda: len(set(members(group.process.pid)) - {before[0]}) == 2)
        await they.are_answered_more()
    assert len(they.broken) <= PEOPLE  # each had one request under way
    assert before[1] in members(group.process.pid)
    assert they.answered <= len(predictions.stored) <= they.answered + len(they.broken)


async def test_processes_are_replaced_without_a_failed_request(group: Group) -> None:
    async with people(group.client) as they:
        before = set(members(group.process.pid))
        group.process.send_signal(signal.SIGHUP)
        await eventually(lambda: len(members(group.process.pid)) == 2 and not before & set(members(group.process.pid)))
        await they.are_answered_more()
    assert they.broken == []


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_limits_of_all_processes_add_up_to_those_of_the_settings(processes: int) -> None:
    whole = GatewaySettings(connections=1000, concurrent_requests=1, waiting_predictions=100)
    one = whole.share_of(processes)
    assert one.connections * processes <= 1000
    assert one.waiting_predictions * processes <= 100
    assert one.concurrent_requests == 1  # at least one each
