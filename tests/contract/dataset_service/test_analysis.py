"""The contract of the analyses: the doors alone; what the tools find has tests of its own."""

import json
from typing import Any

import grpc
import pytest
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import dataset_pb2

from dataset_service.analysis import catalogue
from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal

CSV = "구,사고수,비율,휴일\n중구,1,0.5,true\n동구,2,,false\n중구,3,2.5,true\n".encode()


async def run(client: DatasetClient, dataset_id: str, name: str, arguments: Any = None) -> pb.RunToolResponse:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return await client.analysis.RunTool(pb.RunToolRequest(dataset_id=dataset_id, name=name, arguments_json=text))


async def test_all_tools_are_listed_with_their_manuals(client: DatasetClient) -> None:
    tools = (await client.analysis.ListTools(pb.ListToolsRequest())).tools
    names = [tool.name for tool in tools]
    assert names == [*(tool.name for tool in catalogue()), "predict_eclo", "predict_eclo_batch"]
    for tool in tools:
        assert tool.description
        assert tool.group
        assert json.loads(tool.schema_json)["type"] == "object"


async def test_tool_answers_with_text_table_chart_and_code(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id

    answer = await run(client, dataset_id, "get_value_counts", {"column": "구"})

    assert "중구" in answer.text
    table = json.loads(answer.table_json)
    assert [row[:2] for row in table["rows"]] == [["중구", 2], ["동구", 1]]
    assert (table["total_rows"], answer.rows_used, answer.rows_missing) == (2, 3, 0)
    assert json.loads(answer.chart_json)["kind"] == "bar"
    assert "df" in answer.code


async def test_missing_cells_are_null_and_kinds_are_kept(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    answer = await run(client, dataset_id, "sort_dataframe", {"column": "사고수"})
    assert json.loads(answer.table_json)["rows"] == [
        ["중구", 1, 0.5, True],
        ["동구", 2, None, False],
        ["중구", 3, 2.5, True],
    ]


@pytest.mark.parametrize("arguments", ["", "{}", " "])
async def test_no_arguments_may_be_left_out(client: DatasetClient, arguments: str) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    request = pb.RunToolRequest(dataset_id=dataset_id, name="get_dataframe_info", arguments_json=arguments)
    assert (await client.analysis.RunTool(request)).text


@pytest.mark.parametrize(
    ("name", "arguments", "code", "reason"),
    [
        ("no_such_tool", {}, grpc.StatusCode.NOT_FOUND, "TOOL_NOT_FOUND"),
        ("get_value_counts", {}, grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", {"column": "없음"}, grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", "[1]", grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", "{", grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", '{"column": NaN}', grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", "[" * 60_000, grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
        ("get_value_counts", " " * 100_001, grpc.StatusCode.INVALID_ARGUMENT, "TOOL_REFUSED"),
    ],
)
async def test_unknown_tools_and_unusable_arguments_are_refused(
    client: DatasetClient, name: str, arguments: Any, code: grpc.StatusCode, reason: str
) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    error = await refusal(run(client, dataset_id, name, arguments))
    assert (error.code, error.reason) == (code, reason)


async def test_unknown_dataset_is_not_found_also_once_it_was_analysed(client: DatasetClient) -> None:
    assert (await refusal(run(client, new_id(), "get_dataframe_info"))).reason == "DATASET_NOT_FOUND"
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    await run(client, dataset_id, "get_dataframe_info")
    await client.datasets.DeleteDataset(dataset_pb2.DeleteDatasetRequest(dataset_id=dataset_id))
    assert (await refusal(run(client, dataset_id, "get_dataframe_info"))).reason == "DATASET_NOT_FOUND"


async def test_reread_dataset_is_analysed_as_it_is_now(client: DatasetClient) -> None:
    content = CSV.decode().encode("cp949")
    dataset_id = (await client.upload(content, encoding="gb18030")).dataset.dataset_id
    assert (await refusal(run(client, dataset_id, "get_value_counts", {"column": "구"}))).reason == "TOOL_REFUSED"
    await client.datasets.RereadDataset(dataset_pb2.RereadDatasetRequest(dataset_id=dataset_id, encoding="cp949"))
    assert "중구" in (await run(client, dataset_id, "get_value_counts", {"column": "구"})).text
