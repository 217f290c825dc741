"""The rows that meet the conditions of a question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dataset_service.analysis.frame.column import Mask
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.condition import Condition as Met
from dataset_service.analysis.question.conditions import condition_on
from dataset_service.analysis.question.derived import find_or_derive
from dataset_service.analysis.question.fields import at_field
from dataset_service.analysis.wording import code_text
from servicekit.errors import ToolRefused
from servicekit.question import Condition, Test


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that meet a condition, or several. `code` is a pandas expression for them, `words` say it in Korean.

    `columns` are those that were tested, with those that they were derived from.
    """

    rows: Mask
    code: str
    words: str
    columns: tuple[Added, ...]
    functions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: int = 0
    """Rows without a value to test."""

    def is_on(self, name: str) -> bool:
        """Tells whether it tests that column alone."""
        return bool(self.columns) and all(added.column.name == name for added in self.columns)


def each_where(frame: Frame, where: Sequence[Condition]) -> list[Found]:
    """Returns the rows of each condition. Raises `ToolRefused` with the path of the one that does not fit."""
    found = []
    for place, condition in enumerate(where):
        with at_field(f"where[{place}]"):
            found.append(_any_of(frame, condition) if condition.any_of else _test(frame, condition))
    return found


def all_of(frame: Frame, found: Sequence[Found]) -> Found:
    """Returns the rows that meet all of several conditions."""
    return _joined(frame, found, " & ", ", ", is_all=True)


def _any_of(frame: Frame, condition: Condition) -> Found:
    if condition.column or condition.value is not None:
        raise ToolRefused("any_of가 있는 조건에는 열과 값을 따로 적지 않습니다.")
    found = []
    for place, test in enumerate(condition.any_of):
        with at_field(f"any_of[{place}]"):
            found.append(_test(frame, test))
    joined = _joined(frame, found, " | ", " 또는 ", is_all=False)
    return joined if len(found) == 1 else replace(joined, words=f"({joined.words})")


def _joined(frame: Frame, found: Sequence[Found], sign: str, between: str, *, is_all: bool) -> Found:
    join = np.logical_and if is_all else np.logical_or
    return Found(
        join.reduce([np.full(frame.rows, is_all), *(one.rows for one in found)]),
        sign.join(f"({one.code})" for one in found) if len(found) > 1 else "".join(one.code for one in found),
        between.join(one.words for one in found),
        tuple(added for one in found for added in one.columns),
        tuple(function for one in found for function in one.functions),
        tuple(note for one in found for note in one.notes),
        max((one.missing for one in found), default=0),
    )


def _test(frame: Frame, test: Test) -> Found:
    if not test.column.strip():
        with at_field("column"):
            raise ToolRefused("조건에는 열 이름(column)이 필요합니다. 또는 any_of에 조건들을 적어주세요.")
    with at_field("column"):
        added = find_or_derive(frame, test.column)
    # Equal values of different types are told apart by how they are written: 1 and true.
    key = ("condition", added.column, test.operator, repr(test.value))
    met: Met = frame.once(key, lambda: condition_on(added.column, test.operator, test.value))
    words = f"{code_text(added.column.name)} {met.words}"
    notes = tuple(f"{code_text(added.column.name)}: {note}" for note in met.notes)
    return Found(met.rows, met.code, words, (added,), (met.function,), (*added.notes, *notes), met.rows_missing)
