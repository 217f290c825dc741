"""GET /api/predictions over real HTTP."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from servicekit.errors import DatabaseUnavailable
from servicekit.ids import new_id
from tests.contract.gateway.fake_services import SHORT_WEATHER, FakePredictions, FakeService
from tests.contract.gateway.running_gateway import NOBODY, running_gateway

PATH = "/api/predictions"
DATASET_ID = "0190163d-8694-739b-aea5-966c26f8ad90"


async def predict(gateway: httpx.AsyncClient, **changes: Any) -> str:
    response = await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | changes)
    prediction_id: str = response.json()["prediction_id"]
    return prediction_id


def ids(response: httpx.Response) -> list[str]:
    return [prediction["prediction_id"] for prediction in response.json()["predictions"]]


async def test_prediction_is_in_the_history_with_its_inputs(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    answered = (await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER})).json()

    answer = (await gateway.get(PATH)).json()

    (item,) = answer["predictions"]
    assert answer["next_cursor"] is None
    assert UUID(item["prediction_id"])
    assert item.pop("created_at")
    assert item == {
        "prediction_id": answered["prediction_id"],
        "eclo": answered["eclo"],
        "expected": answered["expected"],
        "interpretation": answered["interpretation"],
        "range": answered["range"],
        "model_version": answered["model_version"],
        "warnings": answered["warnings"],
        "accident": ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER},
        "dataset_id": None,
    }


async def test_empty_history_is_an_empty_page(gateway: httpx.AsyncClient, predictions: FakePredictions) -> None:
    answer = (await gateway.get(PATH)).json()
    assert (answer["success"], answer["predictions"], answer["next_cursor"]) == (True, [], None)


async def test_pages_follow_each_other_to_the_end(gateway: httpx.AsyncClient, predictions: FakePredictions) -> None:
    made = [await predict(gateway, accident_hour=hour) for hour in range(5)]

    pages: list[list[str]] = []
    cursor = None
    while not pages or cursor:
        response = await gateway.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        pages.append(ids(response))
        cursor = response.json()["next_cursor"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [prediction_id for page in pages for prediction_id in page] == made[::-1]


async def test_what_is_new_does_not_shift_the_pages(gateway: httpx.AsyncClient, predictions: FakePredictions) -> None:
    made = [await predict(gateway) for _ in range(4)]
    first = await gateway.get(PATH, params={"limit": 2})
    await predict(gateway)

    second = await gateway.get(PATH, params={"limit": 2, "cursor": first.json()["next_cursor"]})

    assert ids(first) + ids(second) == made[::-1]


async def test_question_reaches_the_service_as_it_was_asked(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    cursor = new_id()
    await gateway.get(PATH)
    await gateway.get(PATH, params={"limit": 100, "cursor": cursor, "dataset_id": DATASET_ID})

    plain, full = predictions.listed
    assert (plain.page_size, plain.page_token, plain.dataset_id) == (20, "", "")
    assert (full.page_size, full.page_token, full.dataset_id) == (100, cursor, DATASET_ID)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"limit": "1" * 400}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
        ({"dataset_id": "1"}, "dataset_id"),
        ({"dataset_id": f"{DATASET_ID}'--"}, "dataset_id"),
    ],
)
async def test_odd_question_is_refused_by_name(
    gateway: httpx.AsyncClient, predictions: FakePredictions, params: dict[str, Any], field: str
) -> None:
    response = await gateway.get(PATH, params=params)

    assert (response.status_code, response.json()["code"]) == (422, "FIELDS_INVALID")
    assert [detail["field"] for detail in response.json()["details"]] == [field]
    assert not predictions.listed


async def test_database_that_is_away_is_said_so_and_the_cause_stays_inside(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    predictions.refusal = DatabaseUnavailable("DATABASE_UNAVAILABLE", "password=secret")

    response = await gateway.get(PATH)

    assert (response.status_code, response.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert response.headers["retry-after"]
    assert "secret" not in response.text


async def test_service_that_does_not_answer_is_a_time_out(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, quick_seconds=0.2) as gateway:
        response = await gateway.get(PATH)

    assert (response.status_code, response.json()["code"]) == (504, "DEADLINE_PASSED")


@pytest.mark.parametrize("path", [PATH, "/api/predict/model"])
async def test_service_that_is_away_is_said_so(path: str) -> None:
    async with running_gateway(prediction_target=NOBODY) as gateway:
        response = await gateway.get(path)

    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


@pytest.mark.parametrize("path", [PATH, "/api/predict/model"])
async def test_service_that_comes_back_answers_the_same_question(prediction: FakeService, path: str) -> None:
    service = FakeService((), predictions=True)
    async with service.running():
        pass  # so that it has a port
    async with running_gateway(prediction_target=service.target) as gateway:
        assert (await gateway.get(path)).status_code == 503
        async with service.running():
            while (response := await gateway.get(path)).status_code == 503:
                pass
            assert response.status_code == 200


async def test_prediction_is_found_by_its_id_with_its_inputs_and_its_reasons(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    prediction_id = await predict(gateway)
    found = (await gateway.get(f"{PATH}/{prediction_id}")).json()
    assert (found["prediction_id"], found["accident"]) == (prediction_id, ACCIDENT_EXAMPLE)
    assert found["contributions"]


@pytest.mark.parametrize(
    ("prediction_id", "status"), [("0190163d-8694-739b-aea5-966c26f8ad91", 404), ("nonsense", 422)]
)
async def test_prediction_that_is_not_there_is_told(
    gateway: httpx.AsyncClient, predictions: FakePredictions, prediction_id: str, status: int
) -> None:
    response = await gateway.get(f"{PATH}/{prediction_id}")
    assert response.status_code == status
    assert response.json()["error"]
