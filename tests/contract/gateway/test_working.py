"""What may take long is refused before it begins, while what it needs does not answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.fake_datasets import DATASET_ID
from tests.contract.gateway.fake_services import FakeProbe, FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal

QUESTION = {"json": {"dataset_id": DATASET_ID, "message": "몇 건?"}, "headers": {"X-Anthropic-API-Key": "sk-ant-x"}}
LONG: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "a batch": ("prediction", "POST", "/api/predict/eclo/batch", {"json": {"accidents": [ACCIDENT_EXAMPLE]}}),
    "all results": ("prediction", "GET", f"/api/predict/batch/{DATASET_ID}/results?format=csv", {}),
    "an upload": ("dataset", "POST", "/api/datasets/upload", {"files": {"file": ("a.csv", b"a\n1\n" * 100_000)}}),
    "another reading": ("dataset", "POST", f"/api/datasets/{DATASET_ID}/reread", {"json": {"encoding": "cp949"}}),
    "a preview": ("dataset", "POST", f"/api/datasets/{DATASET_ID}/reading/preview", {"json": {}}),
    "data": ("dataset", "GET", f"/api/datasets/{DATASET_ID}/data", {}),
    "a tool": ("dataset", "POST", f"/api/datasets/{DATASET_ID}/tools/count_rows", {"json": {"args": {}}}),
    "a question": ("chat", "POST", "/api/chat/message", QUESTION),
    "a question, streamed": ("chat", "POST", "/api/chat/message/stream", QUESTION),
    "a question about a dataset": ("dataset", "POST", "/api/chat/message", QUESTION),
    "an answer under way": ("chat", "GET", f"/api/chat/questions/{DATASET_ID}/stream", {}),
    "a stop": ("chat", "POST", f"/api/chat/questions/{DATASET_ID}/stop", {}),
}


@pytest.fixture
async def services(
    prediction: FakeService, dataset: FakeService, chat: FakeService
) -> AsyncIterator[dict[str, FakeService]]:
    services = {"prediction": prediction, "dataset": dataset, "chat": chat}
    yield services
    for service in services.values():
        service.probes["database"].works = True
        service.probes["database"].may_answer.set()


@pytest.mark.parametrize("request_", LONG.values(), ids=LONG)
async def test_what_takes_long_does_not_begin_while_its_database_hangs_or_is_away(
    gateway: Gateway,
    services: dict[str, FakeService],
    monkeypatch: pytest.MonkeyPatch,
    request_: tuple[str, str, str, dict[str, Any]],
) -> None:
    name, method, path, options = request_
    database = services[name].probes["database"]
    monkeypatch.setattr("servicekit.health._FRESH_SECONDS", 0)
    database.works = False
    assert refusal(await gateway.request(method, path, **options)) == (503, "DATABASE_UNAVAILABLE")

    database.may_answer.clear()
    monkeypatch.setattr("gateway.clients._WORKING_SECONDS", 0.1)
    assert refusal(await gateway.request(method, path, **options)) == (503, "SERVICE_UNAVAILABLE")


async def test_batch_is_taken_when_another_replica_works_than_the_one_asked_first(
    gateway: Gateway, services: dict[str, FakeService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.health._FRESH_SECONDS", 0)
    database, asked = services["prediction"].probes["database"], list[FakeProbe]()

    async def fail_once(probe: FakeProbe) -> None:
        asked.append(probe)
        if asked.count(database) == 1:
            raise ConnectionError("this replica stops")

    monkeypatch.setattr(FakeProbe, "__call__", fail_once)
    _, method, path, options = LONG["a batch"]
    assert (await gateway.request(method, path, **options)).status_code == 202
    assert asked.count(database) == 2
