"""A column's meaning follows from its name and its values together."""

from typing import Any

import pyarrow as pa
import pytest

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.meanings import are_names, find_meaning

INTEGER, NUMBER, TEXT = ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.TEXT


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("법정동코드", ["2711010100", "2711010200"]),
        ("행정동코드", ["1", "2", "3"]),
        ("우편번호", ["41900", "41901"]),
        ("sgg_cd", ["27110", "27140"]),
        ("ctprvnCd", ["11", "27"]),
        ("ISBN", ["9788936434267", "9788937460449"]),
        ("사업자등록번호", ["5040012345", "5040054321"]),
        ("관리번호", ["12", "15"]),
        ("사고번호", ["2016010100100051", "2016010100100070"]),
        ("노선번호(신)", ["503", "706"]),
        ("번호", ["503", "706", "101"]),
        ("user_id", ["17", "23"]),
        ("userId", ["17", "23"]),
        ("차량ID", ["17", "23"]),
        ("ID", ["2016010100100051", "2016010100100070"]),
        ("지점", ["143", "108"]),
        ("코드2", ["1", "2"]),
        ("단속구분", ["1", "2", "99"]),
        ("보호구역구분", ["1.0", "99.0"]),
        ("도로노선방향", ["1", "2", "3"]),
        ("전화번호", ["0531234567", "0537654321"]),
        ("연락처", ["5312345678", "15881234"]),
    ],
)
def test_digits_in_a_column_of_names_are_to_stay_text(name: str, texts: list[str]) -> None:
    assert are_names(name, pa.array(texts))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("번호", ["1", "2", "3"]),
        ("NO", ["3", "2", "1"]),
        ("연번", ["1", "3", "7"]),
        ("사고번호", ["1", "2", "3"]),
        ("id", ["101", "102", "105"]),
        ("코드", ["1.5", "2"]),
        ("번호", ["-1", "5", "2"]),
        ("인구", ["2711010100", "2711010200"]),
        ("구분", ["2022", "2023"]),
        ("유형", ["1.5", "2.5"]),
        ("전화", ["3", "5"]),
        ("paid", ["17", "23"]),
        ("covid", ["17", "23"]),
        ("turkey", ["17", "23"]),
        ("코드명", ["1", "2"]),
        ("점수", ["10", "20"]),
    ],
)
def test_digits_elsewhere_are_numbers(name: str, texts: list[str]) -> None:
    assert not are_names(name, pa.array(texts))


@pytest.mark.parametrize(
    ("name", "kind", "unit", "values", "meaning"),
    [
        ("번호", INTEGER, "", [1, 2, 3], Meaning.SERIAL),
        ("No.", INTEGER, "", [1], Meaning.SERIAL),
        ("연번", INTEGER, "", [9, 8, 5], Meaning.SERIAL),
        ("연번", INTEGER, "", [9, 5, 8], ""),
        ("연번", INTEGER, "", [-1, 1], ""),
        ("사고번호", INTEGER, "", [0, 1, 2], Meaning.SERIAL),
        ("사고번호", INTEGER, "", [1, 3], ""),
        ("관리번호", TEXT, "", ["H2333", "153-2-0001"], Meaning.CODE),
        ("ID", TEXT, "", ["ACCIDENT_00000"], Meaning.CODE),
        ("법정동", TEXT, "", ["0001", "0002"], Meaning.CODE),
        ("보호구역구분", TEXT, "", ["1.0", "99.0"], Meaning.CODE),
        ("코드", TEXT, "", ["중구 코드", "동구 코드"], ""),
        ("구", TEXT, "", ["중구"], ""),
        ("발생년", INTEGER, "", [2016], Meaning.YEAR),
        ("설치연도", NUMBER, "", [2021.0, 2020.0], Meaning.YEAR),
        ("설치연도", NUMBER, "", [2021.5], ""),
        ("청소년", INTEGER, "", [1950], ""),
        ("연도", INTEGER, "", [1, 2], ""),
        ("시점", INTEGER, "", [2020, 2021], Meaning.YEAR),
        ("월", INTEGER, "", [1, 12], Meaning.MONTH),
        ("월", INTEGER, "", [1, 13], ""),
        ("운영개월", INTEGER, "", [1, 12], ""),
        ("계약일", INTEGER, "", [5, 17], Meaning.DAY),
        ("평일", INTEGER, "", [5, 17], ""),
        ("사고시", INTEGER, "", [0, 23], Meaning.HOUR),
        ("시간대", INTEGER, "시", [0, 24], Meaning.HOUR),
        ("택시", INTEGER, "", [3, 5], ""),
        ("운영시간", INTEGER, "", [8, 9], ""),
        ("가해운전자 연령", INTEGER, "세", [24, 90], Meaning.AGE),
        ("나이", INTEGER, "", [24, 90], Meaning.AGE),
        ("건물연령", INTEGER, "", [24, 190], ""),
        ("값", NUMBER, "%", [12.5, 200.0], Meaning.PERCENT),
        ("인구_구성비", NUMBER, "", [12.5, 87.5], Meaning.PERCENT),
        ("비율", NUMBER, "", [0.12, 0.88], ""),
        ("합계출산율", NUMBER, "", [0.72, 1.3], ""),
        ("값", INTEGER, "천원", [1000], Meaning.MONEY),
        ("값", INTEGER, "원/㎡", [1000], Meaning.MONEY),
        ("주차기본요금", INTEGER, "", [0, 1000], Meaning.MONEY),
        ("요금적용시간", INTEGER, "", [0, 1000], ""),
        ("사망자수", INTEGER, "", [0, 3], Meaning.COUNT),
        ("인구_남자", INTEGER, "", [10, 20], Meaning.COUNT),
        ("CCTV설치대수", NUMBER, "", [1.0], Meaning.COUNT),
        ("증감수", INTEGER, "", [-3, 2], ""),
        ("점수", INTEGER, "", [10], ""),
        ("값", INTEGER, "건", [10], Meaning.COUNT),
        ("값", INTEGER, "천명", [10], Meaning.COUNT),
        ("값", NUMBER, "명/㎢", [10.5], ""),
        ("값", NUMBER, "㎡", [10.5], ""),
        ("전화번호", TEXT, "", ["053-123-4567", "02)123-4567", "1588-1234", "+82-53-123-4567"], Meaning.PHONE),
        ("전화번호", TEXT, "", ["없음", "모름"], ""),
        ("연락처", TEXT, "", ["053-111-2222", "없음"], Meaning.PHONE),
        ("결산", INTEGER, "", [100], Meaning.MONEY),
        ("연식", INTEGER, "", [2019], Meaning.YEAR),
        ("소재지도로명주소", TEXT, "", ["대구광역시 달성군 옥포면 비슬로 2220"], Meaning.ADDRESS),
        ("위치", TEXT, "", ["대구 중구 동인동1가 1", "대구광역시 수성구 파동 546"], Meaning.ADDRESS),
        ("시군구", TEXT, "", ["대구광역시 남구 대명동"], ""),
        ("관할", TEXT, "", ["대구광역시 달성군청"], ""),
        ("사고일", ColumnKind.DATE, "", [], ""),
    ],
)
def test_meaning_is_found_by_name_unit_and_values(
    name: str, kind: ColumnKind, unit: str, values: list[Any], meaning: str
) -> None:
    assert find_meaning(name, kind, unit, pa.array(values)) == meaning
