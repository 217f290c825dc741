"""POST /api/predict/eclo over real HTTP, with a prediction service that does what the test says."""

import asyncio
import json
import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from daegu.prediction.v1.accident_pb2 import FieldProblem

from gateway.prediction_stream import FRAMES_UNDER_WAY
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from gateway.views.prediction import new_prediction
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID
from tests.contract.gateway.fake_services import SHORT_WEATHER, UNKNOWN_WEATHER, FakePredictions, FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields, running_gateway

PATH = "/api/predict/eclo"


async def test_prediction_is_answered_with_every_documented_field(
    gateway: Gateway, predictions: FakePredictions
) -> None:
    response = await gateway.post(PATH, json=ACCIDENT_EXAMPLE)

    answer = response.json()
    assert response.status_code == 200
    assert answer.keys() == new_prediction.answer.model_fields.keys()
    assert answer.pop("success") is True
    assert answer.pop("error") is None
    ((prediction_id, accident),) = predictions.stored.items()
    assert answer.pop("prediction_id") == prediction_id
    assert UUID(prediction_id).version == 7
    assert {field.name: value for field, value in accident.ListFields()} == ACCIDENT_EXAMPLE
    for moment in (answer.pop("timestamp"), answer.pop("created_at")):
        offset = datetime.fromisoformat(moment).utcoffset()
        assert offset
        assert offset.total_seconds() == 9 * 3600
    assert answer == answer | {
        "eclo": 15.0,
        "expected": 16.0,
        "interpretation": "일반",
        "detail": "실제 대구 사고 가운데 예상 심각도가 중간인 60%에 듭니다.",
        "range": {"low": 1.0, "high": 9.0, "coverage": 0.8},
        "model_version": "fake-1",
        "warnings": [],
        "base_score": None,
        "raw_score": None,
        "contributions": None,
    }


async def test_request_id_goes_with_the_prediction(gateway: Gateway, predictions: FakePredictions) -> None:
    await gateway.post(PATH, json=ACCIDENT_EXAMPLE, headers={"X-Request-Id": "mine-1"})
    assert predictions.request_ids == ["mine-1"]


async def test_explanation_has_korean_names_and_adds_up(gateway: Gateway, predictions: FakePredictions) -> None:
    answer = (await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"explain": True})).json()

    assert answer["contributions"] == [{"field": "weather", "name": "기상상태", "value": "맑음", "contribution": 0.25}]
    assert answer["base_score"] + 0.25 == answer["raw_score"]
    assert predictions.frame_sizes == []  # the stream was left to the quick ones
    assert list(predictions.stored) == [answer["prediction_id"]]


async def test_reading_of_a_short_form_is_told_in_korean(gateway: Gateway) -> None:
    answer = (await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER})).json()

    assert answer["warnings"] == [
        {
            "code": "READ_AS",
            "field": "weather",
            "given": "비옴",
            "used": "비",
            "message": "입력한 값 ‘비옴’ 대신 ‘비’ 값으로 계산했습니다.",
        }
    ]


@pytest.mark.parametrize("explain", [False, True])
async def test_unknown_category_is_refused_with_the_allowed_values(gateway: Gateway, explain: bool) -> None:
    response = await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"weather": UNKNOWN_WEATHER, "explain": explain})

    assert refusal(response) == (422, "ACCIDENT_INVALID")
    assert response.json()["error"] == "사고 조건을 확인해주세요."
    detail = {"message": "허용되는 값이 아닙니다.", "allowed": ["맑음", "안개"], "suggestion": "안개"}
    assert response.json()["details"] == [{"field": "weather", **detail}]


async def test_one_unusable_accident_harms_none_that_travel_with_it(
    gateway: Gateway, predictions: FakePredictions
) -> None:
    predictions.may_answer.clear()
    bodies = [ACCIDENT_EXAMPLE | {"accident_hour": hour} for hour in range(24)]
    bodies[7] |= {"weather": UNKNOWN_WEATHER}
    asking = [asyncio.create_task(gateway.post(PATH, json=body)) for body in bodies]
    await predictions.was_asked.wait()
    predictions.may_answer.set()
    responses = await asyncio.gather(*asking)

    assert max(predictions.frame_sizes) > 1  # they did travel together
    assert [response.status_code for response in responses] == [422 if hour == 7 else 200 for hour in range(24)]
    assert [r.json()["eclo"] for r in responses if r.is_success] == [1.0 + hour for hour in range(24) if hour != 7]


