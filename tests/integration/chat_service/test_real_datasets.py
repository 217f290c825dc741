"""Questions about a file in the real dataset service, answered through its tools by the rules of our Messages API."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from daegu.chat.v1 import chat_pb2 as pb
from daegu.dataset.v1 import analysis_pb2, dataset_pb2

from tests.contract.chat_service.running_chat import Chat, running_chat
from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service
from tests.real_servers import REPOSITORY, Postgres, ServerProcess
from tests.scripted_messages_api import ToolUse, says, uses
from tests.unit.dataset_service.analysis.checking import assert_same_table
from tests.unit.dataset_service.reading.untidy.kinds import KINDS

DATA = Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data"))
QUESTION = "사고가 가장 많은 시간대는?"
HOURS = [18] * 7 + [8] * 5 + [0, 13, 23]
CSV = "사고일시,요일,시군구,ECLO\n" + "".join(
    f"2019-03-{day:02} {hour:02},{'월화수목금토일'[day % 7]}요일,대구광역시 수성구 상동,{day % 5 + 1}\n"
    for day, hour in enumerate(HOURS, 1)
)


@dataclass
class Both:
    """The chat, and the real datasets behind it."""

    chat: Chat
    datasets: DatasetClient

    async def upload(self, content: bytes, name: str = "사고.csv") -> str:
        return (await self.datasets.upload(content, name)).dataset.dataset_id

    async def download(self, dataset_id: str) -> bytes:
        """Returns the file that goes beside a notebook."""
        return await self.datasets.read(dataset_id, format=dataset_pb2.DATA_FORMAT_UNGUARDED_CSV)

    async def cells(self, dataset_id: str) -> list[dict[str, Any]]:
        """Returns the rows of a dataset."""
        rows: list[dict[str, Any]] = pa.ipc.open_stream(await self.datasets.read(dataset_id)).read_all().to_pylist()
        return rows

    async def notebook(self, dataset_id: str) -> dict[str, Any]:
        """Returns the notebook of a question about a dataset."""
        self.chat.api.script(says("답"))
        return await export(self, (await self.chat.ask(dataset_id, "무엇이 있나요?")).conversation.conversation_id)


@pytest.fixture(scope="module")
async def both(
    postgres: Postgres, valkey: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Both]:
    url = postgres.new_database()
    async with (
        running_dataset_service(url, tmp_path_factory.mktemp("datasets")) as datasets,
        running_chat(url, valkey.url, DATASET_TARGET=datasets.target) as chat,
    ):
        yield Both(chat, datasets)
    postgres.drop_database(url)


async def test_question_is_answered_with_the_right_number(both: Both) -> None:
    done = await both.chat.ask(await both.upload(CSV.encode()), QUESTION)
    (call,) = done.answer.tool_calls
    assert (call.name, json.loads(call.arguments_json)) == ("get_temporal_pattern", {"column": "사고일시"})
    assert "18시" in done.answer.content
    counts = {hour: count for hour, count, *_ in json.loads(call.result.table_json)["rows"]}
    assert {hour: count for hour, count in counts.items() if count} == {0: 1, 8: 5, 13: 1, 18: 7, 23: 1}
    assert call.result.rows_used == len(HOURS)


async def test_all_real_tools_are_offered_and_taken(both: Both) -> None:
    await both.chat.ask(await both.upload(CSV.encode()), "요일은?")
    tools = both.chat.api.requests[-1].body["tools"]
    listed = await both.datasets.analysis.ListTools(analysis_pb2.ListToolsRequest())
    assert [tool["name"] for tool in tools] == [tool.name for tool in listed.tools]
    assert all(tool["input_schema"]["type"] == "object" for tool in tools)
    assert all(tool["description"] for tool in tools)


async def test_refusal_of_a_real_tool_teaches_the_model(both: Both) -> None:
    dataset_id = await both.upload(CSV.encode())
    wrong, more = ToolUse("get_value_counts", {"column": "요일일"}), ToolUse("get_value_counts", {"dataset_id": "x"})
    both.chat.api.script(uses(wrong, more), says("고쳐서 답합니다."))
    await both.chat.ask(dataset_id, "틀린 열")
    first, second = both.chat.api.requests[-1].body["messages"][-1]["content"]
    assert first["is_error"]
    assert re.search("혹시 .요일. 열인가요", first["content"])
    assert second["is_error"]
    assert re.search("dataset_id.*없습니다", second["content"])


async def test_dataset_cannot_be_deleted_while_it_is_asked_about(both: Both) -> None:
    dataset_id, gate = await both.upload(CSV.encode()), asyncio.Event()
    both.chat.api.start_anew()
    both.chat.api.script(says("답", gate=gate))
    asking = asyncio.create_task(both.chat.ask(dataset_id, "지워도 되나요?"))
    await both.chat.api.until_asked()
    request = dataset_pb2.DeleteDatasetRequest(dataset_id=dataset_id)
    assert (await refusal(both.datasets.datasets.DeleteDataset(request))).reason == "DATASET_IN_USE"
    gate.set()
    done = await asking
    await both.datasets.datasets.DeleteDataset(request)
    exported = await export(both, done.conversation.conversation_id)
    assert "사고.csv" in exported["cells"][1]["source"]


async def test_notebook_computes_what_the_answer_said(both: Both, tmp_path: Path) -> None:
    dataset_id = await both.upload(CSV.encode("cp949"))
    done = await both.chat.ask(dataset_id, QUESTION)
    (tmp_path / "사고.csv").write_bytes(await both.download(dataset_id))
    result = run(await export(both, done.conversation.conversation_id), tmp_path)["result"]
    assert table_of(done.answer.tool_calls[0]) == rounded(result.to_numpy(dtype=object).tolist())


TIDY = "요일,건수,비율\n금요일,3,0.1\n월요일,1,2.5\n".encode()
VALUES = """번호,일시,건수,비율,장소,맞음,메모,시각
001,2016년 1월 1일 01시,"1,234",0.30000000000000004,,true,=1+1,2020-01-01 00:00:00.125
002,2019-01-01 00,-,1e-7,NA,false,@SUM(1),
003,20200203,7,,"대구\n중구",,'=x,2020-01-01 00:00:00.250
""".encode("cp949")
PERIODS = """기준년월,분기,연도,시각
2020-12,2024.1/4,2019년,9시 5분
,,,
2021-01,2024.4/4,2020년,24:00
""".encode()
FILES = {
    "tidy": TIDY,
    "months, quarters, years and times": PERIODS,
    "values of all kinds": VALUES,
    "a blank cell alone": b'a\n1\n\n3\n""\n',
}
FILES |= {kind: files[0].content for kind, files in KINDS.items()}


@pytest.mark.parametrize("content", [pytest.param(content, id=kind) for kind, content in FILES.items()])
async def test_notebook_loads_the_table_that_was_asked_about(content: bytes, both: Both, tmp_path: Path) -> None:
    dataset_id = await both.upload(content)
    table, notebook = await both.cells(dataset_id), await both.notebook(dataset_id)
    (tmp_path / "사고.csv").write_bytes(await both.download(dataset_id))
    assert cells(notebook, tmp_path) == table

    (tmp_path / "사고.csv").write_bytes(content)
    with pytest.raises(ValueError, match="이 대화에서 쓴 표가 아닙니다"):
        cells(notebook, tmp_path)


MEANT = """관리번호,계약년월,분기,연도,시각,거래금액(만원),비율
0101,2020-12,2024.1/4,2019년,9시 5분,"1,200",12.5%
0102,2021-01,2024.2/4,2019년,23시 10분,"25,500",4%
0101,2021-01,2024.4/4,2021년,24:00,300,83.5%
""".encode()
MEANT_COLUMNS = ("관리번호", "계약년월", "분기", "연도", "시각", "거래금액(만원)", "비율")
MEANT_USES = [
    *(ToolUse("get_column_statistics", {"column": column}) for column in MEANT_COLUMNS),
    *(ToolUse("get_value_counts", {"column": column}) for column in MEANT_COLUMNS),
    *(ToolUse("get_date_range", {"column": column}) for column in MEANT_COLUMNS[1:4]),
    *(ToolUse("get_temporal_pattern", {"column": column}) for column in MEANT_COLUMNS[1:5]),
    ToolUse("filter_dataframe", {"column": "분기", "operator": ">=", "value": "2024년 2분기"}),
    ToolUse("filter_dataframe", {"column": "시각", "operator": "<", "value": "9시 30분"}),
    ToolUse("group_by_aggregate", {"group_column": "분기", "agg_column": "거래금액(만원)", "operation": "sum"}),
    ToolUse("cross_tabulation", {"row_column": "연도", "col_column": "분기"}),
    ToolUse("get_dataframe_info"),
    ToolUse("detect_data_types"),
]


async def test_notebook_computes_the_same_of_codes_periods_times_and_amounts(both: Both, tmp_path: Path) -> None:
    dataset_id = await both.upload(MEANT)
    half = len(MEANT_USES) // 2
    both.chat.api.script(uses(*MEANT_USES[:half]), uses(*MEANT_USES[half:]), says("답"))
    done = await both.chat.ask(dataset_id, "다 세어 주세요")
    assert [call.error for call in done.answer.tool_calls] == [""] * len(MEANT_USES)
    (tmp_path / "사고.csv").write_bytes(await both.download(dataset_id))
    loading, *steps = code_of(await export(both, done.conversation.conversation_id))
    for call, code in zip(done.answer.tool_calls, steps, strict=True):
        computed = run_code([loading, code], tmp_path)["result"]
        table = json.loads(call.result.table_json)
        assert_same_table(computed, table["columns"], table["rows"], code)


def told_of(both: Both) -> dict[str, Any]:
    """Returns what the model was told of the dataset last."""
    _, _, text = both.chat.api.requests[-1].body["system"][1]["text"].partition("<dataset>")
    told: dict[str, Any] = json.loads(text.partition("</dataset>")[0])
    return told


async def test_condition_that_does_not_fit_is_explained_to_the_model(both: Both) -> None:
    where = [{"column": "날씨", "value": "비"}]
    both.chat.api.script(uses(ToolUse("get_value_counts", {"column": "요일", "where": where})), says("고쳐 답합니다."))
    done = await both.chat.ask(await both.upload(CSV.encode()), "비 오는 날은?")
    (call,) = done.answer.tool_calls
    assert call.error.startswith("`where[0].column`: `날씨` 열이 없습니다.")


async def test_question_of_a_tool_goes_on_with_its_result(both: Both) -> None:
    where = [{"column": "사고일시:시", "value": 18}]
    both.chat.api.script(uses(ToolUse("get_value_counts", {"column": "요일", "where": where})), says("7건입니다."))
    done = await both.chat.ask(await both.upload(CSV.encode()), "18시는?")
    (call,) = done.answer.tool_calls
    question = json.loads(call.result.question_json)
    assert (question["where"], question["groups"]) == (where, ["요일"])
    assert done.answer.number_check == pb.NumberCheck(numbers=1, confirmed=1)


async def test_model_is_told_all_values_of_columns_that_have_few(both: Both) -> None:
    rows = "".join(f"{number},{('맑음', '비', '눈')[number % 3]},{number % 40}\n" for number in range(400))
    dataset_id = await both.upload(f"번호,기상상태,점수\n{rows}".encode())
    both.chat.api.start_anew()
    both.chat.api.script(says("답"))
    await both.chat.ask(dataset_id, "무엇이 있나요?")
    told = {column["name"]: column.get("values") for column in told_of(both)["columns"]}
    assert told == {"번호": None, "기상상태": ["맑음", "눈", "비"], "점수": None}


async def test_model_is_told_what_columns_mean(both: Both) -> None:
    dataset_id = await both.upload(MEANT)
    both.chat.api.start_anew()
    both.chat.api.script(says("답"))
    await both.chat.ask(dataset_id, "무엇이 있나요?")
    columns = told_of(both)["columns"]
    parts = ("kind", "meaning", "unit", "precision", "minimum")
    assert [[column.get(part) for part in parts] for column in columns] == [
        ["글자", "코드", None, None, None],
        ["날짜", None, None, "연월", "2020-12"],
        ["날짜", None, None, "분기", "2024-Q1"],
        ["날짜", None, None, "연도", "2019"],
        ["시각", None, None, None, "00:00"],
        ["정수", "금액", "만원", None, "300"],
        ["실수", "비율", "%", None, "4.0"],
    ]


@pytest.mark.needs_data
@pytest.mark.parametrize("name", ["daegu_accidents_2019_2020.csv", "daegu_accidents_2016_2018.csv"])
async def test_real_accidents_answer_with_the_number_that_pandas_finds(name: str, both: Both) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there; DATA_DIR names the folder of the public data")
    content = (DATA / name).read_bytes()
    hours = pd.read_csv(DATA / name, encoding="utf-8-sig", usecols=["사고일시"])["사고일시"].str.extract(
        r"(\d{1,2})시?$"
    )[0]
    counts = hours.astype(int).value_counts()
    done = await both.chat.ask(await both.upload(content, name), QUESTION)
    assert f"{counts.index[0]}시" in done.answer.content
    assert f"{counts.iloc[0]:,}" in done.answer.content
    assert (await both.chat.ask(done.conversation.dataset_id, "사고가 가장 많은 시간대는")).answer.cache_hit


async def export(both: Both, conversation_id: str) -> dict[str, Any]:
    request = pb.ExportConversationRequest(conversation_id=conversation_id, format=pb.EXPORT_FORMAT_NOTEBOOK)
    document: dict[str, Any] = json.loads((await both.chat.conversations.ExportConversation(request)).content)
    return document


def table_of(call: pb.ToolCall) -> list[list[Any]]:
    """Returns the rows of a table, fractions as far as two computations of them agree."""
    rows = json.loads(call.result.table_json)["rows"]
    return rounded(rows)


def rounded(rows: list[list[Any]]) -> list[list[Any]]:
    return [[round(cell, 9) if isinstance(cell, float) else cell for cell in row] for row in rows]


def code_of(document: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in document["cells"] if cell["cell_type"] == "code"]


def run(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Runs the code cells in a folder and returns their variables."""
    return run_code(code_of(document), directory)


def run_code(cells: list[str], directory: Path) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(directory)
    try:
        for code in cells:
            exec(code, variables)
    finally:
        os.chdir(before)
    return variables


def cells(document: dict[str, Any], directory: Path) -> list[dict[str, Any]]:
    """Returns the rows of the table that a notebook loads, missing cells as None."""
    frame = run(document, directory)["df"]
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows
