"""Conditions of questions: lists, ranges, alternatives, search words, and what is refused."""

import unicodedata
from typing import Any

import pytest

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.question.narrowing import cells, narrowed, refused
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

NFD_TEXT = unicodedata.normalize("NFD", "차대차")
FRAME = frame_of(
    {
        "번호": list(range(6)),
        "정수": [22, 5, None, 22, -3, 100],
        "실수": [1.5, 22.0, None, float("inf"), -0.5, 3.0],
        "글자": ["차대차", "차대사람 (보행)", None, "a.c", "ABC", "차량단독"],
        "섞임": [NFD_TEXT, "차대차", None, "단독", "x", "y"],
        "연령": ["24세", "65세", None, "기타불명", "90세 이상", "7세"],
        "일시": dates(
            "2019-01-01T00:00", "2019-03-05T13:00", None, "2019-12-31T23:00", "2020-01-01T00:00", "2018-12-31T23:59:59"
        ),
        "글 일시": ["2019년 1월 1일 00시", "2019-03-05 13", None, "모름", "2020-01-01 00", "2018-12-31 23:59:59"],
        "시각": ["22:00", "05:00", None, "05:01", "12:30", "00:00"],
        "시": [22, 5, None, 6, 12, 0],
        "야간": [True, False, None, True, False, True],
        "요일": ["월", "화", None, "일", "수", "토"],
    },
    시각=ColumnReading(kind=ColumnKind.TIME),
    시=ColumnReading(meaning=Meaning.HOUR),
)


def rows(*where: dict[str, Any], search: str = "") -> list[Any]:
    """The numbers of the rows that conditions leave."""
    return cells(narrowed(FRAME, where=list(where), search=search), "번호")


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("정수", "==", [22, "5", 5.5], [0, 1, 3]),
        ("정수", "!=", [22, 5], [4, 5]),
        ("정수", "==", [2**70, 100], [5]),
        ("실수", "==", [1.5, "22"], [0, 1]),
        ("실수", "!=", [1.5, "22"], [3, 4, 5]),
        ("글자", "==", ["차대차", "ABC"], [0, 4]),
        ("글자", "!=", ["차대차", "ABC"], [1, 3, 5]),
        ("글자", "==", ["차대차", "없는 값"], [0]),
        ("글자", "contains", ["보행", "b"], [1, 4]),
        ("글자", "starts_with", "차대", [0, 1]),
        ("글자", "starts_with", ["차량", "a"], [3, 5]),
        ("섞임", "==", ["차대차", "x"], [0, 1, 4]),
        ("섞임", "starts_with", "차대", [0, 1]),
        ("연령", "==", [24, "65세", "기타불명"], [0, 1, 3]),
        ("연령", "!=", [24, "기타불명"], [1, 4, 5]),
        ("연령", "between", [7, 65], [0, 1, 5]),
        ("일시", "==", ["2018", "2019-03"], [1, 5]),
        ("일시", "!=", ["2018", "2019-03"], [0, 3, 4]),
        ("일시", "between", ["2018", "2019-03-05"], [0, 1, 5]),
        ("일시", "between", ["2019-Q1", 2020], [0, 1, 3, 4]),
        ("글 일시", "between", ["2018", "2019-03-05"], [0, 1, 5]),
        ("일시:시", "==", [23, 0], [0, 3, 4, 5]),
        ("일시:시", "between", [23, 0], [0, 3, 4, 5]),
        ("일시:월", "between", [12, 2], [0, 3, 4, 5]),
        ("일시:요일", "==", ["화요일"], [0, 1, 3]),
        ("일시:요일", "==", ["화", "수요일"], [0, 1, 3, 4]),
        ("요일", "!=", ["월요일", "토"], [1, 3, 4]),
        ("요일", "between", ["월", "금요일"], [0, 1, 4]),
        ("일시:요일", "between", ["토요일", "화"], [0, 1, 3, 5]),
        ("시각", "between", ["22:00", "05:00"], [0, 1, 5]),
        ("시각", "between", ["5시", "12:30"], [1, 3, 4]),
        ("시각", "==", ["22:00", "5시"], [0, 1, 3]),
        ("시각", "!=", ["22:00", "5시"], [4, 5]),
        ("시각", "starts_with", "05", [1, 3]),
        ("시", "between", [22, 5], [0, 1, 5]),
        ("시", "between", ["5시", 12], [1, 3, 4]),
        ("실수", "between", [-0.5, 3], [0, 4, 5]),
        ("야간", "==", [True, False], [0, 1, 3, 4, 5]),
        ("야간", "!=", [True, False], []),
        ("야간", "!=", [True], [1, 4]),
        ("정수", "missing", None, [2]),
        ("글자", "present", None, [0, 1, 3, 4, 5]),
        ("야간", "missing", None, [2]),
    ],
)
def test_conditions_leave_their_rows(column: str, operator: str, value: Any, expected: list[int]) -> None:
    assert rows({"column": column, "operator": operator, "value": value}) == expected


def test_all_conditions_hold_and_one_of_alternatives() -> None:
    several = [{"column": "정수", "operator": ">=", "value": 22}, {"column": "연령", "value": 7}]
    assert rows({"any_of": several}) == [0, 3, 5]
    assert rows({"any_of": several}, {"column": "야간", "value": True}, {"column": "글자", "value": "차대차"}) == [0]
    assert rows({"any_of": [{"column": "일시:시", "value": 13}]}) == [1]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("차대", [0, 1]), ("차대 x", []), ("abc", [4]), ("단독 65", []), ("단독 7세", [5]), ("22:0", [0]), ("a.", [3])],
)
def test_words_all_occur_in_some_text_of_a_row(search: str, expected: list[int]) -> None:
    assert rows(search=search) == expected