async def post(gateway: Gateway, body: str | bytes) -> httpx.Response:
    return await gateway.post(PATH, content=body, headers={"content-type": "application/json"})


def _with(**changes: Any) -> str:
    return json.dumps(ACCIDENT_EXAMPLE | changes)


def _replaced(name: str, literal: str) -> str:
    return _with(**{name: "@"}).replace('"@"', literal)


MALFORMED: dict[str, str | bytes] = {
    "nothing": "",
    "two bodies": _with() * 2,
    "a byte order mark": "\ufeff" + _with(),
    "UTF-16": _with().encode("utf-16"),
    "CP949": json.dumps(ACCIDENT_EXAMPLE, ensure_ascii=False).encode("cp949"),
    "a NUL byte": _with() + "\x00",
    "no JSON": "weather=맑음",
    "cut short": _with()[:-1],
    "10,000 levels deep": '{"weather":' + "[" * 10_000 + "]" * 10_000 + "}",
    "a lone surrogate": _replaced("weather", r'"\ud800"'),
    "10 to the 5000": _replaced("accident_hour", "1" + "0" * 5000),
    "a control character": _replaced("weather", '"\x00"'),
}
REFUSED = {
    "a missing field": (json.dumps({k: v for k, v in ACCIDENT_EXAMPLE.items() if k != "weather"}), "weather"),
    "an extra field": (_with(wether="맑음"), "wether"),
    "null": (_with(weather=None), "weather"),
    "a number for a text": (_with(weather=3), "weather"),
    "a text for a number": (_with(accident_hour="14"), "accident_hour"),
    "a fraction": (_with(accident_hour=14.5), "accident_hour"),
    "a fraction that is whole": (_replaced("accident_hour", "14.0"), "accident_hour"),
    "true for 1": (_with(accident_month=True), "accident_month"),
    "a list": (_with(district=["대구광역시 중구 동인동"]), "district"),
    "NaN": (_replaced("accident_hour", "NaN"), "accident_hour"),
    "NaN for a text": (_replaced("weather", "NaN"), "weather"),
    "10 to the 400": (_replaced("accident_hour", "1" + "0" * 400), "accident_hour"),
    "more than 32 bits": (_with(accident_year=2**31), "accident_year"),
    "a text of 201 characters": (_with(weather="가" * 201), "weather"),
    "a dataset id that is none": (_with(dataset_id="abc"), "dataset_id"),
    "yes for true": (_with(explain="yes"), "explain"),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_body_that_is_no_json_is_refused(gateway: Gateway, body: str | bytes) -> None:
    response = await post(gateway, body)
    assert refusal(response) == (400, "BODY_MALFORMED")
    assert response.json()["error"] == "요청 본문이 올바른 JSON이 아닙니다. 형식을 확인해주세요."


@pytest.mark.parametrize(("body", "field"), REFUSED.values(), ids=REFUSED)
async def test_unusable_value_is_refused_by_name_and_not_echoed(
    gateway: Gateway, predictions: FakePredictions, body: str, field: str
) -> None:
    response = await post(gateway, body)
    ((name, message),) = refused_fields(response).items()
    assert name == field
    assert message.endswith("니다.")
    assert "input" not in response.text
    assert not predictions.asked


@pytest.mark.parametrize("body", ["[]", "3", "null", '"text"'])
async def test_body_that_is_no_object_is_refused(gateway: Gateway, body: str) -> None:
    assert list(refused_fields(await post(gateway, body)).values()) == ["여러 항목을 담은 객체여야 합니다."]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            FieldProblem(reason="DATE_IMPOSSIBLE", allowed=["1", "29"], suggestion="29"),
            "달력에 없는 날짜입니다. 이 달은 1일부터 29일까지입니다.",
        ),
        (FieldProblem(reason="NUMBER_OUT_OF_RANGE", allowed=["0", "23"], suggestion="23"), "0에서 23 사이여야 합니다."),
        (
            FieldProblem(reason="DISTRICT_OUTSIDE", found="부산광역시 중구"),
            "대구광역시 밖의 지역(부산광역시 중구)은 예측하지 못합니다.",
        ),
        (FieldProblem(reason="A_NEW_REASON"), "올바른 값이 아닙니다."),
    ],
)
async def test_value_the_service_refuses_is_told_in_korean_with_the_way_to_mend_it(
    gateway: Gateway, predictions: FakePredictions, problem: FieldProblem, message: str
) -> None:
    predictions.problem = FieldProblem(field="accident_day", message="secret")
    predictions.problem.MergeFrom(problem)
    response = await gateway.post(PATH, json=ACCIDENT_EXAMPLE)
    assert refusal(response) == (422, "ACCIDENT_INVALID")
    told = {"allowed": list(problem.allowed), "suggestion": problem.suggestion or None}
    assert response.json()["details"] == [{"field": "accident_day", "message": message, **told}]


