"""Districts and inputs of the prediction are found by name and by what the columns hold."""

import pytest

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.known_columns import (
    PREDICTION_NAMES,
    find_district,
    find_prediction_columns,
)
from dataset_service.reading.csv_file import read_csv
from gateway.texts import INPUT_NAMES
from servicekit.prediction_inputs import INPUTS


def columns_of(text: str) -> list[TypedColumn]:
    table = read_csv(text.encode())
    return list(map(typed, table.columns, table.cells))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("시군구\n대구광역시 수성구 상동\n대구광역시 중구\n", "시군구"),
        ("이름,시군구명\na,남구\nb,달서구\n", "시군구명"),
        ("어디\n대구광역시 수성구 상동\n대구광역시 달성군 다사읍\n", "어디"),
        ("구\n군위군\n달성군\n", "구"),
        ("시군구\n금천구\n광주시\n", ""),
        ("시군구\n1\n2\n", ""),
        ("주소\n대구광역시 수성구 상동 1-1\n대구광역시 수성구 상동 2\n", ""),
        ("a,b\n1,2\n", ""),
    ],
)
def test_column_with_districts_is_found_by_name_or_by_what_it_holds(text: str, expected: str) -> None:
    assert find_district(columns_of(text)) == expected


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
