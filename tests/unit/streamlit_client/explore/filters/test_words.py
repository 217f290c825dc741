import pytest

from servicekit.question import Condition, Definition, Near, Operator
from streamlit_client.explore.filters.words import column_words, condition_words, definition_words

DEAD, HURT = (Condition(column=name, operator=">=", value=1) for name in ("사망자수", "중상자수"))


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        ("==", "차대사람", "열 = 차대사람"),
        ("==", (22, 23, 0), "열 = 22, 23, 0"),
        ("==", ("가", "나", "다", "라", "마"), "열 = 가, 나, 다 외 2개"),
        ("==", True, "열 = 참"),
        ("!=", "비", "열 ≠ 비"),
        (">=", 1.5, "열 ≥ 1.5"),
        ("between", ("2016", "2018"), "열 2016 ~ 2018"),
        ("contains", "횡단", "열에 ‘횡단’ 포함"),
        ("missing", None, "열 값 없음"),
    ],
)
def test_condition_says_in_korean_what_holds(operator: Operator, value: object, words: str) -> None:
    condition = Condition.model_validate({"column": "열", "operator": operator, "value": value})
    assert condition_words(condition) == words


def test_alternatives_are_one_condition() -> None:
    assert condition_words(Condition(any_of=(DEAD, HURT))) == "사망자수 ≥ 1 또는 중상자수 ≥ 1"


@pytest.mark.parametrize(
    ("name", "words"),
    [("사고일시:시", "사고일시 시"), ("연령:10", "연령 (10 단위)"), ("구분:기타", "구분:기타"), ("시", "시")],
)
def test_derived_column_is_called_by_its_part(name: str, words: str) -> None:
    assert column_words(name) == words


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (Definition(name="피해", where=(DEAD, HURT)), "피해: 사망자수 ≥ 1 그리고 중상자수 ≥ 1"),
        (Definition(name="사상자", sum_of=("사망자수", "중상자수")), "사상자: 사망자수 + 중상자수"),
        (Definition(name="km", near=Near(latitude=35.87, longitude=128.6)), "km: 35.8700, 128.6000까지 거리 (km)"),
        (Definition(name="km", near=Near(where=(DEAD,))), "km: 사망자수 ≥ 1까지 거리 (km)"),
    ],
)
def test_definition_says_what_it_is_made_of(definition: Definition, words: str) -> None:
    assert definition_words(definition) == words