@pytest.mark.parametrize(
    "weather", [unicodedata.normalize("NFD", "맑음"), " 맑음 ", "", "맑\x00음", "\u200b맑음", "😀"]
)
async def test_text_is_left_to_the_service_as_it_was_written(
    gateway: Gateway, predictions: FakePredictions, weather: str
) -> None:
    response = await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"weather": weather})

    assert response.status_code == 200
    (accident,) = predictions.stored.values()
    assert accident.weather == weather


@pytest.mark.parametrize("number", [-(2**31), -1, 0, 24, 2**31 - 1])
async def test_range_of_a_number_is_left_to_the_service(gateway: Gateway, number: int) -> None:
    response = await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"accident_hour": number})
    assert response.json().get("code") == (None if number == 0 else "ACCIDENT_INVALID")


async def test_name_that_comes_twice_counts_as_the_last(gateway: Gateway) -> None:
    response = await post(gateway, '{"accident_hour":3,' + _with()[1:])
    assert response.json()["eclo"] == 1.0 + ACCIDENT_EXAMPLE["accident_hour"]


@pytest.mark.parametrize("explain", [False, True])
async def test_dataset_id_goes_with_the_prediction_if_the_dataset_exists(
    gateway: Gateway, predictions: FakePredictions, explain: bool
) -> None:
    unknown = await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"dataset_id": UNKNOWN_ID, "explain": explain})
    assert refusal(unknown) == (404, "DATASET_NOT_FOUND")
    await gateway.post(PATH, json=ACCIDENT_EXAMPLE | {"dataset_id": DATASET_ID.upper(), "explain": explain})
    assert predictions.dataset_ids == [DATASET_ID]


async def test_prediction_needs_no_dataset_service_without_a_dataset(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    async with running_gateway(prediction_target=prediction.target) as gateway:
        assert (await gateway.post(PATH, json=ACCIDENT_EXAMPLE)).status_code == 200


async def test_more_than_may_wait_are_refused_at_once(prediction: FakeService, predictions: FakePredictions) -> None:
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, waiting_predictions=3) as gateway:
        asking = [asyncio.create_task(gateway.post(PATH, json=ACCIDENT_EXAMPLE)) for _ in range(60)]
        refused = await next(asyncio.as_completed(asking))
        predictions.may_answer.set()
        answered = [response for response in await asyncio.gather(*asking) if response.is_success]

    assert refusal(refused) == (503, "SERVICE_BUSY")
    assert 0 < len(answered) == len(predictions.stored) < 60


async def test_prediction_of_a_client_that_has_gone_is_not_sent(gateway: Gateway, predictions: FakePredictions) -> None:
    predictions.may_answer.clear()
    staying = []
    for _ in range(FRAMES_UNDER_WAY):  # all frames are under way, so that what comes next waits in the gateway
        staying.append(asyncio.create_task(gateway.post(PATH, json=ACCIDENT_EXAMPLE)))
        await predictions.was_asked.wait()
        predictions.was_asked.clear()
    reader, writer = await asyncio.open_connection(gateway.base_url.host, gateway.base_url.port)
    body = json.dumps(ACCIDENT_EXAMPLE).encode()
    head = f"POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    writer.write_eof()
    assert await reader.read() == b""  # the gateway has noticed
    staying.append(asyncio.create_task(gateway.post(PATH, json=ACCIDENT_EXAMPLE)))
    predictions.may_answer.set()

    assert [(await task).status_code for task in staying] == [200] * (FRAMES_UNDER_WAY + 1)
    assert len(predictions.asked) == FRAMES_UNDER_WAY + 1
    writer.close()
