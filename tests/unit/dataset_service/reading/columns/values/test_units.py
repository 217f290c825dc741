"""Units have one spelling, wherever they were written."""

import pytest

from dataset_service.reading.columns.values.units import find_unit, unit_beside_number, unit_in_name, without_multiple


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("㎡", "㎡"),
        ("m²", "㎡"),
        ("M2", "㎡"),
        ("％", "%"),
        ("퍼센트", "%"),
        ("°C", "℃"),
        ("㎏", "kg"),
        ("살", "세"),
        ("인", "명"),
        ("백만 원", "백만원"),
        ("천명", "천명"),
        ("㎍/㎥", "㎍/㎥"),
        ("μg/m3", "㎍/㎥"),
        ("㎞/h", "km/h"),
        ("㎧", "m/s"),
        ("명/㎢", "명/㎢"),
        ("원/㎡", "원/㎡"),
        ("(㎡)", "㎡"),
        ("천㎥", "천㎥"),
        ("호", "호"),
        ("구", ""),
        ("", ""),
        ("명/구", ""),
    ],
)
def test_unit_is_found_in_any_spelling(text: str, unit: str) -> None:
    assert find_unit(text) == unit


@pytest.mark.parametrize("text", ["호", "동", "월", "급", "종", "호선", "번", "반", "길", "로", "등급", "학년", "팀"])
def test_word_that_makes_a_name_of_a_number_is_no_unit_beside_it(text: str) -> None:
    assert unit_beside_number(text) == ""


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("거래금액(만원)", "만원"),
        ("비율[%]", "%"),
        ("기온 (°C)", "℃"),
        ("인구 (단위: 명)", "명"),
        ("면적（㎡）_계", "㎡"),
        ("요금(주간)(원)", "원"),
        ("소요시간(분)", "분"),
        ("면적", ""),
        ("좌표(X)", ""),
        ("학생수(초)", ""),
        ("이용객(일)", ""),
    ],
)
def test_unit_of_a_name_stands_in_brackets(name: str, unit: str) -> None:
    assert unit_in_name(name) == unit


def test_multiple_of_a_unit_counts_the_same() -> None:
    assert (without_multiple("천명"), without_multiple("명"), without_multiple("천원")) == ("명", "명", "천원")
