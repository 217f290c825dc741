"""Conditions as `filter_dataframe` takes them."""

import unicodedata
from typing import Any

import pytest

from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

NFD_TEXT = unicodedata.normalize("NFD", "차대차")
FRAME = frame_of(
    {
        "번호": list(range(6)),
        "정수": [22, 5, None, 22, -3, 100],
        "실수": [1.5, 22.0, None, float("inf"), -0.5, float("nan")],
        "글자": ["차대차", "차대사람 (보행)", None, "a.c", "ABC", "차량단독"],
        "섞임": [NFD_TEXT, "차대차", None, "단독", "x", "y"],
        "연령": ["24세", "65세", None, "기타불명", "90세 이상", "7세"],
        "일시": dates(
            "2019-01-01T00:00", "2019-03-05T13:00", None, "2019-12-31T23:00", "2020-01-01T00:00", "2018-12-31T23:59:59"
        ),
        "글 일시": ["2019년 1월 1일 00시", "2019-03-05 13", None, "모름", "2020-01-01 00", "2018-12-31 23:59:59"],
        "야간": [True, False, None, True, False, True],
    }
)


def found(column: str, operator: str, value: Any) -> list[int]:
    """The rows a filter finds."""
    return column_of(checked("filter_dataframe", FRAME, column=column, operator=operator, value=value), "번호")


@pytest.mark.parametrize("value", ["22", 22, 22.0, " 22 ", "２２", "22.0", "+22", "2.2e1"])
def test_whole_number_is_found_however_it_is_written(value: Any) -> None:
    assert found("정수", "==", value) == [0, 3]


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [
        ("!=", 22, [1, 4, 5]),
        (">", "5", [0, 3, 5]),
        (">=", 5, [0, 1, 3, 5]),
        ("<", 5.5, [1, 4]),
        ("<=", -3, [4]),
        ("==", 5.5, []),
        (">", 2**70, []),
        ("<", 10**400, [0, 1, 3, 4, 5]),
        ("!=", 2**63, [0, 1, 3, 4, 5]),
        (">=", -(2**63), [0, 1, 3, 4, 5]),
    ],
)
def test_whole_numbers_are_compared(operator: str, value: Any, rows: list[int]) -> None:
    assert found("정수", operator, value) == rows


def test_huge_whole_numbers_are_not_rounded() -> None:
    frame = frame_of({"번호": [2**53, 2**53 + 1]})
    result = checked("filter_dataframe", frame, column="번호", operator="==", value=2**53 + 1)
    assert column_of(result, "번호") == [2**53 + 1]


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [("==", "22", [1]), (">", 1, [0, 1, 3]), ("<=", "1.5", [0, 4]), ("!=", 22, [0, 3, 4]), ("<", "1,000", [0, 1, 4])],
)
def test_fractions_are_compared_infinity_too(operator: str, value: Any, rows: list[int]) -> None:
    assert found("실수", operator, value) == rows


@pytest.mark.parametrize(("column", "kind"), [("정수", "정수"), ("실수", "실수")])
@pytest.mark.parametrize("value", ["스물둘", "", "22건 이상", True, "nan", "0x16"])
def test_what_is_no_number_is_refused_with_the_kind_and_the_range(column: str, kind: str, value: Any) -> None:
    said = refusal("filter_dataframe", FRAME, column=column, operator="==", value=value)
    assert f"`{column}` 열은 {kind} 열입니다." in said
    assert "숫자로 읽을 수 없습니다. 값의 범위:" in said


def test_nothing_found_among_numbers_tells_their_range() -> None:
    result = checked("filter_dataframe", FRAME, column="정수", operator=">", value=1000)
    assert "**0행**(0%)" in result.text
    assert "값의 범위: -3 ~ 100." in result.text


def test_rows_without_a_value_fit_no_condition_and_are_counted() -> None:
    result = checked("filter_dataframe", FRAME, column="정수", operator="!=", value=22)
    assert (result.rows_used, result.rows_missing) == (5, 1)
    assert "**3행**(60%)" in result.text
    assert result.text.endswith("근거: 전체 6행 중 5행 (결측 1행 제외).")


@pytest.mark.parametrize("operator", [">", "<", ">=", "<="])
def test_order_among_words_is_refused_with_what_would_do(operator: str) -> None:
    said = refusal("filter_dataframe", FRAME, column="글자", operator=operator, value="차대차")
    assert f"`글자` 열은 글자 열이라 {operator} 비교를 할 수 없습니다." in said
    assert "==, !=, contains" in said
    assert "이 열의 값 예:" in said


@pytest.mark.parametrize(
    ("part", "rows"),
    [("(", [1]), ("차대", [0, 1]), (".", [3]), ("[", []), ("\\d", []), ("*", []), ("abc", [4]), ("a", [3, 4])],
)
def test_contains_takes_every_sign_as_it_is(part: str, rows: list[int]) -> None:
    assert found("글자", "contains", part) == rows


def test_contains_finds_digits_given_as_a_number() -> None:
    assert found("연령", "contains", 9) == [4]


