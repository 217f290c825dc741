"""Inputs of the prediction are found by name."""

from dataset_service.reading.columns.known_columns import (
    PREDICTION_NAMES,
    find_prediction_columns,
)
from gateway.texts import INPUT_NAMES
from servicekit.prediction_inputs import INPUTS


def test_inputs_of_the_prediction_are_found_by_their_many_names() -> None:
    found = find_prediction_columns(["사고 일시", "날씨", "노면상태", "도로형태", "사고유형", "시군구", "x"])
    assert dict(found) == {
        "occurred_at": "사고 일시",
        "weather": "날씨",
        "road_surface": "노면상태",
        "road_type": "도로형태",
        "accident_type": "사고유형",
        "district": "시군구",
    }


def test_the_usual_name_comes_before_others_and_the_first_of_equal_ones() -> None:
    assert dict(find_prediction_columns(["날씨", "기상상태", "기상_상태"])) == {"weather": "기상상태"}


def test_every_input_has_names() -> None:
    assert set(PREDICTION_NAMES) == set(INPUTS)
    assert all(name in PREDICTION_NAMES[source] for source, name in INPUT_NAMES.items())