def test_search_goes_with_conditions() -> None:
    found = narrowed(FRAME, where=[{"column": "정수", "value": 22}], search="차대")
    assert cells(found, "번호") == [0]
    assert found.words == "검색어 `차대`, `정수` == 22"


def test_frame_without_texts_cannot_be_searched() -> None:
    path, message = refused(frame_of({"수": [1]}), search="말")
    assert (path, "글자 열이 없어" in message) == ("search", True)


def test_conditions_are_said_in_words() -> None:
    found = narrowed(
        FRAME,
        where=[
            {"column": "글자", "value": ["차대차", "ABC"]},
            {"column": "일시", "operator": "between", "value": ["2016", "2018"]},
            {"column": "연령", "operator": "missing"},
            {"any_of": [{"column": "정수", "operator": ">", "value": 1}, {"column": "야간", "value": True}]},
        ],
    )
    assert found.words == (
        "`글자` = (`차대차`, `ABC`), `일시` 2016 ~ 2018, `연령` 값 없음, (`정수` > 1 또는 `야간` = 참)"
    )


def test_value_that_no_row_has_is_noted_with_near_ones() -> None:
    found = narrowed(FRAME, where=[{"column": "글자", "value": ["차대차", "차량단둑"]}])
    assert found.notes == ("`글자`: `차량단둑` 값은 이 열에 없습니다. 비슷한 값: `차량단독`.",)


def test_columns_that_conditions_derive_are_not_shown() -> None:
    found = narrowed(
        FRAME, ["일시:연도"], where=[{"column": "일시:시", "value": 13}, {"column": "일시:연도", "value": 2019}]
    )
    assert list(found.frame.columns) == [*FRAME.columns, "일시:연도"]


ONE, TWO = {"column": "정수", "value": 1}, {"column": "글자", "operator": "==", "value": "가"}


@pytest.mark.parametrize(
    ("where", "path", "words"),
    [
        ([{"column": "정수"}], "where[0].value", "하나 이상 필요합니다"),
        ([ONE, {"column": "정수", "value": []}], "where[1].value", "하나 이상 필요합니다"),
        ([{"column": "정수", "operator": ">", "value": [1, 2]}], "where[0].value", "하나만 필요합니다. 지금은 2개"),
        ([{"column": "정수", "operator": "between", "value": [1]}], "where[0].value", "두 개가 필요합니다"),
        ([{"column": "정수", "operator": "between", "value": [1, 2, 3]}], "where[0].value", "지금은 3개"),
        ([{"column": "정수", "operator": "between", "value": [9, 2]}], "where[0].value", "순서를 바꿔주세요"),
        ([{"column": "일시", "operator": "between", "value": [2020, 2019]}], "where[0].value", "순서를 바꿔주세요"),
        ([{"column": "정수", "operator": "missing", "value": 1}], "where[0].value", "값을 적지 않습니다"),
        ([{"column": "정수", "value": ["가", 1]}], "where[0].value", "숫자로 읽을 수 없습니다"),
        ([{"column": "정수", "operator": "contains", "value": 1}], "where[0].operator", "contains를 쓸 수 없습니다"),
        ([{"column": "일시", "operator": "starts_with", "value": 1}], "where[0].operator", "== 와 2019"),
        ([{"column": "야간", "operator": "between", "value": [0, 1]}], "where[0].operator", "== 와 != 만"),
        ([{"column": "글자", "operator": "between", "value": ["가", "나"]}], "where[0].operator", "비교를"),
        ([{"column": "글자", "operator": "starts_with", "value": ""}], "where[0].value", "찾을 글자"),
        ([{"column": "연령", "operator": "<", "value": "노인"}], "where[0].value", "숫자로 읽을 수 없습니다"),
        ([{"column": "시각", "operator": "<", "value": "밤"}], "where[0].value", "시각으로 읽을 수 없습니다"),
        ([{"column": "없음", "value": 1}], "where[0].column", "`없음` 열이 없습니다"),
        ([{"column": "일시:시", "value": [1, 24]}], "where[0].value", "`일시:시` 값은 0~23입니다"),
        ([{"column": "일시:월", "operator": ">", "value": 13}], "where[0].value", "`일시:월` 값은 1~12입니다"),
        ([{"column": "일시:요일", "value": "목욕일"}], "where[0].value", "`월요일`, `화요일`"),
        ([{"column": "일시:초", "value": 1}], "where[0].column", "만들 수 있는 것: 연도, 분기"),
        ([{"value": 1}], "where[0].column", "열 이름(column)이 필요합니다"),
        ([{"column": "정수", "any_of": [ONE]}], "where[0]", "열과 값을 따로 적지 않습니다"),
        ([TWO, {"any_of": [ONE, ONE, {"column": "나이", "value": 1}]}], "where[1].any_of[2].column", "`나이` 열이"),
    ],
)  # fmt: skip
def test_condition_that_does_not_fit_is_refused_where_it_is(where: list[Any], path: str, words: str) -> None:
    said_path, message = refused(FRAME, where=where)
    assert said_path == path
    assert words in message


def test_equal_values_of_different_types_are_told_apart() -> None:
    assert rows({"column": "시", "value": 0}) == [5]
    assert refused(FRAME, where=[{"column": "시", "value": False}])[0] == "where[0].value"


def test_whole_numbers_at_their_ends_are_compared_exactly() -> None:
    frame = frame_of({"수": [2**63 - 1, -(2**63)]})
    assert cells(narrowed(frame, where=[{"column": "수", "operator": ">=", "value": 2**63}]), "수") == []
    assert cells(narrowed(frame, where=[{"column": "수", "value": [2**63, 2**63 - 1]}]), "수") == [2**63 - 1]
