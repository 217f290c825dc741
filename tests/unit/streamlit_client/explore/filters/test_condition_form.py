"""What a person fills in becomes a condition in the address."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from servicekit.question import Condition, Definition, Question
from streamlit_client import address
from streamlit_client.explore.filters.page_question import question_text
from tests.patience import PATIENCE_SECONDS
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

FRAME = pd.DataFrame(
    {
        "사고유형": ["차대차"] * 3 + ["차대사람"] * 2 + [None],
        "사망자수": [0, 0, 2, 1, 0, 0],
        "사고일시": pd.to_datetime(["2019-05-01 10:00", *["2020-01-01 00:00"] * 4, "2021-12-31 00:00"]),
        "기준연도": pd.to_datetime(["2019-01-01"] * 6),
    }
)
KNOWN: dict[str, dict[str, Any]] = {
    "사망자수": {"type": "integer", "minimum": "0", "maximum": "2"},
    "사고일시": {"minimum": "2019-05-01 10:00", "maximum": "2021-12-31 00:00"},
    "기준연도": {"precision": "year"},
}
ALL = Question()
HARM = Definition(name="피해", where=(Condition(column="사망자수", operator=">=", value=1),))


def page(dataset_id: str) -> None:
    import inspect

    from streamlit_client import state
    from streamlit_client.explore.filters.condition_form import show_condition_form

    # The dialog around it is open in one run only.
    inspect.unwrap(show_condition_form)(state.datasets().get_profile(dataset_id))


def open_form(kept: KeptDatasets, column: str, way: str | None = None, question: Question = ALL) -> AppTest:
    kept.known = KNOWN
    at = AppTest.from_function(page, args=(kept.add(FRAME),), default_timeout=PATIENCE_SECONDS)
    if text := question_text(question):
        at.query_params[address.QUESTION] = text
    at.run().selectbox[0].set_value(column).run()
    if way is not None:
        at.segmented_control[0].set_value(way).run()
    assert not at.exception
    return at


def add(at: AppTest) -> tuple[Condition, ...]:
    at.button(key="filters.added").click().run()
    assert not at.exception
    return Question.model_validate_json(str(at.query_params[address.QUESTION])).where


def fill(kind: str, *values: Any) -> Callable[[AppTest], None]:
    def fill_in(at: AppTest) -> None:
        for widget, value in zip(getattr(at, kind), values, strict=False):
            if value is not None:
                widget.set_value(value)
        at.run()

    return fill_in


@pytest.mark.parametrize(
    ("column", "way", "fill_in", "operator", "value"),
    [
        ("사고유형", None, fill("multiselect", ["차대차"]), "==", "차대차"),
        ("사고유형", None, fill("multiselect", ["차대차", "차대사람"]), "==", ("차대차", "차대사람")),
        ("사고유형", "포함하는 말", fill("text_input", " 사람 "), "contains", "사람"),
        ("사고유형", "빈 값", fill("radio", "present"), "present", None),
        ("사망자수", None, fill("number_input", 1, 2), "between", (1, 2)),
        ("사망자수", None, fill("number_input", None, 0), "<=", 0),
        ("사고일시", None, fill("date_input", date(2020, 1, 1)), ">=", "2020-01-01"),
        (
            "사고일시",
            None,
            fill("date_input", date(2020, 1, 1), date(2020, 1, 2)),
            "between",
            ("2020-01-01", "2020-01-02"),
        ),
        ("기준연도", None, fill("text_input", "2018", "2019"), "between", ("2018", "2019")),
    ],
)
def test_what_is_filled_in_becomes_a_condition(
    kept: KeptDatasets, column: str, way: str | None, fill_in: Callable[[AppTest], None], operator: Any, value: Any
) -> None:
    at = open_form(kept, column, way)
    fill_in(at)
    assert add(at) == (Condition(column=column, operator=operator, value=value),)


def test_values_come_with_their_rows_under_the_conditions_on_other_columns(kept: KeptDatasets) -> None:
    asked = Question(where=(Condition(column="사고유형", value="차대차"), Condition(column="사망자수", value=0)))
    at = open_form(kept, "사고유형", question=asked)
    assert at.multiselect[0].options == ["차대차 (2행)", "차대사람 (1행)"]
    assert at.multiselect[0].value == ["차대차"]
    at.multiselect[0].select("차대사람")
    at.toggle[0].set_value(True).run()
    assert add(at)[-1] == Condition(column="사고유형", operator="!=", value=("차대차", "차대사람"))


def test_nothing_can_be_added_before_something_is_chosen(kept: KeptDatasets) -> None:
    assert open_form(kept, "사고유형").button(key="filters.added").disabled


def test_value_of_a_column_with_too_many_to_list_is_written(kept: KeptDatasets) -> None:
    kept.known = KNOWN
    dataset_id = kept.add(pd.DataFrame({"번호": range(5_000)}))
    at = AppTest.from_function(page, args=(dataset_id,), default_timeout=PATIENCE_SECONDS).run()
    at.selectbox[0].set_value("번호").run()
    at.segmented_control[0].set_value("값").run()
    assert at.multiselect[0].proto.accept_new_options
    assert "5,000행" in at.caption[0].value
    at.multiselect[0].set_value(["77"]).run()
    assert add(at) == (Condition(column="번호", value="77"),)


def test_part_of_a_date_is_chosen_by_its_values(kept: KeptDatasets) -> None:
    at = open_form(kept, "사고일시", "연도")
    at.multiselect[0].set_value(["2020"]).run()
    assert add(at) == (Condition(column="사고일시:연도", value="2020"),)


def test_defined_column_is_chosen_like_any_other(kept: KeptDatasets) -> None:
    harmed = Condition(column="피해", value=True)
    at = open_form(kept, "피해", question=Question(define=(HARM,), where=(harmed,)))
    assert sorted(at.multiselect[0].options) == ["거짓 (4행)", "참 (2행)"]
    assert at.multiselect[0].value == ["참"]
