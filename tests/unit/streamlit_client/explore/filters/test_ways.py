from typing import Any

import pytest

from streamlit_client.backend.contract_datasets import Coordinates, Profile, RegionColumns
from streamlit_client.explore.filters.ways import ways_of
from tests.unit.streamlit_client.samples import PROFILE, column

REGIONS = RegionColumns(columns=("시도", "시군구"), level="sigungu", matched_rows=1, unknown_rows=0, ambiguous_rows=0)
WHOLE = Profile.model_validate(
    dict(PROFILE) | {"regions": REGIONS, "coordinates": Coordinates(latitude="위도", longitude="경도")}
)


@pytest.mark.parametrize(
    ("name", "known", "ways"),
    [
        ("사고일시", {"type": "date", "maximum": "2024-01-01 10:00"}, "기간 연도 분기 월 요일 시"),
        ("접수일", {"type": "date", "maximum": "2024-01-01"}, "기간 연도 분기 월 요일"),
        ("기준월", {"type": "date", "precision": "month"}, "기간 연도 분기 월 값"),
        ("기준연도", {"type": "date", "precision": "year"}, "기간 값"),
        ("시각", {"type": "time"}, "기간 값"),
        ("연령", {"missing": 3}, "범위 값 빈 값"),
        ("위도", {"type": "number", "meaning": "latitude"}, "시도 시군구 읍면동 범위"),
        ("시군구", {"type": "text"}, "시도 시군구 값 포함하는 말"),
        ("소재지", {"type": "text", "meaning": "address"}, "시도 시군구 읍면동 값 포함하는 말"),
        ("사고유형", {"type": "text", "missing": 1}, "값 포함하는 말 빈 값"),
        ("주말", {"type": "boolean"}, "값"),
    ],
)
def test_ways_to_choose_rows_follow_from_the_column(name: str, known: dict[str, Any], ways: str) -> None:
    assert " ".join(way.label for way in ways_of(column(name, **known), WHOLE)) == ways


def test_part_of_a_date_is_a_column_of_that_name() -> None:
    hours = ways_of(column("사고일시", type="date", maximum="2024-01-01 10:00"), WHOLE)[-1]
    assert (hours.column, hours.kind) == ("사고일시:시", "values")
