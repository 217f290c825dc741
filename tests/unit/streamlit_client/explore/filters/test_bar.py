"""The bar shows what is asked, and tells why nothing is shown below it."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from servicekit.question import Condition, Question
from streamlit_client import address, texts_explore
from streamlit_client.explore.filters.page_question import question_text
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

FRAME = pd.DataFrame(
    {"사고유형": ["차대차"] * 3 + ["차대사람"], "비고": ["네거리 비", "비", "눈", "횡단"], "사망자수": [0, 0, 2, 1]}
)
CARS = Condition(column="사고유형", value="차대차")
DEAD = Condition(column="사망자수", operator=">=", value=1)


def page(dataset_id: str) -> None:
    import streamlit as st

    from streamlit_client import state
    from streamlit_client.explore.filters.bar import show_filters

    question = show_filters(state.datasets().get_profile(dataset_id))
    if question is not None:
        st.text(question.model_dump_json(exclude_defaults=True))


def open_page(kept: KeptDatasets, question: Question | str = "", frame: pd.DataFrame = FRAME) -> AppTest:
    at = AppTest.from_function(page, args=(kept.add(frame),), default_timeout=PATIENCE_SECONDS)
    text = question if isinstance(question, str) else question_text(question)
    if text:
        at.query_params[address.QUESTION] = text
    at.run()
    assert not at.exception
    return at


def asked(at: AppTest) -> Question:
    return Question.model_validate_json(at.text[0].value)


def chips(at: AppTest) -> list[str]:
    return [button.label for button in at.button if str(button.key).startswith("filters.chip.")]


def test_rows_that_fit_are_told_beside_a_chip_for_each_condition(kept: KeptDatasets) -> None:
    at = open_page(kept, Question(where=(CARS, DEAD)))
    assert chips(at) == ["사고유형 = 차대차", "사망자수 ≥ 1"]
    assert "4행 중 **1행** (25.0%)" in texts_of(at)
    assert asked(at).where == (CARS, DEAD)


def test_few_of_many_rows_are_not_none(kept: KeptDatasets) -> None:
    many = pd.DataFrame({"번호": range(5_000)})
    at = open_page(kept, Question(where=(Condition(column="번호", value=7),)), many)
    assert "5,000행 중 **1행** (0.1% 미만)" in texts_of(at)


def test_cross_removes_its_condition_alone(kept: KeptDatasets) -> None:
    at = open_page(kept, Question(where=(CARS, DEAD)))
    at.button(key="filters.chip.0").click().run()
    assert asked(at) == Question(where=(DEAD,))
    assert "4행 중 **2행** (50.0%)" in texts_of(at)


def test_words_to_search_for_are_asked_and_cleared_with_the_rest(kept: KeptDatasets) -> None:
    at = open_page(kept, Question(where=(CARS,)))
    at.text_input[0].set_value("  네거리   비 ").run()
    assert asked(at) == Question(where=(CARS,), search="네거리 비")
    assert "4행 중 **1행**" in texts_of(at)
    at.button(key="filters.clear").click().run()
    assert asked(at) == Question()
    assert at.text_input[0].value == ""
    assert "행 중" not in texts_of(at)


def test_nothing_is_counted_as_long_as_nothing_is_asked(kept: KeptDatasets) -> None:
    open_page(kept)
    assert kept.asked == []


def test_rows_of_the_same_question_are_counted_once(kept: KeptDatasets) -> None:
    at = open_page(kept, Question(where=(CARS,)))
    at.run()
    assert [name for name, _ in kept.asked] == ["count_rows"]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("{", texts_explore.QUESTION_UNREADABLE),
        (Question(where=(Condition(column="기상상태", value="비"),)), "기상상태"),
        (Question(where=(CARS, Condition(column="비고", value="횡단"))), texts_explore.NO_ROWS_MATCHED),
    ],
)
def test_question_without_rows_is_told_and_can_be_cleared(
    kept: KeptDatasets, question: Question | str, sentence: str
) -> None:
    at = open_page(kept, question)
    assert sentence in texts_of(at)
    assert not at.text
    at.button(key="filters.clear").click().run()
    assert asked(at) == Question()
