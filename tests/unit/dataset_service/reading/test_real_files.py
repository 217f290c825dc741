"""Real Korean public data are read as people would read them. The numbers were counted by other programs."""

import os
from functools import cache
from pathlib import Path

import pytest

from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.profile import Profile, make_profile
from dataset_service.reading.columns.region_columns import name_regions
from dataset_service.reading.csv_file import CsvTable, read_csv
from dataset_service.reading.places.find import find_places
from tests.real_servers import REPOSITORY

DATA = Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data"))
pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real data in {DATA}: set DATA_DIR"),
]


@cache
def read(name: str) -> tuple[CsvTable, Profile]:
    table = read_csv((DATA / name).read_bytes())
    named = name_regions(list(map(typed, table.columns, table.cells)))
    columns, _, told = find_places(named.columns)
    return table, make_profile(columns, [*table.warnings, *told], named.regions)


@pytest.mark.parametrize(
    ("name", "rows", "columns", "encoding"),
    [
        ("대구 CCTV 정보.csv", 1065, 18, "cp949"),
        ("대구 어린이 보호 구역 정보.csv", 640, 12, "cp949"),
        ("대구 주차장 정보.csv", 871, 29, "cp949"),
        ("도로교통공단_교통사망사고정보_2016.csv", 4119, 27, "cp949"),
        ("daegu_accidents_2016_2018.csv", 39267, 22, "utf-8-sig"),
        ("daegu_accidents_2019_2020.csv", 27476, 9, "utf-8"),
        ("daegu_accidents_2022_unlabelled.csv", 10963, 8, "utf-8"),
        ("daegu_fatal_accidents_2012_2020.csv", 1335, 19, "utf-8"),
    ],
)
def test_file_has_its_rows_columns_and_encoding(name: str, rows: int, columns: int, encoding: str) -> None:
    table, profile = read(name)
    assert (len(table.cells[0]), len(profile.columns), table.reading.encoding) == (rows, columns, encoding)
    assert table.reading.delimiter == ","
    assert table.warnings == []


@pytest.mark.parametrize(
    "name",
    [
        "대구 CCTV 정보.csv",
        "대구 어린이 보호 구역 정보.csv",
        "대구 주차장 정보.csv",
        "도로교통공단_교통사망사고정보_2016.csv",
        "daegu_fatal_accidents_2012_2020.csv",
    ],
)
def test_files_with_positions_have_their_columns_found(name: str) -> None:
    assert read(name)[1].coordinates == ("위도", "경도")


def test_accidents_as_taas_exports_them_have_dates_numbers_and_the_inputs_of_the_prediction() -> None:
    name = "daegu_accidents_2016_2018.csv"
    _, profile = read(name)
    found = {column.name: column for column in profile.columns}
    assert found["사고일시"].kind == ColumnKind.DATE
    assert (found["사고일시"].minimum, found["사고일시"].maximum) == ("2016-01-01 01:00", "2018-12-31 22:00")
    assert (found["사고번호"].kind, found["사고번호"].meaning) == (ColumnKind.TEXT, Meaning.CODE)
    age = found["가해운전자 연령"]
    assert (age.kind, age.unit, age.meaning, age.maximum) == (ColumnKind.INTEGER, "세", Meaning.AGE, "90")
    assert [
        (warning.reason, warning.given, warning.used) for warning in profile.warnings if warning.column == age.name
    ] == [
        ("CELLS_READ_AS_MISSING", "996", "미분류 ×610, 기타불명 ×386"),
        ("BOUNDS_READ_AS_NUMBERS", "12", "90세 이상 ×12"),
    ]
    assert found["피해운전자 차종"].missing == 1041
    assert profile.district_column == "시군구"
    assert dict(profile.prediction_columns) == {
        "occurred_at": "사고일시",
        "weather": "기상상태",
        "road_surface": "노면상태",
        "road_type": "도로형태",
        "accident_type": "사고유형",
        "district": "시군구",
        "day_of_week": "요일",
    }
    assert profile.duplicate_rows == 0


def test_cameras_say_which_columns_are_mostly_empty_and_which_cell_keeps_one_from_being_a_number() -> None:
    _, profile = read("대구 CCTV 정보.csv")
    told = {(warning.reason, warning.column): warning.given for warning in profile.warnings}
    assert told[("COLUMN_MOSTLY_MISSING", "과속단속구간길이")] == "97.6"
    assert told[("COLUMN_MIXED", "도로노선번호")] == "30호선"


@pytest.mark.parametrize(
    ("name", "columns", "level"),
    [
        ("daegu_accidents_2007_2009.csv", ("시군구",), "eupmyeondong"),
        ("daegu_accidents_2019_2020.csv", ("시군구",), "eupmyeondong"),
        ("daegu_fatal_accidents_2012_2020.csv", ("시군구",), "sigungu"),
        ("도로교통공단_교통사망사고정보_2016.csv", ("발생지시도", "발생지시군구"), "sigungu"),
        ("대구 CCTV 정보.csv", ("시도명", "시군구명"), "sigungu"),
        ("대구 주차장 정보.csv", ("소재지도로명주소", "소재지지번주소"), "eupmyeondong"),
        ("대구 어린이 보호 구역 정보.csv", ("소재지도로명주소", "소재지지번주소"), "eupmyeondong"),
    ],
)
def test_nearly_all_rows_have_a_region(name: str, columns: tuple[str, ...], level: str) -> None:
    regions = read(name)[1].regions
    assert regions is not None
    assert (regions.columns, regions.level) == (columns, level)
    assert regions.matched_rows >= 0.99 * (regions.matched_rows + regions.unknown_rows + regions.ambiguous_rows)
