"""How numbers are read out of a text."""

import pytest

from chat_service.number_check.left_alone import without_left_alone
from chat_service.number_check.written import find_numbers


@pytest.mark.parametrize(
    ("text", "written", "value", "low", "high"),
    [
        ("모두 2,449건입니다", "2,449건", 2449, 2448.5, 2449.5),
        ("6.24%입니다", "6.24%", 6.24, 6.235, 6.245),
        ("3만 5,795건", "3만 5,795건", 35_795, 35_794.5, 35_795.5),
        ("3만 건", "3만 건", 30_000, 25_000, 35_000),
        ("1천 2백 명", "1천 2백 명", 1_200, 1_150, 1_250),
        ("1.2억 원", "1.2억 원", 1.2e8, 1.15e8, 1.25e8),
        ("3조 9천억 원", "3조 9천억 원", 3.9e12, 3.85e12, 3.95e12),
        ("약 2,400건", "2,400건", 2_400, 2_350, 2_450),
        ("36,000건", "36,000건", 36_000, 35_500, 36_500),
        ("30% 넘게", "30%", 30, 29.5, 40),
        ("1만 3천여 명", "1만 3천여 명", 13_000, 12_500, 14_000),
        ("900건 가까이", "900건", 900, 800, 900.5),
        ("영하 -3.5℃", "-3.5℃", 3.5, 3.45, 3.55),
        ("0.34명", "0.34명", 0.34, 0.335, 0.345),
        ("35.8713°", "35.8713°", 35.8713, 35.87125, 35.87135),
    ],
)
def test_number_is_read_with_what_it_may_have_been_rounded_from(
    text: str, written: str, value: float, low: float, high: float
) -> None:
    (number,) = find_numbers(text)
    assert number.text == written
    assert (number.value, number.low, number.high) == pytest.approx((value, low, high))


@pytest.mark.parametrize(
    "text",
    [
        "2016년 3월 5일", "2016-03-05", "2016.3.5.", "2016~2018년", "'16년", "2019-Q1", "3분기", "12월", "18:30",
        "18시", "22~5시", "오후 6시 30분", "7–9시", "| 2016 |", "1위", "2번째", "제3", "상위 5개", "상위 10%",
        "1. 첫째",
        "## 2. 결과", "### 2-1. 사망자", "1) 시간대, 2) 지역", "3분의 1", "1/3", "10건 중 3건", "인구 10만 명당",
        "100건당", "65세 이상", "20~29세", "60대", "`ECLO10`", "```\n1234\n```", "3호선", "A1", "053-803-1234",
        "https://example.org/123", "p < 0.05", "95% 신뢰구간", "÷ 사고건수 × 100", "3가지",
        "2016010100100051",
    ],
)  # fmt: skip
def test_dates_ordinals_and_the_like_are_left_alone(text: str) -> None:
    blank = without_left_alone(text, ())
    assert [number.text for number in find_numbers(blank)] == []
    assert len(blank) == len(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("**2,449건**(6.2%)", ["2,449건", "6.2%"]),
        ("| 비 | 2,449 | 6.2% |", ["2,449", "6.2%"]),
        ("`2,449`건", ["2,449 건"]),
        ("1.9~9.8 사이", ["1.9", "9.8"]),
        ("1,096일 동안", ["1,096일"]),
        ("2,016건", ["2,016건"]),
        ("2016건", ["2016건"]),
        ("학교에서 300m 안", ["300m"]),
    ],
)
def test_numbers_of_the_data_stay(text: str, left: list[str]) -> None:
    assert [number.text for number in find_numbers(without_left_alone(text, ()))] == left


def test_names_with_digits_are_left_alone() -> None:
    assert not list(find_numbers(without_left_alone("달구벌대로 2,310길 앞", ["달구벌대로 2,310길"])))
