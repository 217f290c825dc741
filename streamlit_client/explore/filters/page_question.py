"""The question of the page: the conditions that everything on it follows. Only the address holds it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson
from pydantic import ValidationError

from servicekit.question import Condition, Operator, Question
from streamlit_client import address, state

MOST_ENCODED = 7_500
"""Most characters of a question in an address, where a Korean letter takes nine; servers refuse lines beyond 8,192."""
_TOO_LONG = "question.too_long"
_ALTERNATIVES: Sequence[Sequence[Operator]] = (
    ("==", "!="),
    (">", "<", ">=", "<=", "between"),
    ("missing", "present"),
)


def question_text(question: Question) -> str | None:
    """Returns a question as an address holds it: compact JSON without defaults. None if nothing is asked."""
    text = orjson.dumps(question.model_dump(mode="json", exclude_defaults=True)).decode()
    return None if text == "{}" else text


def is_readable() -> bool:
    """Whether the question in the address can be read. One that cannot counts as none."""
    return _find() is not None


def current_question() -> Question:
    """Returns all that the address asks: the conditions that everything follows, groups and measures of a chart."""
    return _find() or Question()


def rows_of(question: Question) -> Question:
    """Returns the parts of a question that say which rows it is about."""
    return Question(define=question.define, where=question.where, search=question.search)


def change_question(**parts: Any) -> None:
    """Changes parts of the question in the address. One that is too long for it changes nothing, and is told."""
    text = question_text(current_question().model_copy(update=parts))
    if len(quote(text or "")) > MOST_ENCODED:
        state.remember(_TOO_LONG, True)
    else:
        address.put(**{address.QUESTION: text})


def take_too_long() -> bool:
    """Whether the last change was too long; asked once."""
    return state.take(_TOO_LONG, bool) is not None


def add_condition(column: str, operator: Operator, value: Any = None) -> None:
    """Adds a condition. It takes the place of one that chooses values, a range or gaps of the same column as well.

    `value` may be a list.
    """
    condition = Condition.model_validate({"column": column, "operator": operator, "value": value})
    replaced = next((kind for kind in _ALTERNATIVES if operator in kind), ())
    kept = [one for one in current_question().where if one.column != column or one.operator not in replaced]
    change_question(where=(*kept, condition))


def remove_condition(place: int) -> None:
    """Removes the condition at this place."""
    where = current_question().where
    change_question(where=where[:place] + where[place + 1 :])


def remove_definition(name: str) -> None:
    """Removes a column that is defined, with the conditions on it."""
    asked = current_question()
    change_question(
        define=tuple(one for one in asked.define if one.name != name),
        where=tuple(one for one in asked.where if name not in {one.column, *(test.column for test in one.any_of)}),
    )


def clear_question() -> None:
    """Removes everything that is asked."""
    address.put(**{address.QUESTION: None})


def _find() -> Question | None:
    try:
        return Question.model_validate_json(address.find(address.QUESTION) or "{}")
    except ValidationError:
        return None
