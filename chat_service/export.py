"""Exports a conversation: as Markdown to read, or as a notebook that repeats the analyses."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from itertools import groupby
from typing import Any, Literal

from chat_service.answers import ToolCall
from chat_service.datasets import DATE, INTEGER, NUMBER, TEXT, DatasetFacts
from chat_service.store import Conversation, Message
from servicekit.korean_text.portable_markdown import fenced, portable_line, portable_markdown
from servicekit.text_gate import shortened
from servicekit.visible_text import visible_line

_SEOUL = timezone(timedelta(hours=9))
_LONGEST_FILE_NAME = 60
_FAILED = "(답을 받지 못했습니다.)"
_STOPPED = "(중단됨)"
_BROKEN_OFF = {"stopped": _STOPPED, "failed": "(답이 도중에 끊겼습니다.)"}
_LEFT_OUT = "(대화가 길어 앞의 질문 {count:,}개는 모델에 보내지 않았습니다.)"
_LOADING = """\
import pandas as pd

# 업로드한 파일을 이 노트북과 같은 폴더에 두거나, 파일이 있는 곳을 적어 주세요.
df = pd.read_csv({arguments})
"""
_NUMBERS = """
for column in {columns}:
    df[column] = pd.to_numeric(df[column].str.replace(",", ""), errors="coerce")
"""
_DATES = """

def as_dates(texts):
    pattern = (
        r"^\\s*(?P<year>\\d{{4}})\\D{{0,2}}(?P<month>\\d{{1,2}})\\D{{0,2}}(?P<day>\\d{{1,2}})"
        r"(?:[^\\d오]*(?P<half>오전|오후)?\\D*(?P<hour>\\d{{1,2}}))?"
        r"(?:\\D{{0,2}}(?P<minute>\\d{{1,2}}))?(?:\\D{{0,2}}(?P<second>\\d{{1,2}}))?"
    )
    parts = texts.str.extract(pattern)
    half = parts.pop("half")
    parts = parts.apply(pd.to_numeric).fillna({{"hour": 0, "minute": 0, "second": 0}})
    parts["hour"] = parts["hour"].where(half.isna(), parts["hour"] % 12 + 12 * (half == "오후"))
    return pd.to_datetime(parts, errors="coerce")


for column in {columns}:
    df[column] = as_dates(df[column])
"""
# Values that the app reads as missing.
_MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null"]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to download."""

    name: str
    media_type: str
    content: bytes


ExportFormat = Literal["markdown", "notebook"]


def export(
    file_format: ExportFormat, conversation: Conversation, messages: Sequence[Message], facts: DatasetFacts | None
) -> ExportedFile:
    """Exports a conversation. `facts` is None if its dataset was deleted."""
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", visible_line(conversation.title))
    name = shortened(name, _LONGEST_FILE_NAME).strip(" .") or "대화"
    if file_format == "markdown":
        text = "\n\n".join(_markdown_parts(conversation, messages)) + "\n"
        return ExportedFile(f"{name}.md", "text/markdown; charset=utf-8", text.encode())
    document = json.dumps(_notebook(conversation, messages, facts), ensure_ascii=False, indent=1)
    return ExportedFile(f"{name}.ipynb", "application/x-ipynb+json", document.encode())


def _turns(messages: Sequence[Message]) -> Iterator[tuple[Message, Message | None]]:
    """Yields each question with its answer, if any."""
    for _, group in groupby(messages, key=lambda message: message.turn):
        question, *answers = group
        yield question, answers[0] if answers else None


def _heading(conversation: Conversation) -> list[str]:
    began = conversation.created_at.astimezone(_SEOUL)
    return [
        f"# {portable_line(conversation.title)}",
        f"- 데이터셋: {portable_line(conversation.dataset_name)}\n- 시작: {began:%Y-%m-%d %H:%M} (서울 시간)",
    ]


def _markdown_parts(conversation: Conversation, messages: Sequence[Message]) -> Iterator[str]:
    yield from _heading(conversation)
    for question, answer in _turns(messages):
        yield f"## {portable_line(question.content)}"
        if answer is None:
            yield _FAILED if question.status == "failed" else _STOPPED
            continue
        for call in answer.tool_calls:
            yield _step(call)
            if call.code:
                yield fenced(call.code, "python")
        yield _answer_text(answer)


def _answer_text(answer: Message) -> str:
    left_out = _LEFT_OUT.format(count=answer.turns_left_out) if answer.turns_left_out else ""
    parts = (portable_markdown(answer.content), _BROKEN_OFF.get(answer.status, ""), left_out)
    return "\n\n".join(part for part in parts if part)


def _step(call: ToolCall) -> str:
    use = f"- `{_inline(call.use.name)}` `{_inline(call.use.arguments_json)}`"
    return f"{use}: {portable_line(call.error)}" if call.error else use


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("`", "ʼ")


def _notebook(conversation: Conversation, messages: Sequence[Message], facts: DatasetFacts | None) -> dict[str, Any]:
    cells = [_text_cell("\n\n".join(_heading(conversation))), _code_cell(_loading(conversation, facts))]
    for question, answer in _turns(messages):
        cells.append(_text_cell(f"## {portable_line(question.content)}"))
        if answer is None:
            cells.append(_text_cell(_FAILED if question.status == "failed" else _STOPPED))
            continue
        for call in answer.tool_calls:
            cells.append(_text_cell(_step(call)))
            if call.code:
                cells.append(_code_cell(f"{call.code.rstrip()}\nresult"))
        cells.append(_text_cell(_answer_text(answer)))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells, 1)],
    }


def _loading(conversation: Conversation, facts: DatasetFacts | None) -> str:
    """Returns code that reads the file of a dataset as the app does, so that the tools' code runs on it."""
    if facts is None:
        name = shortened(conversation.dataset_name, _LONGEST_FILE_NAME)
        file_name = name if name.lower().endswith(".csv") else f"{name}.csv"
        return _LOADING.format(arguments=repr(file_name))
    texts, numbers, dates = facts.columns_of(TEXT), facts.columns_of(INTEGER, NUMBER), facts.columns_of(DATE)
    arguments = [repr(facts.file_name), f"encoding={facts.encoding!r}"]
    if facts.delimiter != ",":
        arguments.append(f"sep={facts.delimiter!r}")
    arguments += ["keep_default_na=False", f"na_values={_MISSING!r}"]
    if texts or numbers or dates:
        arguments.append(f"dtype=dict.fromkeys({[*texts, *numbers, *dates]!r}, str)")
    code = _LOADING.format(arguments=f"\n    {f',{chr(10)}    '.join(arguments)},\n")
    code += _NUMBERS.format(columns=repr(numbers)) if numbers else ""
    return code + (_DATES.format(columns=repr(dates)) if dates else "")


def _text_cell(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code_cell(code: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
