"""What one question may cost: looking for a part of texts reads all of them."""

from dataset_service.analysis.question.text_conditions import OF_PARTS
from servicekit.errors import ToolRefused
from servicekit.question import Condition, Narrowing

MOST_PARTS = 100


def refuse_costly(question: Narrowing, search: str) -> None:
    """Raises `ToolRefused` if a question looks for too many words and parts of texts."""
    conditions: list[Condition] = [*question.where]
    for definition in question.define:
        conditions += [*definition.where, *(definition.near.where if definition.near else ())]
    tests = [test for one in conditions for test in (one, *one.any_of) if test.operator in OF_PARTS]
    words = len(search.split())
    parts = words + sum(len(test.value) if isinstance(test.value, tuple) else 1 for test in tests)
    if parts > MOST_PARTS:
        raise ToolRefused(
            f"검색어와 {', '.join(OF_PARTS)} 조건으로 한 번에 찾을 수 있는 글자는 모두 {MOST_PARTS}개입니다. "
            f"지금은 {parts:,}개입니다. "
            "수를 줄이거나 == 조건을 써주세요.",
            field="search" if words > MOST_PARTS else "where" if question.where else "define",
        )
