"""The fake speaks the contract: the real gateway's own schemas read its answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from gateway.schemas.common import ErrorAnswer
from gateway.schemas.health import HealthAnswer
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from gateway.texts import CSV_HEADERS, FIELD_NAMES
from gateway.views.prediction import BatchAnswer, BatchListAnswer, BatchResultsAnswer, history, model, new_prediction
from tests.patience import PATIENCE_SECONDS
from tests.ui.fake_gateway import FIELDS, FakeGateway


@pytest.fixture
def http(gateway: FakeGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield client


def assert_speaks(response: httpx.Response, schema: type[BaseModel], status: int = 200) -> Any:
    assert response.status_code == status
    fields = response.json()
    read = schema.model_validate(fields).model_dump()
    assert set(read) == set(fields), "neither more nor fewer fields than the contract"
    return fields


def test_single_predictions_follow_the_contract(http: httpx.Client) -> None:
    assert_speaks(http.get("/api/predict/model"), model.answer)
    assert_speaks(http.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"explain": True}), new_prediction.answer)
    assert_speaks(http.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE), new_prediction.answer)
    assert_speaks(http.get("/api/predictions", params={"limit": 1}), history.answer)
    assert_speaks(http.get("/health"), HealthAnswer)


def test_batches_follow_the_contract(http: httpx.Client) -> None:
    accidents = [ACCIDENT_EXAMPLE, ACCIDENT_EXAMPLE | {"weather": "우박"}]
    batch = assert_speaks(http.post("/api/predict/eclo/batch", json={"accidents": accidents}), BatchAnswer, 202)
    path = f"/api/predict/batch/{batch['batch_id']}"
    assert_speaks(http.get(path), BatchAnswer)
    assert_speaks(http.get("/api/predict/batch"), BatchListAnswer)
    assert_speaks(http.get(f"{path}/results", params={"limit": 100, "offset": 0}), BatchResultsAnswer)
    assert_speaks(http.delete(path), BatchAnswer)
    content = http.get(f"{path}/results", params={"format": "csv"}).content.decode("utf-8-sig")
    assert content.splitlines()[0].split(",") == list(CSV_HEADERS)


def test_refusals_follow_the_contract(http: httpx.Client, gateway: FakeGateway) -> None:
    gateway.refuse("/api/predict/model", 503, "SERVICE_BUSY", "혼잡")
    assert_speaks(http.get("/api/predict/model"), ErrorAnswer, 503)
    assert_speaks(http.get("/api/predict/batch/unknown"), ErrorAnswer, 404)


def test_names_of_the_inputs_are_those_of_the_contract() -> None:
    assert FIELDS == FIELD_NAMES
