import json
from typing import Any

import pytest

from dataset_service.eclo.arguments import MOST_ACCIDENTS, read_accidents
from dataset_service.eclo.tools import SCHEMAS
from prediction_service.accident import NUMBER_RANGES
from servicekit.errors import ToolRefused

ACCIDENT: dict[str, Any] = {
    "weather": "맑음", "road_surface": "건조", "road_type": "단일로 - 기타", "accident_type": "차대차",
    "district": "대구광역시 수성구 상동", "accident_hour": 18, "accident_year": 2020, "accident_month": 6,
    "accident_day": 12,
}  # fmt: skip


def test_the_eleven_inputs_have_the_names_of_the_rest_contract() -> None:
    schema = SCHEMAS["predict_eclo"]
    assert list(schema["properties"]) == [
        "weather", "road_surface", "road_type", "accident_type", "time_period", "district", "day_of_week",
        "accident_hour", "accident_year", "accident_month", "accident_day",
    ]  # fmt: skip
    assert set(schema["required"]) == set(ACCIDENT)
    assert not schema["additionalProperties"]
    assert all(field["description"] for field in schema["properties"].values())


@pytest.mark.parametrize(
    ("name", "least", "greatest"),
    [("accident_hour", 0, 23), ("accident_year", 2007, 2040), ("accident_month", 1, 12), ("accident_day", 1, 31)],
)
def test_numbers_tell_their_range(name: str, least: int, greatest: int) -> None:
    field = SCHEMAS["predict_eclo"]["properties"][name]
    assert (field["minimum"], field["maximum"]) == (least, greatest)
    assert NUMBER_RANGES[name] == (least, greatest)


def test_schema_of_many_has_that_of_one_written_out() -> None:
    many = SCHEMAS["predict_eclo_batch"]["properties"]["accidents"]
    assert many["items"]["properties"] == SCHEMAS["predict_eclo"]["properties"]
    assert (many["minItems"], many["maxItems"]) == (1, MOST_ACCIDENTS)
    assert not any(word in json.dumps(SCHEMAS) for word in ("$ref", "$defs"))


def test_accidents_are_read_and_period_and_weekday_may_be_left_out() -> None:
    accidents = read_accidents("predict_eclo_batch", {"accidents": [ACCIDENT] * MOST_ACCIDENTS})
    assert [(accident.time_period, accident.day_of_week) for accident in accidents] == [("", "")] * MOST_ACCIDENTS


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("predict_eclo", {**ACCIDENT, "weather": 3}, "'weather' 값은 100자 이하의 글자여야 합니다."),
        ("predict_eclo", {**ACCIDENT, "weather": "맑" * 101}, "'weather' 값은 100자 이하의 글자여야 합니다."),
        ("predict_eclo", {**ACCIDENT, "accident_hour": "저녁"}, "'accident_hour' 값은 정수여야 합니다."),
        ("predict_eclo", {**ACCIDENT, "accident_hour": 10**400}, "'accident_hour' 값은 정수여야 합니다."),
        ("predict_eclo", {**ACCIDENT, "accident_hour": 1.5}, "'accident_hour' 값은 정수여야 합니다."),
        ("predict_eclo", {**ACCIDENT, "dataset_id": "x"}, "'dataset_id' 인자는 없습니다."),
        ("predict_eclo", {}, "'weather' 인자가 필요합니다."),
        ("predict_eclo_batch", {"accidents": []}, "'accidents'에는 1건에서 100건까지 담을 수 있습니다."),
        ("predict_eclo_batch", {"accidents": [ACCIDENT] * 101}, "'accidents'에는 1건에서 100건까지 담을 수 있습니다."),
        ("predict_eclo_batch", {"accidents": "많이"}, "'accidents' 값의 형식이 맞지 않습니다."),
        ("predict_eclo_batch", {"accidents": [{**ACCIDENT, "weather": None}]}, "'accidents.0.weather' 값은"),
    ],
)
def test_refusal_says_how_to_mend_the_arguments(name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolRefused) as raised:
        read_accidents(name, arguments)
    assert raised.value.message.startswith("인자를 고쳐주세요.")
    assert words in raised.value.message
    assert len(raised.value.message) < 600
