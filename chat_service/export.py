"""Exports a conversation: as Markdown to read, or as a notebook that repeats the analyses."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Literal

import orjson

from chat_service.answers import ToolCall
from chat_service.clock import SEOUL
from chat_service.datasets import BOOLEAN, DATE, INTEGER, NUMBER, QUARTER, TEXT, TIME, Download
from chat_service.rows import Conversation, Message, Turn
from servicekit.korean_text.portable_markdown import fenced, portable_line, portable_markdown
from servicekit.text_gate import shortened
from servicekit.visible_text import visible_line

_LONGEST_FILE_NAME = 60
_FAILED = "(답을 받지 못했습니다.)"
_STOPPED = "(중단됨)"
_BROKEN_OFF = {"stopped": _STOPPED, "failed": "(답이 도중에 끊겼습니다.)"}
_UNCONFIRMED = "(도구 결과에서 찾지 못한 수치: {numbers})"
_LEFT_OUT = "(대화가 길어 앞의 질문 {count:,}개는 모델에 보내지 않았습니다.)"
_LOADING = """\
import hashlib
import io
from pathlib import Path

import pandas as pd

# 채팅의 ‘이 대화 관리’에서 ‘노트북에 쓸 데이터 저장’으로 받은 파일입니다.
# 이 노트북과 같은 폴더에 두거나, 파일이 있는 곳을 적어 주세요.
content = Path({file!r}).read_bytes()
if hashlib.sha256(content).hexdigest() != {sha256!r}:
    raise ValueError("이 대화에서 쓴 표가 아닙니다. 노트북과 ‘노트북에 쓸 데이터’를 다시 저장해 주세요.")
df = pd.read_csv(
    io.BytesIO(content),
    encoding="utf-8-sig",
    dtype={types!r},
    keep_default_na=False,
    na_values=[""],
    skip_blank_lines=False,
)
"""
_DATES = """\
for column in {dates!r}:
    df[column] = pd.to_datetime(df[column], format="ISO8601")
"""
_QUARTERS = """\
for column in {quarters!r}:
    df[column] = pd.PeriodIndex(df[column], freq="Q").start_time
"""
_LOADING_UNCHECKED = """\
import pandas as pd

