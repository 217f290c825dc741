"""What one question may cost."""

import pytest

from dataset_service.analysis.question.bounds import MOST_PARTS, refuse_costly
from servicekit.errors import ToolRefused
from servicekit.question import Question

PART = {"column": "글", "operator": "contains", "value": ["가"] * 40}


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"search": "가 " * (MOST_PARTS + 1)}, "search"),
        ({"where": [PART, PART], "search": "가 " * 21}, "where"),
        ({"where": [{"any_of": [PART | {"operator": "starts_with"}] * 3}]}, "where"),
        ({"define": [{"name": "가", "where": [PART]}, {"name": "나", "near": {"where": [PART, PART]}}]}, "define"),
    ],
)
def test_question_that_looks_for_too_many_parts_of_texts_is_refused(question: object, field: str) -> None:
    asked = Question.model_validate(question)
    with pytest.raises(ToolRefused, match="100개") as refused:
        refuse_costly(asked, asked.search)
    assert refused.value.field == field


def test_as_many_parts_as_may_be_are_looked_for_and_whole_values_do_not_count() -> None:
    whole = {"column": "글", "value": ["가"] * 1000}
    asked = Question.model_validate({"where": [PART, PART, whole], "search": "가 " * 20})
    refuse_costly(asked, asked.search)
