"""Conversations as files. The code of a notebook is run."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chat_service.answers import NumberCheck, ToolCall, ToolResult, ToolUse
from chat_service.datasets import DATE, INTEGER, TEXT, TIME, ColumnFacts, Download
from chat_service.export import ExportFormat, export, file_name
from chat_service.rows import Conversation, Message, Role, Status

BEGAN = datetime(2026, 11, 25, 5, 3, tzinfo=UTC)
DAYS = ColumnFacts("요일", TEXT, 2, 0, ())
CODE = "result = df['요일'].value_counts().reset_index()"


def conversation(title: str = "가장 많은 요일은?") -> Conversation:
    return Conversation("c", "d", "대구 교통사고", "", title, 3, BEGAN, BEGAN, 2)


def message(turn: int, role: Role, content: str, status: Status = "complete", *calls: ToolCall) -> Message:
    return Message(f"m{turn}{role}", turn, role, content, status, BEGAN, tool_calls=calls)


COUNT = ToolCall(ToolUse("1", "get_value_counts", '{"column": "요일"}'), ToolResult("표", code=CODE))
WRONG = ToolCall(ToolUse("2", "get_value_counts", '{"column": "욜"}'), None, "'욜' 열이 없습니다.")
MESSAGES = [
    message(1, "user", "가장 많은\n요일은?"),
    message(1, "assistant", "**금요일**입니다.", "complete", WRONG, COUNT),
    message(2, "user", "왜 그런가요?", "failed"),
    message(3, "user", "그럼 가장 적은 요일은?"),
    message(3, "assistant", "일요", "stopped"),
    message(4, "user", "됐습니다", "stopped"),
    message(5, "user", "더 길게"),
    replace(message(5, "assistant", "", "failed", COUNT), turns_left_out=4),
]


def saved(folder: Path, text: str, *columns: ColumnFacts, name: str = "대구 교통사고") -> Download:
    """Saves the data of a dataset in a folder."""
    (folder / f"{name}.csv").write_text(text, "utf-8")
    return Download(hashlib.sha256(text.encode()).hexdigest(), columns)


def turns(messages: list[Message]) -> list[list[Message]]:
    return [[*turn] for _, turn in groupby(messages, key=attrgetter("turn"))]


def markdown(of: Conversation, messages: list[Message]) -> str:
    return b"".join(export("markdown", of, turns(messages), None)).decode()


def notebook(messages: list[Message], of: Download | None, name: str = "대구 교통사고") -> dict[str, Any]:
    about = replace(conversation(), dataset_name=name)
    document: dict[str, Any] = json.loads(b"".join(export("notebook", about, turns(messages), of)))
    return document


def test_markdown_has_questions_steps_code_and_answers_in_order() -> None:
    assert (
        markdown(conversation(), MESSAGES)
        == """\
# 가장 많은 요일은?

- 데이터셋: 대구 교통사고
- 시작: 2026-11-25 14:03 (서울 시간)

## 가장 많은 요일은?

- `get_value_counts` `{"column": "욜"}`: '욜' 열이 없습니다.

- `get_value_counts` `{"column": "요일"}`

```python
result = df['요일'].value_counts().reset_index()
```

**금요일**입니다.

## 왜 그런가요?

(답을 받지 못했습니다.)

## 그럼 가장 적은 요일은?

일요

(중단됨)

## 됐습니다

(중단됨)

## 더 길게

- `get_value_counts` `{"column": "요일"}`

```python
result = df['요일'].value_counts().reset_index()
```

(답이 도중에 끊겼습니다.)

