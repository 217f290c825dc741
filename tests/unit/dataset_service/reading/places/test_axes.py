"""Columns with the two coordinates of a position are paired by their names."""

import pytest

from dataset_service.reading.places.axes import find_pairs


@pytest.mark.parametrize(
    ("north", "east"),
    [
        ("위도", "경도"), ("latitude", "longitude"), ("Lat", "Lng"), ("LAT", "LON"), ("LAT", "LOT"), ("LA", "LO"),
        ("Latitude", "Longtitude"), ("YDNTS", "XCNTS"), ("lc_la", "lc_lo"),
        ("y", "x"), ("Y좌표", "X좌표"), ("좌표정보(Y)", "좌표정보(X)"), ("좌표정보Y(EPSG5174)", "좌표정보X(EPSG5174)"),
        ("위도(WGS84)", "경도(WGS84)"), ("gps_lat", "gps_lng"), (" 위 도 ", "경도"), ("Latitude", "long"),
        ("tmY", "tmX"), ("UTMK_Y", "UTMK_X"), ("mapy", "mapx"), ("YCRD", "XCRD"), ("Y_5179", "X_5179"),
        ("출발지Y좌표", "출발지X좌표"), ("정류장 위도", "정류장 경도"), ("Y좌표(위도)", "X좌표(경도)"),
        ("북위(N)", "동경(E)"),
        ("northing", "easting"), ("종선좌표", "횡선좌표"), ("Ｙ좌표", "Ｘ좌표"), ("GPS위도", "GPS경도"),
    ],
)  # fmt: skip
def test_names_that_differ_in_the_axis_alone_are_a_pair(north: str, east: str) -> None:
    assert find_pairs(["이름", east, north]) == [(north, east)]


@pytest.mark.parametrize(
    "names", [["max", "may"], ["위도", "값"], ["X좌표", "출발지Y좌표"], ["lane", "lone"], ["값"], []]
)
def test_other_names_are_no_pair(names: list[str]) -> None:
    assert find_pairs(names) == []


def test_the_clearest_names_come_first_and_of_these_the_shortest() -> None:
    names = ["x", "y", "출발위도", "출발경도", "경도", "위도", "lat", "lon"]
    assert find_pairs(names) == [("위도", "경도"), ("출발위도", "출발경도"), ("lat", "lon"), ("y", "x")]
