"""One gateway and its services for the tests of a file; what they remember and do starts empty for each test."""

import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from daegu.dataset.v1 import dataset_pb2

from tests.contract.gateway.fake_chat import FakeChat, chat_service
from tests.contract.gateway.fake_datasets import DATASET_ID, FakeDatasets, dataset_service
from tests.contract.gateway.fake_services import FakeBatches, FakePredictions, FakeService, prediction_service
from tests.contract.gateway.running_gateway import Gateway, running_gateway, targets_of
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="session", autouse=True)
def routes_built_once() -> None:
    """Each gateway would build its routes at its first request, which takes a tenth of a second."""
    context: Any = importlib.import_module("fastapi.routing")._EffectiveRouteContext
    build, built = context.from_api_route, dict[int, Any]()

    def from_api_route(*, original_route: Any, include_context: Any) -> Any:
        if id(original_route) not in built:  # of a router, which stays
            built[id(original_route)] = build(original_route=original_route, include_context=include_context)
        return built[id(original_route)]

    context.from_api_route = from_api_route


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is unhealthy or silent because the machine is busy."""
    monkeypatch.setattr("servicekit.health.PROBE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("gateway.routes.health._PROBE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("gateway.clients._WORKING_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("gateway.answer_stream._BEGIN_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("gateway.answer_stream._AGAIN_SECONDS", 0.0)


@pytest.fixture(scope="module")
async def prediction() -> AsyncIterator[FakeService]:
    async with prediction_service().running() as service:
        yield service


@pytest.fixture(scope="module")
async def fake_datasets() -> FakeDatasets:
    return FakeDatasets()


@pytest.fixture(scope="module")
async def dataset(fake_datasets: FakeDatasets) -> AsyncIterator[FakeService]:
    async with dataset_service(fake_datasets).running() as service:
        yield service


@pytest.fixture(scope="module")
async def fake_chat() -> FakeChat:
    return FakeChat()


@pytest.fixture(scope="module")
async def chat(fake_chat: FakeChat) -> AsyncIterator[FakeService]:
    async with chat_service(fake_chat).running() as service:
        yield service


@pytest.fixture(scope="module")
async def shared_gateway(prediction: FakeService, dataset: FakeService, chat: FakeService) -> AsyncIterator[Gateway]:
    async with running_gateway(**targets_of(prediction, dataset, chat)) as client:
        yield client


@pytest.fixture
def predictions(prediction: FakeService) -> Iterator[FakePredictions]:
    assert prediction.predictions
    prediction.predictions.reset()
    yield prediction.predictions
    prediction.predictions.may_answer.set()


@pytest.fixture
def batches(prediction: FakeService) -> Iterator[FakeBatches]:
    assert prediction.batches
    prediction.batches.reset()
    yield prediction.batches
    prediction.batches.may_answer.set()


@pytest.fixture
def datasets(fake_datasets: FakeDatasets) -> FakeDatasets:
    """Has the dataset `DATASET_ID` from the start."""
    fake_datasets.reset()
    fake_datasets.datasets[DATASET_ID] = dataset_pb2.Dataset(dataset_id=DATASET_ID)
    return fake_datasets


@pytest.fixture
def scripted(fake_chat: FakeChat) -> FakeChat:
    fake_chat.reset()
    return fake_chat


@pytest.fixture
def gateway(
    shared_gateway: Gateway,
    predictions: FakePredictions,
    batches: FakeBatches,
    datasets: FakeDatasets,
    scripted: FakeChat,
) -> Gateway:
    return shared_gateway
