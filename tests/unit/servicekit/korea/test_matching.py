import unicodedata

import pytest

from servicekit.korea.matching import AMBIGUOUS, UNKNOWN, find_region, match
from servicekit.korea.names import regions


def test_every_region_is_found_by_its_name_and_its_code() -> None:
    for region in regions().values():
        texts = [region.name, region.name.replace(" ", ""), unicodedata.normalize("NFD", region.name), region.code]
        if not region.name.endswith("로"):  # the number of a house behind it makes it a street
            texts.append(f"{region.name} 12-3 (가게)")
        expected = regions()["36110"] if region.code == "36" else region
        assert {text: find_region(text) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("대구 중구", "대구광역시 중구"),
        ("대구광역시중구동인동1가", "대구광역시 중구 동인동1가"),
        ("대구광역시  (2700000000)", "대구광역시"),
        ("대구광역시 중구 (2711000000)", "대구광역시 중구"),
        ("중구 (2711000000)", "대구광역시 중구"),
        ("중구(대구)", "대구광역시 중구"),
        ("대구광역시 수성구 상동 12-3", "대구광역시 수성구 상동"),
        ("대구광역시 수성구 상동12-3", "대구광역시 수성구 상동"),
        ("대구 수성구 달구벌대로 2450", "대구광역시 수성구"),
        ("대구 수성구 달구벌대로 2450 (범어동, 1층)", "대구광역시 수성구 범어동"),
        ("대구광역시 남구 현충동길 74(대명동)", "대구광역시 남구 대명동"),
        ("대한민국 대구광역시 중구", "대구광역시 중구"),
        ("경북 의성군 봉양면 화전리 12", "경상북도 의성군 봉양면"),
        ("41900 대구광역시 중구 동성로 1", "대구광역시 중구"),
        ("대구광역시_중구", "대구광역시 중구"),
        ("대구광역시 > 중구 > 동인동1가", "대구광역시 중구 동인동1가"),
        ("대구-중구", "대구광역시 중구"),
        ("달 서 구", "대구광역시 달서구"),
        ("대구 대구광역시 중구", "대구광역시 중구"),
        ("세종특별자치시 세종시 조치원읍", "세종특별자치시 조치원읍"),
        ("수원시장안구", "경기도 수원시 장안구"),
        ("경기 장안구", "경기도 수원시 장안구"),
        ("경북 포항", "경상북도 포항시"),
        ("부산 진구", "부산광역시 부산진구"),
        ("수성구", "대구광역시 수성구"),
        ("동인동1가", "대구광역시 중구 동인동1가"),
        ("중구 신당동", "서울특별시 중구 신당동"),
        ("광주시 북구", "광주광역시 북구"),
        ("경기 광주시", "경기도 광주시"),
        ("강원도", "강원특별자치도"),
        ("전라북도 전주시 완산구", "전북특별자치도 전주시 완산구"),
        ("경상북도 군위군 고로면", "대구광역시 군위군 삼국유사면"),
        ("대구 군위군", "대구광역시 군위군"),
        ("달성군 현풍면", "대구광역시 달성군 현풍읍"),
        ("인천 남구", "인천광역시 미추홀구"),
        ("전남광주통합특별시 동구", "광주광역시 동구"),
        ("세종특별자치시 조치원읍", "세종특별자치시 조치원읍"),
        ("대구 동구 신천1.2동", "대구광역시 동구"),
        ("2711010100", "대구광역시 중구 동인동1가"),
        ("2711051700", "대구광역시 중구"),
        ("4772000000", "대구광역시 군위군"),
        ("3600000000", "세종특별자치시"),
        ("４２", "강원특별자치도"),
    ],
)
def test_a_region_is_found_as_people_write_it(text: str, name: str) -> None:
    region = find_region(text)
    assert region is not None
    assert region.name == name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("대구광역시", "중구"), "대구광역시 중구"),
        (("대구", "대구광역시 중구"), "대구광역시 중구"),
        (("대구광역시 중구", "대구광역시"), "대구광역시 중구"),
        (("대구", "중구", "동인동1가"), "대구광역시 중구 동인동1가"),
        (("대구", "동구", "신천1.2동"), "대구광역시 동구"),
        (("경기", "수원시", "장안구"), "경기도 수원시 장안구"),
        (("경기", "광주시"), "경기도 광주시"),
        (("세종특별자치시", "세종특별자치시"), "세종특별자치시"),
        (("서울특별시", "소계"), "서울특별시"),
        (("서울특별시", "기타"), "서울특별시"),
        (("서울특별시", "종로구", "합계"), "서울특별시 종로구"),
        (("대구", "27110"), "대구광역시 중구"),
        (("경북", "군위군"), "대구광역시 군위군"),
    ],
)
def test_parts_name_a_region_together(parts: tuple[str, ...], name: str) -> None:
    region = find_region(*parts)
    assert region is not None
    assert region.name == name


@pytest.mark.parametrize(
    "parts", [("중구",), ("상동",), ("상동 12",), ("고성군",), ("광주시",), ("전남광주통합특별시",), ("중구 중앙로 1",)]
)
def test_a_name_of_several_regions_is_ambiguous(parts: tuple[str, ...]) -> None:
    assert match(parts)[:2] == (None, AMBIGUOUS)


@pytest.mark.parametrize(
    "parts",
    [
        ("",), ("기타",), ("대구은행",), ("서울우유",), ("이동 통신",), ("대구광역시 관악구",), ("경상남도 마산시",),
        ("대구광역시", "관악구"), ("대구", "11110"), ("99",), ("123456",), ("-",), ("구0",),
    ],
)  # fmt: skip
def test_what_names_no_region_is_unknown(parts: tuple[str, ...]) -> None:
    assert match(parts) == (None, UNKNOWN, 0)
