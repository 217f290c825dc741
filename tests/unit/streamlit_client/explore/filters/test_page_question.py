"""The address holds the question of the page, whole or not at all."""

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from servicekit import question as asked
from servicekit.question import Condition, Definition, Measure, Near, Question
from streamlit_client import address
from streamlit_client.explore.filters.page_question import MOST_ENCODED, question_text
from tests.patience import PATIENCE_SECONDS

WET = Condition(column="기상상태", value="비")
NIGHT = Condition(column="사고일시:시", value=(22, 23, 0))
HARM = Definition(name="중상이상", where=(Condition(column="사고내용", value=("사망사고", "중상사고")),))
FAR = Definition(name="거리_km", near=Near(latitude=35.87, longitude=128.6))


def page(do: str, arguments: list[object]) -> None:
    import streamlit as st

    from streamlit_client.explore.filters import page_question

    if do and st.button("do"):
        getattr(page_question, do)(*arguments)
    question = page_question.current_question()
    st.text(question.model_dump_json(exclude_defaults=True))
    st.text(f"{page_question.is_readable()} {page_question.take_too_long()}")


def open_page(question: Question | str, do: str = "", *arguments: object) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(do, list(arguments)))
    text = question if isinstance(question, str) else question_text(question)
    if text:
        at.query_params[address.QUESTION] = text
    at.run()
    if do:
        at.button[0].click().run()
    assert not at.exception
    return at


def question_on(at: AppTest) -> Question:
    return Question.model_validate_json(at.text[0].value)


@pytest.mark.parametrize(
    "question",
    [
        Question(where=(WET, NIGHT), search='교차로 "횡단" & 100%'),
        Question(define=(HARM, FAR), where=(Condition(column="중상이상", value=True),)),
        Question(
            where=(
                Condition(
                    any_of=(asked.Test(column="기상상태"), asked.Test(column="사망자수", operator=">=", value=1))
                ),
            )
        ),
        Question(groups=("사고일시:연월",), measures=(Measure(), Measure(measure="percentile", column="ECLO"))),
    ],
)
def test_question_is_opened_as_the_address_has_it(question: Question) -> None:
    assert question_on(open_page(question)) == question


def test_address_holds_nothing_that_is_usual() -> None:
    assert orjson.loads(question_text(Question(where=(WET,))) or "") == {
        "where": [{"column": "기상상태", "value": "비"}]
    }
    assert question_text(Question()) is None


@pytest.mark.parametrize("broken", ["{", '{"where": [{"colum": "a"}]}', '["where"]', '{"limit": -1}', "\u0000"])
def test_unreadable_question_is_told_and_counts_as_none(broken: str) -> None:
    at = open_page(broken)
    assert at.text[1].value.startswith("False")
    assert question_on(at) == Question()


CHART = Question(where=(WET, NIGHT), groups=("기상상태",))


@pytest.mark.parametrize(
    ("do", "arguments", "where"),
    [
        (
            "add_condition",
            ("사고유형", "==", ["차대차"]),
            (WET, NIGHT, Condition(column="사고유형", value=("차대차",))),
        ),
        ("add_condition", ("기상상태", "==", "눈"), (NIGHT, Condition(column="기상상태", value="눈"))),
        ("add_condition", ("기상상태", "present"), (WET, NIGHT, Condition(column="기상상태", operator="present"))),
        ("remove_condition", (0,), (NIGHT,)),
        ("remove_condition", (9,), (WET, NIGHT)),
    ],
)
def test_change_of_the_conditions_keeps_the_groups(do: str, arguments: tuple[object], where: tuple[Condition]) -> None:
    assert question_on(open_page(CHART, do, *arguments)) == CHART.model_copy(update={"where": where})


def test_words_to_contain_add_up() -> None:
    first = Condition(column="비고", operator="contains", value="횡단")
    at = open_page(Question(where=(first,)), "add_condition", "비고", "contains", "교차로")
    assert len(question_on(at).where) == 2


def test_definition_goes_with_the_conditions_on_it() -> None:
    harmed = Condition(column="중상이상", value=True)
    either = Condition(any_of=(harmed, WET))
    at = open_page(Question(define=(HARM, FAR), where=(harmed, WET, either)), "remove_definition", "중상이상")
    assert question_on(at) == Question(define=(FAR,), where=(WET,))


def test_clearing_leaves_nothing_in_the_address() -> None:
    at = open_page(CHART, "clear_question")
    assert question_on(at) == Question()
    assert address.QUESTION not in at.query_params


def test_question_that_is_too_long_for_the_address_changes_nothing_and_is_told() -> None:
    long = "가" * (MOST_ENCODED // 9)
    at = open_page(Question(where=(WET,)), "add_condition", "비고", "==", long)
    assert question_on(at) == Question(where=(WET,))
    assert at.text[1].value.endswith("True")
    assert at.run().text[1].value.endswith("False")
