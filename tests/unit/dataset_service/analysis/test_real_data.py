"""Every tool on every real file: its pandas code gives the same table."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from dataset_service.analysis import catalogue
from tests.unit.dataset_service.analysis.checking import checked, refusal
from tests.unit.dataset_service.analysis.sample_frames import (
    ACCIDENTS_2016,
    ACCIDENTS_2019,
    CCTV,
    FATAL_2016,
    FATAL_DAEGU,
    PARKING,
    SCHOOL_ZONES,
    needs_data,
    real_frame,
)

COLUMNS = {
    ACCIDENTS_2016: ("중상자수", "사고일시", "가해운전자 연령", "시군구", "경상자수"),
    ACCIDENTS_2019: ("ECLO", "사고일시", "기상상태", "시군구", "ID"),
    CCTV: ("제한속도", "설치연도", "도로노선번호", "위도", "보호구역구분"),
    SCHOOL_ZONES: ("CCTV설치대수", "데이터기준일자", "보호구역도로폭", "시설종류", "CCTV설치여부"),
    PARKING: ("주차구획수", "데이터기준일자", "평일운영시작시각", "월정기권요금", "주차장유형"),
    FATAL_2016: ("사상자수", "발생년월일시", "피해자_당사자종별", "경도", "발생지시도"),
    FATAL_DAEGU: ("중상자수", "사고일시", "일시신뢰", "위도", "사고유형"),
}
"""Of each file a number column, a date column, and three others."""
WITHOUT = {
    ACCIDENTS_2016: {"get_geo_bounds"},
    ACCIDENTS_2019: {"get_geo_bounds", "get_correlation", "get_column_correlation_with_target"},
    CCTV: {"get_date_range"},
    SCHOOL_ZONES: {"get_correlation"},
}
"""Tools that refuse a file: no coordinates, one column of numbers only, no dates."""
SLOW_IN_PANDAS = {(ACCIDENTS_2016, "detect_data_types")}
OPERATIONS = ("sum", "mean", "count", "min", "max", "median", "std")


def calls(file: str, name: str) -> Iterator[dict[str, Any]]:
    """The arguments to try a tool with."""
    number, date, first, second, third = COLUMNS[file]
    match name:
        case "filter_dataframe":
            yield {"column": number, "operator": ">=", "value": 2}
            yield {"column": date, "operator": "<=", "value": "2020-01" if file != CCTV else 2020}
            yield {"column": third, "operator": "!=", "value": "1"}
        case "sort_dataframe":
            yield from ({"column": column, "ascending": up} for column in COLUMNS[file] for up in (True, False))
        case "get_sample_rows":
            yield {"n": 7}
        case "group_by_aggregate":
            yield from ({"group_column": second, "agg_column": number, "operation": one} for one in OPERATIONS)
            yield from (
                {"group_column": one, "agg_column": number, "operation": "mean"} for one in (first, third, date)
            )
        case "calculate_percentile":
            yield from ({"column": number, "percentile": percentile} for percentile in (0, 12.5, 50, 99.9))
        case "get_outliers":
            yield from ({"column": number, "multiplier": multiplier} for multiplier in (1.5, 0.1))
        case "cross_tabulation":
            yield {"row_column": first, "col_column": third}
            yield {"row_column": second, "col_column": first, "normalize": True}
        case "get_column_statistics" | "get_value_counts" | "get_unique_values" | "analyze_missing_pattern":
            yield from ({"column": column} for column in COLUMNS[file])
        case _:  # one column of its kind for each argument that is required
            schema = next(tool.schema() for tool in catalogue() if tool.name == name)
            of_kind = {"number-column": number, "date-column": date}
            required = {argument: schema["properties"][argument] for argument in schema.get("required", ())}
            yield {argument: of_kind.get(field["format"], third) for argument, field in required.items()}


CASES = [
    (file, tool.name)
    for file in COLUMNS
    for tool in catalogue()
    if tool.name not in WITHOUT.get(file, ()) and (file, tool.name) not in SLOW_IN_PANDAS
]


@needs_data
@pytest.mark.parametrize(("file", "name"), CASES)
def test_code_of_a_tool_gives_its_table(file: str, name: str) -> None:
    for arguments in calls(file, name):
        checked(name, real_frame(file), **arguments)


@needs_data
@pytest.mark.parametrize("file", WITHOUT)
def test_tool_without_the_columns_it_needs_refuses(file: str) -> None:
    for name in WITHOUT[file]:
        for arguments in calls(file, name):
            assert re.search("숫자 열|날짜 열", refusal(name, real_frame(file), **arguments))
