"""What conditions and definitions say, in Korean."""

from collections.abc import Sequence

from servicekit.question import Condition, Definition, Test
from streamlit_client import texts_explore

_MOST_VALUES = 3


def column_words(name: str) -> str:
    """Returns the name of a column; of a derived one with its part: `사고일시:시` is `사고일시 시`."""
    source, _, part = name.rpartition(":")
    if source and part in texts_explore.PARTS:
        return f"{source} {part}"
    return texts_explore.STEPS.format(column=source, width=part) if source and part.isdecimal() else name


def condition_words(condition: Condition) -> str:
    """Returns what a condition says: `사고유형 = 차대사람`."""
    return texts_explore.OR.join(_test_words(test) for test in condition.any_of or (condition,))


def definition_words(definition: Definition) -> str:
    """Returns what a column is defined as: `사상자 = 사망자수 + 중상자수`."""
    near = definition.near
    if near is not None:
        place = _all_words(near.where) or f"{near.latitude:.4f}, {near.longitude:.4f}"
        content = texts_explore.DISTANCE_TO.format(place=place)
    else:
        content = " + ".join(definition.sum_of) or _all_words(definition.where)
    return texts_explore.DEFINED.format(name=definition.name, content=content)


def value_words(value: str | float | bool) -> str:
    """Returns a value of a condition as text."""
    return texts_explore.TRUTH[value] if isinstance(value, bool) else str(value)


def _all_words(where: Sequence[Condition]) -> str:
    return texts_explore.AND.join(condition_words(condition) for condition in where)


def _test_words(test: Test) -> str:
    values = test.value if isinstance(test.value, tuple) else () if test.value is None else (test.value,)
    texts = [value_words(value) for value in values]
    if test.operator == "between":
        value = " ~ ".join(texts)
    else:
        value = ", ".join(texts[:_MOST_VALUES])
        if len(texts) > _MOST_VALUES:
            value = texts_explore.MORE_VALUES.format(values=value, count=len(texts) - _MOST_VALUES)
    return texts_explore.CONDITIONS[test.operator].format(column=column_words(test.column), value=value)
