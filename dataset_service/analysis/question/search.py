"""The rows in whose texts words occur."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from dataset_service.analysis.frame.column import Column, Mask
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.text_conditions import categories_with, forms_of
from dataset_service.analysis.question.where import Found
from dataset_service.analysis.wording import code_text
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused


def each_word(frame: Frame, words: str) -> list[Found]:
    """Returns for each word the rows in which some text holds it. Raises `ToolRefused` if there are no texts."""
    return [frame.once(("word", word), partial(_with_word, frame, word)) for word in words.split()]


def _with_word(frame: Frame, word: str) -> Found:
    columns = frame.base.of_kind(ColumnKind.TEXT)
    if not columns:
        raise ToolRefused("이 데이터셋에는 글자 열이 없어 검색할 수 없습니다. 조건을 써주세요.", field="search")
    by_form = {form: _rows_with(columns, form) for form in forms_of(word)}
    forms = [form for form, rows in by_form.items() if rows.any()] or [word]
    tests = " | ".join(f"texts.str.contains({form!r}, case=False, regex=False, na=False)" for form in forms)
    return Found(
        np.logical_or.reduce(list(by_form.values())),
        f"df[{[column.name for column in columns]!r}].apply(lambda texts: {tests}).any(axis=1)",
        f"검색어 {code_text(word)}",
        (),
    )


def _rows_with(columns: Sequence[Column], text: str) -> Mask:
    rows: Mask = np.logical_or.reduce([np.append(categories_with(one, text), False)[one.codes] for one in columns])
    return rows
