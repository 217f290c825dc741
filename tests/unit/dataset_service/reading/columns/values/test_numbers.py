"""Numbers are read with the signs and units that people write beside them, or stay text."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_service.reading.columns.values.numbers import read_integers, read_numbers
from dataset_service.reading.columns.values.units import find_unit
from dataset_service.reading.columns.values.value_rule import Values


def integers(*texts: str | None, name: str = "열") -> Values:
    return read_integers(pa.array(texts, pa.string()), name)


def numbers(*texts: str | None, name: str = "열") -> Values:
    return read_numbers(pa.array(texts, pa.string()), name)


def told_of(values: Values) -> dict[str, list[bool]]:
    return {reason: are_told.tolist() for reason, are_told in values.told.items()}


@pytest.mark.parametrize(
    ("texts", "expected", "unit"),
    [
        (("1", None, "-2"), [1, None, -2], ""),
        (("+1", "1,234,567"), [1, 1_234_567], ""),
        (("9223372036854775807", "-9223372036854775808"), [2**63 - 1, -(2**63)], ""),
        (("１２", "３４０", "－１，２３４", "＋５"), [12, 340, -1234, 5], ""),
        (("−5", "–6", "- 7"), [-5, -6, -7], ""),
        (("△100", "250", "△ 1,050"), [-100, 250, -1050], ""),
        (("▲100", "250"), [-100, 250], ""),
        (("▽100", "250"), [-100, 250], ""),
        (("▲3", "▼2", "0"), [3, -2, 0], ""),
        (("△3", "▽2"), [3, -2], ""),
        (("(1,000)", "500", "( 20 )"), [-1000, 500, -20], ""),
        (("1,000원", "300 원", "0"), [1000, 300, 0], "원"),
        (("₩1,000", "\\ 2,000", "￦3,000", "-₩4,000"), [1000, 2000, 3000, -4000], "원"),
        (("$5", "$1,200"), [5, 1200], "달러"),
        (("4%", "100％", "△3%"), [4, 100, -3], "%"),
        (("24세", "3살", "90세 이상"), [24, 3, 90], "세"),
        (("10", "5 이하", "20"), [10, 5, 20], ""),
        (("3m2", "4㎡", "5m²"), [3, 4, 5], "㎡"),
        (("30㎍/㎥", "5 μg/m3"), [30, 5], "㎍/㎥"),
        (("3만명", "12만 명"), [3, 12], "만명"),
        (("13시", "0시", "24시"), [13, 0, 24], "시"),
        (("00시", "09시", "23시"), [0, 9, 23], "시"),
        (("3EA", "12개"), [3, 12], "개"),
        (("3년", "10년"), [3, 10], "년"),
        (("3대", "20대"), [3, 20], "대"),
    ],
)
def test_integers_are_read_with_their_unit(texts: tuple[str, ...], expected: list[Any], unit: str) -> None:
    values = integers(*texts)
    assert (values.cells.to_pylist(), values.unit) == (expected, unit)


@pytest.mark.parametrize(
    ("texts", "expected", "unit"),
    [
        (("1.5", None, "2"), [1.5, None, 2.0], ""),
        (("1,234.5", ".5", "5.", "1e3"), [1234.5, 0.5, 5.0, 1000.0], ""),
        (("△1,050.5", "250"), [-1050.5, 250.0], ""),
        (("12.3%", "4 %", "0"), [12.3, 4.0, 0.0], "%"),
        (("36.5℃", "-1.0°C"), [36.5, -1.0], "℃"),
        (("１２．５", "3"), [12.5, 3.0], ""),
        (("1.5톤", "2t"), [1.5, 2.0], "톤"),
    ],
)
def test_fractions_are_read_with_their_unit(texts: tuple[str, ...], expected: list[Any], unit: str) -> None:
    values = numbers(*texts)
    assert (values.cells.to_pylist(), values.unit) == (expected, unit)


@pytest.mark.parametrize(
    "texts",
    [
        ("007", "12"),
        ("007시", "12시"),
        ("03명", "12명"),
        ("9223372036854775808",),
        ("9007199254740993", "1.5"),
        ("1,23", "4,56"),
        ("inf", "-inf"),
        ("1e309",),
        ("1_000",),
        ("5²", "①"),
        ("(1)", "(2)"),
        ("(1", "2)"),
        ("(-1)", "(△2)"),
        ("30호선", "2호선"),
        ("101동", "5호", "3번", "1급", "2학년", "3등급"),
        ("2019년", "2020년"),
        ("13시", "25시"),
        ("20대", "30대", "60대 이상"),
        ("60 이상", "70 이상"),
        ("60 이상", "70 이상", "5"),
        ("10 이상", "20", "30"),
        ("60 이상", "10 이하"),
        ("₩5달러",),
        ("2024-01-02",),
        ("053-123-4567",),
        ("1~2", "3~4"),
        ("1/2", "3/4"),
    ],
)
def test_what_would_lose_something_is_not_read(texts: tuple[str, ...]) -> None:
    assert None in integers(*texts).cells.to_pylist()
    assert None in numbers(*texts).cells.to_pylist()


@pytest.mark.parametrize(
    ("texts", "unclear"),
    [(("△3", "▲2", "5"), [0, 1]), (("▲3", "▽2"), [0, 1]), (("△3", "-2"), [0]), (("▲3", "－2"), [0])],
)
def test_triangles_are_not_read_where_they_may_be_up_and_down(texts: tuple[str, ...], unclear: list[int]) -> None:
    read = integers(*texts).cells.to_pylist()
    assert [index for index, value in enumerate(read) if value is None] == unclear
    assert np.flatnonzero(integers(*texts).told["SIGNS_UNCLEAR"]).tolist() == unclear


@pytest.mark.parametrize("texts", [("05", "17"), ("00", "23")])
@pytest.mark.parametrize(("name", "is_read"), [("계약일", True), ("월", True), ("발생시", True), ("열", False)])
def test_two_digits_with_leading_zeros_are_read_where_the_name_says_part_of_a_date(
    texts: tuple[str, ...], name: str, is_read: bool
) -> None:
    assert integers(*texts, name=name).cells.to_pylist() == ([int(text) for text in texts] if is_read else [None] * 2)


def test_bound_beyond_which_a_few_lie_is_read_as_its_number() -> None:
    ages = [*(f"{age}세" for age in range(99)), "90세 이상"]
    assert integers(*ages).cells.to_pylist() == [*range(99), 90]


def test_texts_with_another_unit_are_not_read_and_told() -> None:
    values = integers("1km", "200m", "30m", "5")
    assert (values.cells.to_pylist(), values.unit) == ([None, 200, 30, None], "m")
    assert told_of(values) == {"UNITS_MIXED": [True, False, False, False]}


@pytest.mark.parametrize(
    ("texts", "reason", "about"),
    [
        (("△1", "2"), "SIGNS_READ_AS_MINUS", [True, False]),
        (("▲1", "▼2"), "SIGNS_READ_AS_MINUS", [False, True]),
        (("(1)", "2"), "SIGNS_READ_AS_MINUS", [True, False]),
        (("90세 이상", "20세"), "BOUNDS_READ_AS_NUMBERS", [True, False]),
    ],
)
def test_what_might_mean_something_else_is_told(texts: tuple[str, ...], reason: str, about: list[bool]) -> None:
    assert told_of(integers(*texts)) == {reason: about}


def test_nothing_is_told_of_plain_numbers_and_units() -> None:
    assert told_of(integers("1", "-2", "1,000")) == told_of(integers("1원", "0", "−3원")) == {}


_SIGNS = st.sampled_from(["-", "- ", "−", "–", "－", "△", "▲", "▽", "(", "△ "])
_UNITS = st.sampled_from(
    ["", "원", " 원", "%", "％", "명", "㎡", "m2", "만원", "kWh", "세", " ℃", "°C", "㎍/㎥", "%p", "건"]
)


@st.composite
def _written(draw: st.DrawFn) -> tuple[list[float], list[str], str]:
    """Numbers, all written in one way, with their unit."""
    places = draw(st.integers(0, 3))
    sign, unit, grouped, is_wide = draw(_SIGNS), draw(_UNITS), draw(st.booleans()), draw(st.booleans())
    values = draw(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8, unique=True))
    values.append(draw(st.integers(1, 10**6)))  # brackets in all texts would be no minus
    texts = []
    for value in values:
        digits = f"{abs(value) / 10**places:{',' if grouped else ''}.{places}f}"
        if is_wide:
            digits = digits.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789,."})
        closing = ")" if sign == "(" and value < 0 else ""
        texts.append(f"{sign if value < 0 else ''}{digits}{unit}{closing}")
    return [value / 10**places for value in values], texts, find_unit(unit)


@given(_written())
def test_any_numbers_written_in_a_known_way_are_read_as_they_were(
    written: tuple[list[float], list[str], str],
) -> None:
    expected, texts, unit = written
    values = numbers(*texts)
    assert (values.cells.to_pylist(), values.unit) == (expected, unit)
