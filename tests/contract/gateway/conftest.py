"""One gateway and its services for the tests of a file; what they remember and do begins anew for each test."""

from collections.abc import AsyncIterator, Generator
from contextlib import AbstractContextManager

import httpx
import pytest
import pytest_asyncio
import structlog

from tests.contract.gateway.fake_services import (
    CHAT,
    DATASET,
    FakeBatches,
    FakePredictions,
    FakeService,
    prediction_service,
)
from tests.contract.gateway.running_gateway import running_gateway
from tests.time_limit import time_limit

_TEST_SECONDS = 60.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "takes_up_to(seconds): fails the test after so long, instead of 60 s")


def _limit(item: pytest.Item) -> AbstractContextManager[None]:
    marker = item.get_closest_marker("takes_up_to")
    return time_limit(marker.args[0] if marker else _TEST_SECONDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _limit(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _limit(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    with _limit(item):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """The ones structlog draws by itself take seconds each."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prediction() -> AsyncIterator[FakeService]:
    async with prediction_service().running() as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dataset() -> AsyncIterator[FakeService]:
    async with FakeService((DATASET, "database")).running() as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chat() -> AsyncIterator[FakeService]:
    async with FakeService((CHAT, "database", "redis")).running() as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(prediction: FakeService, dataset: FakeService, chat: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    targets = {"prediction_target": prediction.target, "dataset_target": dataset.target, "chat_target": chat.target}
    async with running_gateway(**targets) as client:
        yield client


@pytest.fixture
def predictions(prediction: FakeService) -> FakePredictions:
    assert prediction.predictions
    prediction.predictions.start_anew()
    return prediction.predictions


@pytest.fixture
def batches(prediction: FakeService) -> FakeBatches:
    assert prediction.batches
    prediction.batches.start_anew()
    return prediction.batches