# 데이터셋이 지워져, 이 파일이 대화에서 쓴 표와 같은지 확인하지 못합니다.
df = pd.read_csv({file!r})
"""
_NOTEBOOK_BEGIN = """\
{"nbformat": 4, "nbformat_minor": 5, "metadata": {
 "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
 "language_info": {"name": "python"}
}, "cells": ["""
# Types of pandas by the kind of a column: without missing cells, and with them.
_TYPES = {
    TEXT: ("str", "str"),
    DATE: ("str", "str"),
    TIME: ("str", "str"),
    INTEGER: ("int64", "Int64"),
    NUMBER: ("float64", "float64"),
    BOOLEAN: ("bool", "boolean"),
}


ExportFormat = Literal["markdown", "notebook"]
MEDIA_TYPES = {"markdown": "text/markdown; charset=utf-8", "notebook": "application/x-ipynb+json"}
_ENDINGS = {"markdown": "md", "notebook": "ipynb"}
# The first chunks are small, so that the file begins at once.
_FIRST_CHUNK, _LARGEST_CHUNK = 1024, 64 * 1024


def file_name(file_format: ExportFormat, conversation: Conversation) -> str:
    """Returns the name of the file, after the title, without what file systems refuse."""
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", visible_line(conversation.title))
    name = shortened(name, _LONGEST_FILE_NAME).strip(" .") or "대화"
    return f"{name}.{_ENDINGS[file_format]}"


def export(
    file_format: ExportFormat, conversation: Conversation, turns: Iterable[Turn], download: Download | None
) -> Iterator[bytes]:
    """Yields a conversation as a file, in chunks as its turns are read.

    A notebook loads the `download` of its dataset, which is None if it was deleted.
    """
    is_notebook = file_format == "notebook"
    texts = _notebook(conversation, turns, download) if is_notebook else _markdown(conversation, turns)
    chunk, full = bytearray(), _FIRST_CHUNK
    for text in texts:
        chunk += text.encode()
        if len(chunk) >= full:
            yield bytes(chunk)
            chunk.clear()
            full = min(4 * full, _LARGEST_CHUNK)
    if chunk:
        yield bytes(chunk)


def _heading(conversation: Conversation) -> list[str]:
    began = conversation.created_at.astimezone(SEOUL)
    return [
        f"# {portable_line(conversation.title)}",
        f"- 데이터셋: {portable_line(conversation.dataset_name)}\n- 시작: {began:%Y-%m-%d %H:%M} (서울 시간)",
    ]


def _markdown(conversation: Conversation, turns: Iterable[Turn]) -> Iterator[str]:
    yield "\n\n".join(_heading(conversation)) + "\n"
    for turn in turns:
        for part in _markdown_parts(turn):
            yield f"\n{part}\n"


def _markdown_parts(turn: Turn) -> Iterator[str]:
    question, *answers = turn
    yield f"## {portable_line(question.content)}"
    if not answers:
        yield _unanswered(question)
    for answer in answers:
        for call in answer.tool_calls:
            yield _step(call)
            if call.code:
                yield fenced(call.code, "python")
        yield _answer_text(answer)


def _unanswered(question: Message) -> str:
    return _FAILED if question.status == "failed" else _STOPPED


def _answer_text(answer: Message) -> str:
    left_out = _LEFT_OUT.format(count=answer.turns_left_out) if answer.turns_left_out else ""
    unconfirmed = answer.number_check.unconfirmed if answer.number_check else ()
    doubt = portable_line(_UNCONFIRMED.format(numbers=", ".join(unconfirmed))) if unconfirmed else ""
    parts = (portable_markdown(answer.content), doubt, _BROKEN_OFF.get(answer.status, ""), left_out)
    return "\n\n".join(part for part in parts if part)


def _step(call: ToolCall) -> str:
    use = f"- `{_inline(call.use.name)}` `{_inline(call.use.arguments_json)}`"
    return f"{use}: {portable_line(call.error)}" if call.error else use


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("`", "ʼ")


def _notebook(conversation: Conversation, turns: Iterable[Turn], download: Download | None) -> Iterator[str]:
    """Yields a notebook with a cell on each line."""
    yield _NOTEBOOK_BEGIN
    begin = _text_cell("\n\n".join(_heading(conversation))), _code_cell(_loading(conversation, download))
    cells = chain(begin, chain.from_iterable(map(_cells, turns)))
    for number, cell in enumerate(cells, 1):
        yield "," * (number > 1) + "\n" + orjson.dumps({"id": f"cell-{number}", **cell}).decode()
    yield "\n]}\n"


def _cells(turn: Turn) -> Iterator[dict[str, Any]]:
    question, *answers = turn
    yield _text_cell(f"## {portable_line(question.content)}")
    if not answers:
        yield _text_cell(_unanswered(question))
    for answer in answers:
        for call in answer.tool_calls:
            yield _text_cell(_step(call))
            if call.code:
                yield _code_cell(f"{call.code.rstrip()}\nresult")
        yield _text_cell(_answer_text(answer))


def _loading(conversation: Conversation, download: Download | None) -> str:
    """Returns code that loads the downloaded table as the tools' code expects it, and fails for any other file."""
    file = f"{conversation.dataset_name}.csv"
    if download is None:
        return _LOADING_UNCHECKED.format(file=file)
    types = {column.name: _TYPES[column.kind][column.missing > 0] for column in download.columns}
    dates = [column.name for column in download.columns if column.kind == DATE and column.precision != QUARTER]
    quarters = [column.name for column in download.columns if column.precision == QUARTER]
    loading = _LOADING.format(file=file, sha256=download.sha256, types=types)
    loading += _DATES.format(dates=dates) if dates else ""
    return loading + (_QUARTERS.format(quarters=quarters) if quarters else "")


def _text_cell(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code_cell(code: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
