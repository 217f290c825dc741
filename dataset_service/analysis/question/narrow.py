"""Puts a question to a frame: adds the columns that it names or defines, and leaves the rows that it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.bounds import refuse_costly
from dataset_service.analysis.question.defined import define
from dataset_service.analysis.question.derived import derive, find_or_derive
from dataset_service.analysis.question.fields import at_field
from dataset_service.analysis.question.search import each_word
from dataset_service.analysis.question.where import all_of, each_where
from dataset_service.analysis.wording import BASIS_OF_ALL, count_text, paragraphs
from servicekit.question import Definition, Narrowing


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The frame that is asked: with the added columns, and only the rows that meet the conditions.

    `rows` are their numbers in the dataset, None for all. `code` are lines of pandas code that do the same to `df`,
    and call `functions`. `words` say the conditions in Korean, without the count; `notes` what to mind.
    """

    frame: Frame
    rows: npt.NDArray[np.int64] | None
    code: tuple[str, ...]
    functions: tuple[str, ...]
    words: str
    notes: tuple[str, ...]
    whole: Frame
    """All rows, with the added columns."""

    def told(self, text: str) -> str:
        """Returns the text of a result behind the conditions and notes; its basis are the rows that meet them."""
        fitting = f"전체 {count_text(self.whole.rows)} 중 {count_text(self.frame.rows)}이 맞습니다."
        text = text if self.rows is None else text.replace(BASIS_OF_ALL, "근거: 조건에 맞는")
        return paragraphs(f"조건: {self.words}. {fitting}" if self.words else "", *self.notes, text)


def narrow(
    frame: Frame, question: Narrowing, names: Iterable[str] | Mapping[str, str] = (), search: str = ""
) -> Narrowed:
    """Returns the frame that a question is put to; `names` are the columns that it names elsewhere.

    As a mapping they have the paths that refusals tell, and each must be a column. Raises `ToolRefused`.
    """
    refuse_costly(question, search)
    whole, defined = with_defined(frame, question.define)
    whole, named = with_named(whole, names)
    found = all_of(whole, (*each_word(whole, search), *each_where(whole, question.where)))
    shown = [*defined, *named]
    steps = _with_needs((*shown, *found.columns))
    lines = [line for one in steps for line in one.lines()]
    functions = (*(function for one in steps for function in one.functions), *found.functions)
    notes = tuple(dict.fromkeys((*(note for one in shown for note in one.notes), *found.notes)))
    rows, asked = None, whole
    if question.where or search.strip():
        rows = np.flatnonzero(found.rows)
        asked = whole.select(rows)
        lines.append(f"df = df[{found.code}]")
    if helping := [one.column.name for one in steps if one.column.name not in whole.columns]:
        lines.append(f"df = df.drop(columns={helping!r})")
    in_code = [one.column.name for one in steps if one.column.name in whole.columns]
    if in_code != [name for name in whole.columns if name in in_code]:  # one of them rests on a later one
        lines.append(f"df = df[{list(whole.columns)!r}]")
    return Narrowed(asked, rows, tuple(lines), functions, found.words, notes, whole)


def with_defined(frame: Frame, definitions: Sequence[Definition]) -> tuple[Frame, list[Added]]:
    """Returns the frame with the columns that a question defines."""
    added: list[Added] = []
    for place, definition in enumerate(definitions):
        with at_field(f"define[{place}]"):
            # A definition may use those before it.
            known = "".join(one.model_dump_json() for one in definitions[: place + 1])
            added.append(frame.once(("defined", known), partial(define, frame, definition)))
        frame = frame.with_columns([added[-1].column])
    return frame, added


def with_named(frame: Frame, names: Iterable[str] | Mapping[str, str]) -> tuple[Frame, list[Added]]:
    """Returns the frame with the columns that a question names and that are derived from others."""
    added: list[Added] = []
    for name in dict.fromkeys(names):
        if frame.find(name) is not None:
            continue
        path = names[name] if isinstance(names, Mapping) else ""
        with at_field(path):
            one = find_or_derive(frame, name) if path else derive(frame, name)
        if one is not None:
            added.append(one)
            frame = frame.with_columns([one.column], {name: one.column.name})
    return frame, added


def _with_needs(added: Iterable[Added]) -> list[Added]:
    """Returns the columns that are not in the dataset, each behind those that it rests on."""
    steps: dict[str, Added] = {}
    for one in added:
        for step in (*_with_needs(one.needs), one):
            if step.lines():
                steps.setdefault(step.column.name, step)
    return list(steps.values())