def test_contains_is_for_text_alone() -> None:
    assert "contains를 쓸 수 없습니다" in refusal(
        "filter_dataframe", FRAME, column="정수", operator="contains", value="2"
    )
    said = refusal("filter_dataframe", FRAME, column="일시", operator="contains", value="2019")
    assert "== 와 2019 또는 2019-03" in said
    assert "찾을 글자" in refusal("filter_dataframe", FRAME, column="글자", operator="contains", value="")


@pytest.mark.parametrize("written", ["차대차", NFD_TEXT, " 차대차 "])
def test_hangul_is_the_same_in_both_unicode_forms(written: str) -> None:
    assert found("섞임", "==", written) == [0, 1]
    assert found("섞임", "!=", written) == [3, 4, 5]


@pytest.mark.parametrize("part", ["대차", unicodedata.normalize("NFD", "대차")])
def test_contains_finds_hangul_in_both_unicode_forms(part: str) -> None:
    assert found("섞임", "contains", part) == [0, 1]


def test_text_that_no_row_has_suggests_the_nearest() -> None:
    result = checked("filter_dataframe", FRAME, column="글자", operator="==", value="차량단둑")
    assert "`차량단둑` 값은 이 열에 없습니다. 비슷한 값: `차량단독`" in result.text
    assert result.table.total_rows == 0


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [
        (">=", 65, [1, 4]),
        (">=", "65세", [1, 4]),
        ("<", "24", [5]),
        ("==", 24, [0]),
        ("==", "24세", [0]),
        ("!=", 24, [1, 4, 5]),
    ],
)
def test_numbers_in_text_are_compared_as_numbers(operator: str, value: Any, rows: list[int]) -> None:
    assert found("연령", operator, value) == rows


def test_numbers_in_text_say_what_was_left_out() -> None:
    result = checked("filter_dataframe", FRAME, column="연령", operator=">=", value=65)
    assert "숫자로 읽히지 않는 글자 1행 제외" in result.text
    assert (result.rows_used, result.rows_missing) == (4, 1)
    said = refusal("filter_dataframe", FRAME, column="연령", operator=">=", value="노인")
    assert "`노인` 값은 숫자로 읽을 수 없습니다. 값의 범위:" in said


PERIODS = [
    ("==", "2019", [0, 1, 3]),
    ("==", 2019, [0, 1, 3]),
    ("==", "2019년", [0, 1, 3]),
    ("==", "2019-03", [1]),
    ("==", "2019년 3월", [1]),
    ("==", "2019.03", [1]),
    ("==", "2019-01-01", [0]),
    ("==", "2019년 1월 1일", [0]),
    ("==", "20190305", [1]),
    ("==", "2019년 3월 5일 13시", [1]),
    ("==", "2019-03-05 13:00", [1]),
    ("==", "2019-03-05T13:00:00", [1]),
    ("!=", "2019", [4, 5]),
    ("<", "2019", [5]),
    ("<=", "2019", [0, 1, 3, 5]),
    (">", "2019", [4]),
    (">=", "2019-12-31", [3, 4]),
    (">", "2019-12-31 22", [3, 4]),
    ("<", "2019/03/05 13:00", [0, 5]),
]


@pytest.mark.parametrize(("operator", "value", "rows"), PERIODS)
def test_dates_are_compared_by_the_period_that_is_written(operator: str, value: Any, rows: list[int]) -> None:
    assert found("일시", operator, value) == rows


@pytest.mark.parametrize(("operator", "value", "rows"), PERIODS)
def test_dates_in_text_are_compared_the_same_way(operator: str, value: Any, rows: list[int]) -> None:
    assert found("글 일시", operator, value) == [row for row in rows if row != 3]


@pytest.mark.parametrize("value", ["어제", "2019-13", "2019-02-30", "19-01-01", True, "3월"])
def test_what_is_no_date_is_refused_with_how_to_write_one(value: Any) -> None:
    said = refusal("filter_dataframe", FRAME, column="일시", operator=">=", value=value)
    assert "날짜로 읽을 수 없습니다." in said
    assert "2019-03-05 13:00 같은 형식" in said
    assert "값의 범위: 2018-12-31 ~ 2020-01-01." in said


def test_period_that_was_understood_is_said() -> None:
    assert (
        "`일시` == 2019-03 조건"
        in checked("filter_dataframe", FRAME, column="일시", operator="==", value="2019년 3월").text
    )


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [
        ("==", True, [0, 3, 5]),
        ("==", "참", [0, 3, 5]),
        ("!=", "true", [1, 4]),
        ("==", "아니오", [1, 4]),
        ("==", 0, [1, 4]),
        ("==", 1.0, [0, 3, 5]),
    ],
)
def test_booleans_are_true_or_false(operator: str, value: Any, rows: list[int]) -> None:
    assert found("야간", operator, value) == rows


def test_booleans_have_no_order_and_no_other_value() -> None:
    assert "== 와 != 만" in refusal("filter_dataframe", FRAME, column="야간", operator=">", value=True)
    assert "true 또는 false" in refusal("filter_dataframe", FRAME, column="야간", operator="==", value="밤")
