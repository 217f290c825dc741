"""Both coordinates of a position are read from one text."""

import pyarrow as pa
import pytest

from dataset_service.reading.places.position_texts import read_positions


def numbers(text: str | None) -> tuple[float | None, float | None]:
    positions = read_positions(pa.array([text], pa.string()))
    return positions.first[0].as_py(), positions.second[0].as_py()


@pytest.mark.parametrize(
    "text",
    [
        "35.8714, 128.6014", "35.8714,128.6014", "(35.8714, 128.6014)", "[35.8714;128.6014]", "35.8714 128.6014",
        "35.8714/128.6014", "35.8714 | 128.6014", "{35.8714, 128.6014}", "35.8714\t128.6014", "35.8714N, 128.6014E",
        "N35.8714 E128.6014", "N35.8714E128.6014", "35.8714N 128.6014E", "북위 35.8714, 동경 128.6014",
        "북위 35.8714 동경 128.6014",
        "위도: 35.8714, 경도: 128.6014", "위도:35.8714 경도:128.6014", "lat: 35.8714, lng: 128.6014",
        "y=35.8714 x=128.6014", "(위도)35.8714, (경도)128.6014", "35.8714,128.6014(대구시청)",
        '{"lat":35.8714,"lng":128.6014}', "{'y': '35.8714', 'x': '128.6014'}", "LatLng(35.8714, 128.6014)",
        "geo:35.8714,128.6014",
        "(Y:35.8714 / X:128.6014)",
        "35.8714°, 128.6014°",
        "35.8714° 128.6014°", "POINT (35.8714 128.6014)", "POINT(35.8714 128.6014)", "point(35.8714  128.6014)",
        "POINT Z (35.8714 128.6014 12.5)", "POINTZ(35.8714 128.6014 12.5)", "SRID=4326;POINT(35.8714 128.6014)",
        '{"type":"Point","coordinates":[35.8714,128.6014]}',
        '{ "coordinates" : [35.8714, 128.6014, 3], "type": "Point" }',
        "{'type': 'Point', 'coordinates': [35.8714, 128.6014]}",
    ],
)  # fmt: skip
def test_two_numbers_are_read_in_the_order_of_writing(text: str) -> None:
    assert numbers(text) == (35.8714, 128.6014)


@pytest.mark.parametrize(
    "text",
    [
        "35°52'17\"N 128°36'05\"E", "35°52'17\"N, 128°36'05\"E", "N35°52'17\" E128°36'05\"",
        "35도 52분 17초, 128도 36분 5초",
        "북위 35도 52분 17초 동경 128도 36분 5초", "(35-52-17, 128-36-05)", "35°52'17\" 128°36'05\"",
        "35-52-17 / 128-36-05",
        "N 35 52 17 E 128 36 05", "35°52'17\"N128°36'05\"E",
    ],
)  # fmt: skip
def test_two_texts_of_degrees_are_read(text: str) -> None:
    assert numbers(text) == pytest.approx((35.871389, 128.601389), abs=1e-6)


def test_an_order_that_is_written_is_kept() -> None:
    assert numbers("동경 128.6014 북위 35.8714") == (128.6014, 35.8714)


@pytest.mark.parametrize(
    "text",
    ["", "없음", "35.8714", "대구 중구 동인동 1", "1,234,567", "POLYGON((1 2, 3 4))", "POINT EMPTY", "1 2 3 4", None],
)
def test_other_texts_are_no_position(text: str | None) -> None:
    assert numbers(text) == (None, None)


@pytest.mark.parametrize(
    ("texts", "system"),
    [
        (["SRID=5179;POINT(1099429 1764430)", "POINT(1 2)"], "EPSG:5179"),
        (["SRID=5179;POINT(1 2)", "SRID=5174;POINT(1 2)"], ""),
        (["POINT(1 2)"], ""),
        (["1, 2"], ""),
    ],
)
def test_the_system_is_the_one_that_all_texts_name(texts: list[str], system: str) -> None:
    assert read_positions(pa.array(texts)).system == system
