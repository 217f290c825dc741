"""Code of every tool gives its table from a CSV file too, as people read it: our downloads, and a file as it came."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chat_service.datasets import ColumnFacts, Download
from chat_service.export import export
from chat_service.rows import Conversation
from dataset_service.analysis import Tool, catalogue, run
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.wording import KIND_NAMES
from dataset_service.storage.data_output import DataFormat, serialise
from servicekit.errors import ToolRefused
from servicekit.korean_text.column_meanings import PRECISIONS
from tests.unit.dataset_service.analysis.checking import assert_same_table
from tests.unit.dataset_service.analysis.sample_frames import (
    ACCIDENTS_2016,
    ACCIDENTS_2019,
    CCTV,
    DATA,
    FATAL_2016,
    FATAL_DAEGU,
    PARKING,
    SCHOOL_ZONES,
    needs_data,
    real_frame,
    real_table,
)  # fmt: skip

FORMS = sorted(path.name for path in (DATA / "forms").glob("*.csv"))
ENCODINGS = {ACCIDENTS_2016: "utf-8", ACCIDENTS_2019: "utf-8", FATAL_DAEGU: "utf-8"} | dict.fromkeys(
    (CCTV, FATAL_2016, PARKING, SCHOOL_ZONES), "cp949"
)
FEW_COLUMNS, ROWS = 4, 2000


def calls(tool: Tool, frame: Frame) -> Iterator[dict[str, Any]]:
    """Each tool with a few columns, or a pair of them."""
    schema = tool.schema()
    fields = {name: schema["properties"][name] for name in schema["required"]}
    columns = [name for name, field in fields.items() if "column" in field.get("format", "")]
    rest = {name: (field.get("examples") or ["=="])[0] for name, field in fields.items() if name not in columns}
    names = list(frame.columns)
    for place, name in enumerate(names[:FEW_COLUMNS] if columns else names[:1]):
        asked = dict(zip(columns, (name, names[place - 1]), strict=False)) | rest
        (cell,) = frame.columns[name].cells(np.array([0])) if frame.rows else [None]
        yield asked | ({"value": cell} if "value" in fields else {})


def assert_code_works(frame: Frame, df: pd.DataFrame) -> None:
    for tool in catalogue():
        for arguments in calls(tool, frame):
            try:
                result = run(tool.name, frame, arguments)
            except ToolRefused:
                continue
            names: dict[str, Any] = {"df": df.copy(deep=False)}
            exec(compile(result.code, "<code of the analysis>", "exec"), names)
            assert_same_table(names["result"], result.table.columns, result.table.rows, result.code)


def notebook_code(frame: Frame, content: bytes) -> str:
    """Returns the first cell of a notebook about a dataset."""
    columns = [
        ColumnFacts(
            column.name,
            KIND_NAMES[column.reading.kind],
            column.unique,
            column.missing,
            (),
            precision=PRECISIONS.get(column.precision, ""),
        )
        for column in frame.columns.values()
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    conversation = Conversation("c", "d", "표", "client", "질문", 1, now, now, 0)
    saved = Download(hashlib.sha256(content).hexdigest(), tuple(columns))
    document = json.loads(b"".join(export("notebook", conversation, [], saved)))
    code: str = next(cell["source"] for cell in document["cells"] if cell["cell_type"] == "code")
    return code


@needs_data
@pytest.mark.parametrize("form", FORMS)
def test_code_gives_the_table_from_a_download(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = real_table(f"forms/{form}")
    frame = Frame(table)
    assert_code_works(frame, pd.read_csv(io.BytesIO(b"".join(serialise(table, DataFormat.CSV)))))
    content = b"".join(serialise(table, DataFormat.UNGUARDED_CSV))
    (tmp_path / "표.csv").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(notebook_code(frame, content), "<first cell>", "exec"), names)
    assert_code_works(frame, names["df"])


@needs_data
@pytest.mark.parametrize("file", ENCODINGS)
def test_code_gives_the_table_from_a_tidy_file_as_it_came(file: str) -> None:
    original = pd.read_csv(DATA / file, encoding=ENCODINGS[file], nrows=ROWS)
    frame = real_frame(file)
    assert_code_works(frame.select(np.arange(min(ROWS, frame.rows))), original)
