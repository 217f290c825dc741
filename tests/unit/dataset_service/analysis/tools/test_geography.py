from collections.abc import Sequence
from typing import Any

import pytest

from dataset_service.analysis import Chart
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import (
    ACCIDENTS_2019,
    FATAL_2016,
    frame_of,
    needs_data,
    real_frame,
)

LATITUDES, LONGITUDES = [35.8, 35.9, None, 35.85], [128.5, 128.7, 128.6, 128.55]
CORNERS = (("남서쪽 끝", 35.8, 128.5), ("북동쪽 끝", 35.9, 128.7), ("중앙값", 35.85, 128.55))


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("위도", "경도"), ("Latitude", "Longitude"), ("lat", "lng"), ("Y좌표", "X좌표"), ("가", "나")],
)
def test_positions_are_found_by_name_or_by_what_they_are(latitude: str, longitude: str) -> None:
    frame = frame_of({"번호": [1, 2, 3, 4], longitude: LONGITUDES, latitude: LATITUDES})
    result = checked("get_geo_bounds", frame)
    assert result.table.columns == ("지점", "위도", "경도")
    assert result.table.rows == CORNERS
    assert (result.rows_used, result.rows_missing) == (3, 1)
    name = "위도" if latitude == "위도" else f"위도 `{latitude}`"
    assert result.text.startswith(f"{name} 35.800000° ~ 35.900000°")
    assert result.chart == Chart("map", "경도", "위도")


def test_columns_that_mean_positions_come_before_those_that_look_like_them_the_calculated_ones_first() -> None:
    latitude, longitude = (ColumnReading("number", meaning) for meaning in ("latitude", "longitude"))
    columns: dict[str, Sequence[Any]] = {
        "위도": [33.1] * 4,
        "경도": [125.1] * 4,
        "위도(계산)": LATITUDES,
        "경도(계산)": LONGITUDES,
    }
    readings = {"위도": latitude, "위도(계산)": latitude, "경도(계산)": longitude}
    result = checked("get_geo_bounds", frame_of(columns, **readings))
    assert result.table.rows == CORNERS
    assert "바꾸어 읽었습니다" not in result.text


def test_swapped_columns_are_read_the_right_way_and_said() -> None:
    result = checked("get_geo_bounds", frame_of({"위도": LONGITUDES, "경도": LATITUDES}))
    assert result.table.rows == CORNERS
    assert "서로 바뀌어 있어 바꾸어 읽었습니다" in result.text


def test_positions_outside_korea_and_swapped_rows_are_left_out_and_said() -> None:
    frame = frame_of({"위도": [*LATITUDES, 0.0, 128.6], "경도": [*LONGITUDES, 0.0, 35.8]})
    result = checked("get_geo_bounds", frame)
    assert result.table.rows == CORNERS
    assert "한국 밖 좌표 2행 제외" in result.text
    assert "뒤바뀐 행이 1행 있습니다" in result.text
    assert (result.rows_used, result.rows_missing) == (3, 1)


def test_degrees_beside_stray_words_are_read_from_text() -> None:
    north, east = ["35.8", "35.9", "35.85"] * 5, ["128.5", "128.7", "128.55"] * 5
    frame = frame_of({"위도": [*north, "없음", None], "경도": [*east, "없음", "128.6"]})
    result = checked("get_geo_bounds", frame)
    assert result.table.rows == CORNERS
    assert "숫자로 읽히지 않는 좌표 1행 제외" in result.text
    assert (result.rows_used, result.rows_missing) == (15, 1)


@pytest.mark.parametrize(
    "columns",
    [
        {"값": [1, 2], "글자": ["가", "나"]},
        {"위도": [48.8, 48.9], "경도": [2.3, 2.4]},
        {"X좌표": [981731, 945989], "Y좌표": [1932086, 1942347]},
        {"위도": [None, None], "경도": [128.5, 128.6]},
        {"위도": [35.8, None], "경도": [None, 128.6]},
    ],
)
def test_without_positions_in_korea_the_number_columns_are_named(columns: dict[str, Sequence[Any]]) -> None:
    said = refusal("get_geo_bounds", frame_of(columns))
    assert "한국의 위치(위도 33~39도, 경도 124~132도)가 든 숫자 열을 찾지 못했습니다." in said
    assert "숫자 열: `" in said


def test_columns_that_were_taken_for_degrees_by_mistake_are_named() -> None:
    degrees = {"가": ColumnReading(meaning="latitude"), "나": ColumnReading(meaning="longitude")}
    said = refusal("get_geo_bounds", frame_of({"가": [1.5, 2.5], "나": [128.5, 128.6]}, **degrees))
    assert "`가`, `나` 열에 한국 안의 위치가 하나도 없습니다." in said


@needs_data
def test_bounds_of_the_fatal_accidents_leave_the_stray_point_out() -> None:
    result = checked("get_geo_bounds", real_frame(FATAL_2016))
    assert column_of(result, "지점") == ["남서쪽 끝", "북동쪽 끝", "중앙값"]
    assert column_of(result, "위도") == pytest.approx([33.24647932, 38.4808275, 36.411075325])
    assert column_of(result, "경도") == pytest.approx([124.6823224, 130.8608095, 127.2431903])
    assert (result.rows_used, result.rows_missing) == (4118, 0)
    assert "한국 밖 좌표 1행 제외" in result.text


@needs_data
def test_accidents_without_coordinates_are_pointed_to_their_districts() -> None:
    assert "‘값별 건수’" in refusal("get_geo_bounds", real_frame(ACCIDENTS_2019))
