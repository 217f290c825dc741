"""The columns that name regions are found by what they hold, alone or together."""

from dataclasses import replace

import pytest

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.region_columns import RegionColumns, name_regions
from dataset_service.reading.csv_file import read_csv


def columns_of(text: str) -> list[TypedColumn]:
    table = read_csv(text.encode())
    return list(map(typed, table.columns, table.cells))


@pytest.mark.parametrize(
    ("text", "columns", "level"),
    [
        ("시군구\n대구광역시 수성구 상동\n대구광역시 수성구 범어동\n", ("시군구",), "eupmyeondong"),
        ("이름,시군구명\na,수성구\nb,달서구\n", ("시군구명",), "sigungu"),
        ("구,시도\n중구,대구광역시\n중구,부산\n", ("시도", "구"), "sigungu"),
        ("시도,구,동\n대구,중구,동인동1가\n서울,중구,신당동\n", ("시도", "구", "동"), "eupmyeondong"),
        ("시도,시군구\n대구,대구 중구\n서울,서울 중구\n", ("시도", "시군구"), "sigungu"),
        ("시도,관할\n대구,수성구\n서울,달서구\n", ("관할",), "sigungu"),
        ("행정구역,인구\n대구광역시  (2700000000),2\n대구광역시 중구 (2711000000),1\n", ("행정구역",), "sigungu"),
        ("지역명\n서울\n경남\n", ("지역명",), "sido"),
        ("주소\n대구광역시 수성구 상동 1-1\n대구광역시 수성구 상동 2\n", ("주소",), "eupmyeondong"),
        ("기관,주소\n대구,대구 수성구 상동 1-1\n대구,대구 수성구 상동 2\n", ("주소",), "eupmyeondong"),
        ("주소,구\n대구 수성구 상동 1-1,수성구\n대구 수성구 상동 2,수성구\n", ("구",), "sigungu"),
        ("시군구,건수\n27110,1\n47720,2\n", ("시군구",), "sigungu"),
        ("행정구역,건수\n27,1\n11,2\n", ("행정구역",), "sido"),
        ("시군구,건수\n27,1\n99,2\n", None, ""),
        ("시군구코드,시군구명\n27110,중구\n11140,중구\n", ("시군구코드",), "sigungu"),
        ("시도코드,시도명\n27,대구\n11,서울\n", ("시도명",), "sido"),
        ("지역,주소\n중구,서울 중구 1\n중구,대구 중구 동성로 2\n", ("주소",), "sigungu"),
        ("지역,측정소명\n대구 중구,수창동\n대구 수성구,만촌동\n", ("지역",), "sigungu"),
        ("시도,시군구\n세종,세종특별자치시\n대전,유성구\n세종,\n", ("시도", "시군구"), "sigungu"),
        ("지역\n전국\n서울\n대구\n미상\n", ("지역",), "sido"),
        ("시군구\n1\n2\n", None, ""),
        ("회사\n서울우유\n대구은행\n", None, ""),
        ("구분\n이륜차\n승용차\n", None, ""),
        ("a,b\n1,2\n", None, ""),
    ],
)
def test_columns_that_name_regions_are_found(text: str, columns: tuple[str, ...] | None, level: str) -> None:
    regions = name_regions(columns_of(text)).regions
    assert (regions and (regions.columns, regions.level)) == (columns and (columns, level))


def test_rows_without_a_region_are_counted_and_told() -> None:
    text = "시군구\n" + "금천구\n" * 7 + "중구\n중구\n\n어디구\n"
    found = name_regions(columns_of(text))
    assert found.regions == RegionColumns(("시군구",), "sigungu", 7, 1, 2)
    assert [(told.reason, told.column, told.given, told.used) for told in found.warnings] == [
        ("REGIONS_AMBIGUOUS", "시군구", "2", "중구"),
        ("REGIONS_UNKNOWN", "시군구", "1", "어디구"),
    ]


def test_columns_of_names_are_marked_and_those_of_addresses_are_not() -> None:
    columns = name_regions(
        columns_of("주소,구,관할\n대구 수성구 상동 1-1,수성구,대구\n대구 수성구 상동 2,수성구,대구\n")
    ).columns
    assert [column.reading.meaning for column in columns] == ["address", "region", "region"]


def test_a_column_that_a_person_chose_is_one_of_regions_and_one_that_means_something_else_is_not() -> None:
    (column,) = columns_of("지역\n서울\n경남\n")
    other = column._replace(reading=replace(column.reading, meaning="code"))
    assert name_regions([column._replace(reading=replace(column.reading, meaning="phone"))]).regions is None
    assert name_regions([other]).columns[0].reading.meaning == "code"


@pytest.mark.parametrize("name", ["법정동코드", "sgg_cd"])
def test_codes_in_columns_called_so_name_regions(name: str) -> None:
    (column,) = columns_of("a\n대구\n서울\n")
    codes = read_csv(f"{name}\n27110\n47720\n".encode()).cells[0]
    text = column._replace(name=name, cells=codes, codes=codes.indices, values=codes.dictionary)
    assert name_regions([text]).regions == RegionColumns((name,), "sigungu", 2, 0, 0)
    assert name_regions([text._replace(name="우편번호")]).regions is None