(대화가 길어 앞의 질문 4개는 모델에 보내지 않았습니다.)
"""
    )


def test_numbers_that_no_tool_gave_are_named_below_their_answer() -> None:
    doubtful = replace(message(1, "assistant", "42건입니다."), number_check=NumberCheck(1, 0, ("42건",)))
    text = markdown(conversation(), [message(1, "user", "몇 건?"), doubtful])
    assert text.endswith("42건입니다.\n\n(도구 결과에서 찾지 못한 수치: 42건)\n")


def test_titles_and_code_cannot_break_out_of_their_place() -> None:
    call = ToolCall(ToolUse("1", "a`b", "``"), ToolResult("", code="x = '''\n```\n'''"))
    said = [message(1, "user", "# <b>굵게</b> [x](http://a)"), message(1, "assistant", "답", "complete", call)]
    text = markdown(conversation("<script>"), said)
    assert "# \\<script>" in text
    assert "## \\# \\<b>굵게\\</b> \\[x\\](http://a)" in text
    assert "````python\nx = '''\n```\n'''\n````" in text
    assert "`aʼb` `ʼʼ`" in text


@pytest.mark.parametrize("file_format", ["markdown", "notebook"])
def test_file_begins_when_few_turns_are_read_and_goes_on_in_large_chunks(file_format: ExportFormat) -> None:
    read = []

    def reading() -> Iterator[list[Message]]:
        for number in range(1, 501):
            read.append(number)
            yield [message(number, "user", "질문"), message(number, "assistant", "답 " * 200)]

    chunks = export(file_format, conversation(), reading(), None)
    assert next(chunks)
    assert len(read) < 10
    assert max(map(len, chunks)) > 60_000


def test_file_is_named_after_the_title_without_what_file_systems_refuse() -> None:
    for title, name in {
        "가장 많은 요일은?": "가장 많은 요일은",
        "../../etc/passwd": "etc passwd",
        "a\x00b|c": "a b c",
        "...": "대화",
        "가" * 99: "가" * 59 + "…",
    }.items():
        assert file_name("markdown", conversation(title)) == f"{name}.md"


def test_notebook_is_a_valid_notebook() -> None:
    document = notebook(MESSAGES, Download("0" * 64, (DAYS,)))
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    assert document["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = document["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        required = {"id", "cell_type", "metadata", "source"}
        if cell["cell_type"] == "code":
            required |= {"execution_count", "outputs"}
        assert set(cell) == required  # the schema of nbformat 4.5 allows no other and asks for all of these
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])


def test_code_of_the_notebook_computes_the_same_again(tmp_path: Path) -> None:
    of = saved(tmp_path, "요일,건수\n금요일,1\n금요일,2\n월요일,3\n", DAYS, ColumnFacts("건수", INTEGER, 3, 0, ()))
    found = run(notebook(MESSAGES, of), tmp_path)
    assert found["result"].to_dict("list") == {"요일": ["금요일", "월요일"], "count": [2, 1]}


def test_notebook_loads_months_quarters_and_years_as_their_first_moment_and_times_as_text(tmp_path: Path) -> None:
    columns = [
        *(ColumnFacts(name, DATE, 1, 1, (), precision=name) for name in ("분기", "연월", "연도")),
        ColumnFacts("시각", TIME, 1, 1, ()),
    ]
    of = saved(tmp_path, "분기,연월,연도,시각\n2024-Q2,2020-12,2019,09:05\n,,,\n", *columns)
    loaded = run(notebook([], of), tmp_path)["df"]
    assert loaded.iloc[0].tolist() == [*map(pd.Timestamp, ("2024-04-01", "2020-12-01", "2019-01-01")), "09:05"]
    assert loaded.iloc[1].isna().all()


def test_notebook_refuses_another_file(tmp_path: Path) -> None:
    of = saved(tmp_path, "요일\n금요일\n", DAYS)
    saved(tmp_path, "요일\n월요일\n")
    with pytest.raises(ValueError, match="이 대화에서 쓴 표가 아닙니다"):
        run(notebook([], of), tmp_path)


def test_notebook_says_that_the_file_of_a_deleted_dataset_is_not_checked(tmp_path: Path) -> None:
    saved(tmp_path, "요일\n금요일\n")
    document = notebook([], None)
    assert len(run(document, tmp_path)["df"]) == 1
    assert "같은지 확인하지 못합니다" in document["cells"][1]["source"]


def test_names_of_files_and_columns_do_not_become_code(tmp_path: Path) -> None:
    evil = "a'); raise SystemExit('no'); (' {x}"
    of = saved(tmp_path, f"{evil}\n금요일\n", ColumnFacts(evil, TEXT, 1, 0, ()), name=evil)
    assert list(run(notebook([], of, evil), tmp_path)["df"]) == [evil]
    assert len(run(notebook([], None, evil), tmp_path)["df"]) == 1


def run(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Runs the code cells in a folder and returns their variables."""
    variables: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(directory)
    try:
        for cell in document["cells"]:
            if cell["cell_type"] == "code":
                exec(cell["source"], variables)
    finally:
        os.chdir(before)
    return variables
