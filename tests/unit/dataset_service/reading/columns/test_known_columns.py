"""Positions, districts and inputs of the prediction are found by name and by what the columns hold."""

import pytest

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.known_columns import (
    PREDICTION_NAMES,
    find_coordinates,
    find_district,
    find_prediction_columns,
)
from dataset_service.reading.csv_file import read_csv
from gateway.texts import INPUT_NAMES
from servicekit.prediction_inputs import INPUTS
from streamlit_client.charts.positions import find_points


def columns_of(text: str) -> list[TypedColumn]:
    table = read_csv(text.encode())
    return list(map(typed, table.columns, table.cells))


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("위도", "경도"), ("latitude", "longitude"), ("Lat", "Lng"), ("LAT", "LON"), ("y", "x"), ("Y좌표", "X좌표"),
        ("위도(WGS84)", "경도(WGS84)"), ("gps_lat", "gps_lng"), (" 위 도 ", "경도"), ("Latitude", "long"),
    ],
)  # fmt: skip
def test_columns_with_positions_are_found_in_many_spellings(latitude: str, longitude: str) -> None:
    found, warnings = find_coordinates(columns_of(f"이름,{longitude},{latitude}\na,128.6,35.87\nb,128.5,35.8\n"))
    assert found is not None
    assert (found.latitude.replace(" ", ""), found.longitude) == (latitude.replace(" ", ""), longitude)
    assert warnings == []


def test_swapped_positions_are_used_for_what_they_hold() -> None:
    found, warnings = find_coordinates(columns_of("위도,경도\n128.6,35.87\n128.5,35.8\n"))
    assert found == ("경도", "위도")
    assert [(warning.reason, warning.column) for warning in warnings] == [("COORDINATES_SWAPPED", "위도")]


def test_positions_outside_korea_are_counted() -> None:
    found, warnings = find_coordinates(columns_of("위도,경도\n35.87,128.6\n35.8,128.5\n0,0\n,\n"))
    assert found == ("위도", "경도")
    assert [(warning.reason, warning.given) for warning in warnings] == [("COORDINATES_OUTSIDE", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n981731,1932086\n945989,1942347\n",  # metres, not degrees
        "위도,경도\n51.5,-0.1\n48.9,2.3\n",  # elsewhere
        "위도,경도\n북위,동경\n",
        "위도,값\n35.8,1\n",
        "x,y\n1,2\n3,4\n",
    ],
)
def test_columns_that_hold_no_positions_in_korea_are_none(text: str) -> None:
    assert find_coordinates(columns_of(text)) == (None, [])


STRAY_WORDS = "위도,경도\n" + "35.87,128.6\n" * 100 + "없음,없음\n"


def test_stray_words_among_the_degrees_leave_the_positions_found() -> None:
    assert find_coordinates(columns_of(STRAY_WORDS)) == (("위도", "경도"), [])


def test_page_draws_the_positions_that_are_found_beside_stray_words() -> None:
    latitude, longitude = (column.cells.to_pandas() for column in columns_of(STRAY_WORDS.replace(",128", ", 128")))
    points = find_points(latitude, longitude)
    assert (len(points.rows), points.left_out) == (100, 1)


def test_degrees_beside_words_are_counted_and_swapped_like_numbers() -> None:
    found, warnings = find_coordinates(columns_of("위도,경도\n" + "128.6, 35.87\n" * 20 + "미상,\n128.6,0\n"))
    assert found == ("경도", "위도")
    assert [(warning.reason, warning.given) for warning in warnings] == [
        ("COORDINATES_SWAPPED", ""),
        ("COORDINATES_OUTSIDE", "1"),
    ]


@pytest.mark.parametrize(("words", "is_found"), [(1, True), (2, False)])
def test_text_holds_positions_when_nine_in_ten_of_its_values_are_degrees(words: int, is_found: bool) -> None:
    rows = "35.87,128.6\n" * (10 - words) + "모르는 곳,128.6\n" * words + ",128.6\n" * 5
    assert (find_coordinates(columns_of(f"위도,경도\n{rows}"))[0] is not None) is is_found


@pytest.mark.parametrize("value", ["35.87도", "35°52'", "3,587", "-"])
def test_text_that_is_no_plain_number_is_no_degree(value: str) -> None:
    assert find_coordinates(columns_of("위도,경도\n" + f'"{value}",128.6\n' * 5 + "없음,128.6\n")) == (None, [])


def test_degrees_are_preferred_to_metres_with_shorter_names() -> None:
    found, _ = find_coordinates(columns_of("x,y,위도,경도\n981731,1932086,35.8,128.6\n"))
    assert found == ("위도", "경도")


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
