"""GET /api/predictions over real HTTP."""

from typing import Any

import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from servicekit.ids import new_id
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID
from tests.contract.gateway.fake_services import SHORT_WEATHER, FakePredictions
from tests.contract.gateway.running_gateway import Gateway, refused_fields

PATH = "/api/predictions"


async def predict(gateway: Gateway, **changes: Any) -> str:
    response = await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | changes)
    prediction_id: str = response.json()["prediction_id"]
    return prediction_id


async def test_prediction_is_in_the_history_with_its_inputs(gateway: Gateway) -> None:
    body = ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER}
    answered = (await gateway.post("/api/predict/eclo", json=body)).json()

    answer = (await gateway.get(PATH)).json()

    (item,) = answer["predictions"]
    assert answer["next_cursor"] is None
    only_answered = {"success", "error", "timestamp", "detail", "base_score", "raw_score", "contributions"}
    assert item.pop("created_at")
    assert answered.pop("created_at")
    same = {field: value for field, value in answered.items() if field not in only_answered}
    assert item == same | {"accident": body, "dataset_id": None}


async def test_empty_history_is_an_empty_page(gateway: Gateway) -> None:
    answer = (await gateway.get(PATH)).json()
    assert (answer["success"], answer["predictions"], answer["next_cursor"]) == (True, [], None)


@pytest.mark.parametrize("name", ["after", "cursor"])
async def test_pages_follow_each_other_to_the_end_and_what_is_new_does_not_shift_them(
    gateway: Gateway, name: str
) -> None:
    made = [await predict(gateway, accident_hour=hour) for hour in range(5)]

    pages: list[list[str]] = []
    cursor = None
    while not pages or cursor:
        response = await gateway.get(PATH, params={"limit": 2} | ({name: cursor} if cursor else {}))
        pages.append([prediction["prediction_id"] for prediction in response.json()["predictions"]])
        assert response.json()["next"] == response.json()["next_cursor"]
        cursor = response.json()["next"]
        await predict(gateway)

    assert pages == [made[4:2:-1], made[2:0:-1], made[:1]]


async def test_question_reaches_the_service_as_it_was_asked(gateway: Gateway, predictions: FakePredictions) -> None:
    cursor = new_id()
    await gateway.get(PATH)
    await gateway.get(PATH, params={"limit": 100, "cursor": cursor, "dataset_id": DATASET_ID})

    plain, full = predictions.listed
    assert (plain.page_size, plain.page_token, plain.dataset_id) == (20, "", "")
    assert (full.page_size, full.page_token, full.dataset_id) == (100, cursor, DATASET_ID)


async def test_odd_question_is_refused_by_name(gateway: Gateway, predictions: FakePredictions) -> None:
    odd = {
        "limit": (0, 101, "NaN", "1" * 400, "٣"),
        "after": ("abc", "", "\x00"),
        "cursor": ("abc", "", "\x00"),
        "dataset_id": ("1", f"{DATASET_ID}'--"),
    }
    for field, values in odd.items():
        for value in values:
            assert [*refused_fields(await gateway.get(PATH, params={field: value}))] == [field]
    assert not predictions.listed


async def test_prediction_is_found_by_its_id_with_its_inputs_and_its_reasons(gateway: Gateway) -> None:
    prediction_id = await predict(gateway)
    prediction = (await gateway.get(f"{PATH}/{prediction_id}")).json()
    assert (prediction["prediction_id"], prediction["accident"]) == (prediction_id, ACCIDENT_EXAMPLE)
    assert prediction["contributions"]
    assert (await gateway.get(f"{PATH}/{UNKNOWN_ID}")).status_code == 404
    assert [*refused_fields(await gateway.get(f"{PATH}/nonsense"))] == ["prediction_id"]
