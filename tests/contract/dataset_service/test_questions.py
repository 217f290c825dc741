"""The contract of questions: the doors alone; what the engine finds has tests of its own."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
import pyarrow as pa
import pytest
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import dataset_pb2, question_pb2
from google.protobuf.json_format import ParseDict

from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service
from tests.contract.gateway.running_gateway import Gateway, running_gateway
from tests.eventually import eventually

LARGE = 2**53 + 1
CSV = f"""구,사고일시,사고수,비율,휴일,번호
중구,2016-01-05 22:10,1,0.5,true,{LARGE}
동구,2016-02-06 09:00,2,,false,{LARGE - 1}
중구,2017-01-07 23:30,3,2.5,true,7
,2018-03-01 00:00,4,1e300,false,8
""".encode()


@pytest.fixture(scope="module")
async def gateway(service: DatasetClient) -> AsyncIterator[Gateway]:
    async with running_gateway(dataset_target=service.target) as client:
        yield client


@pytest.fixture
async def dataset_id(client: DatasetClient) -> str:
    return (await client.upload(CSV)).dataset.dataset_id


def asked(question: dict[str, Any]) -> question_pb2.Question:
    return ParseDict(question, question_pb2.Question())


async def rows(client: DatasetClient, dataset_id: str, question: Any, **given: Any) -> tuple[pb.QueriedRows, bytes]:
    """Returns what is known of all rows, and their bytes."""
    message = asked(question) if isinstance(question, dict) else question
    request = pb.QueryRowsRequest(dataset_id=dataset_id, question=message, **given)
    first, *rest = [part async for part in client.analysis.QueryRows(request)]
    assert first.HasField("rows")
    return first.rows, b"".join(part.chunk for part in rest)


QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"where": [{"column": "구", "value": "중구"}], "columns": ["번호", "구"]},
    {"where": [{"column": "사고수", "operator": ">=", "value": 2}], "sort": [{"column": "비율", "descending": True}]},
    {"search": "중구", "limit": 1},
    {"limit": 2, "offset": 1},
    {"where": [{"column": "휴일", "value": True}]},
)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_rows_over_rest_are_those_over_grpc(
    gateway: Gateway, client: DatasetClient, dataset_id: str, question: dict[str, Any]
) -> None:
    told, arrow = await rows(client, dataset_id, question)
    table = pa.ipc.open_stream(io.BytesIO(arrow)).read_all()

    answer = (await gateway.post(f"/api/datasets/{dataset_id}/query", json=question)).json()
    assert {name: answer[name] for name in ("total", "content_hash", "columns")} == {
        "total": told.total,
        "content_hash": (
            await client.datasets.GetDataset(dataset_pb2.GetDatasetRequest(dataset_id=dataset_id))
        ).dataset.content_hash,
        "columns": table.column_names,
    }
    assert (answer["next"] or "") == told.next
    dates = [name for name in table.column_names if pa.types.is_timestamp(table[name].type)]
    expected = [[row[name] for name in table.column_names if name not in dates] for row in table.to_pylist()]
    places = [place for place, name in enumerate(table.column_names) if name not in dates]
    assert [[row[place] for place in places] for row in answer["rows"]] == expected
    streamed = await gateway.post(f"/api/datasets/{dataset_id}/query?format=arrow", json=question)
    assert streamed.content == arrow


async def test_measures_and_facets_over_rest_are_those_over_grpc(
    gateway: Gateway, client: DatasetClient, dataset_id: str
) -> None:
    narrowed = {"where": [{"column": "사고수", "operator": "<", "value": 4}]}
    question = narrowed | {"groups": ["구"], "measures": [{"measure": "count"}]}
    measured = await client.analysis.Aggregate(pb.AggregateRequest(dataset_id=dataset_id, question=asked(question)))
    answer = (await gateway.post(f"/api/datasets/{dataset_id}/aggregate", json=question)).json()
    assert (answer["result"], answer["code"], answer["rows_used"]) == (measured.text, measured.code, 3)
    assert (answer["table"], answer["chart"]) == (json.loads(measured.table_json), json.loads(measured.chart_json))

    question = narrowed | {"columns": ["구", "휴일"]}
    counted = await client.analysis.CountFacets(pb.CountFacetsRequest(dataset_id=dataset_id, question=asked(question)))
    answer = (await gateway.post(f"/api/datasets/{dataset_id}/facets", json=question)).json()
    assert answer["total"] == counted.total == 3
    names = [facet.column for facet in counted.facets]
    assert [facet["column"] for facet in answer["facets"]] == names == ["구", "휴일"]
    told = [[(value.value, value.rows) for value in facet.values] for facet in counted.facets]
    assert [[(value["value"], value["rows"]) for value in facet["values"]] for facet in answer["facets"]] == told


@pytest.mark.parametrize(
    ("column", "value", "numbers"),
    [
        ("번호", LARGE, [1]),  # not its neighbour, which is the same double
        ("번호", LARGE - 1, [2]),
        ("사고수", 2.0, [2]),
        ("비율", 1e300, [4]),
        ("휴일", False, [2, 4]),
        ("사고수", 10**30, []),
    ],
)
async def test_values_are_compared_as_they_were_written(
    gateway: Gateway, dataset_id: str, column: str, value: Any, numbers: list[int]
) -> None:
    question = {"where": [{"column": column, "value": value}], "columns": ["사고수"]}
    answer = await gateway.post(f"/api/datasets/{dataset_id}/query", json=question)
    assert [row[0] for row in answer.json()["rows"]] == numbers


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (question_pb2.Question(groups=["구"]), "groups"),
        (question_pb2.Question(offset=-1), "offset"),
        (question_pb2.Question(sample=0), "sample"),
        (question_pb2.Question(limit=-1), "limit"),
        (question_pb2.Question(columns=[""]), "columns[0]"),
        (asked({"where": [{"column": "구", "value": {"a": 1}}]}), "where[0].value"),
        (asked({"where": [{"column": "구"}, {"column": "구", "operator": "~"}]}), "where[1].operator"),
        (asked({"where": [{"anyOf": [{"anyOf": [{"column": "구"}]}]}]}), "where[0].any_of[0].any_of"),
    ],
)
async def test_malformed_question_is_refused_with_the_path_of_its_part(
    client: DatasetClient, dataset_id: str, question: question_pb2.Question, field: str
) -> None:
    error = await refusal(rows(client, dataset_id, question, format=dataset_pb2.DATA_FORMAT_ARROW))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "QUESTION_REFUSED")
    assert [violation.field for violation in error.violations] == [field]


async def test_number_that_is_not_finite_is_refused(client: DatasetClient, dataset_id: str) -> None:
    question = asked({"where": [{"column": "사고수", "value": 0}]})
    question.where[0].value.number_value = float("nan")
    assert (await refusal(rows(client, dataset_id, question))).reason == "QUESTION_REFUSED"


async def test_key_in_a_question_is_refused(client: DatasetClient, dataset_id: str) -> None:
    question = {"where": [{"column": "구", "value": ["중구", "sk-ant-api03-canary-in-text"]}]}
    assert (await refusal(rows(client, dataset_id, question))).reason == "KEY_IN_TEXT"


async def test_unknown_dataset_is_not_found(gateway: Gateway, client: DatasetClient) -> None:
    for path in ("query", "query?format=csv", "aggregate", "facets"):
        answer = await gateway.post(f"/api/datasets/{new_id()}/{path}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "DATASET_NOT_FOUND")


async def test_cursor_of_a_dataset_that_was_read_again_is_refused(
    gateway: Gateway, client: DatasetClient, dataset_id: str
) -> None:
    path = f"/api/datasets/{dataset_id}/query"
    after = (await gateway.post(path, json={"limit": 1})).json()["next"]
    change = dataset_pb2.ReadingChange(reading=dataset_pb2.Reading(left_out=[2], chosen=["left_out"]))
    await client.datasets.RereadDataset(dataset_pb2.RereadDatasetRequest(dataset_id=dataset_id, change=change))
    answer = await gateway.post(path, json={"limit": 1, "after": after})
    assert [detail["field"] for detail in answer.json()["details"]] == ["after"]


async def test_cursor_of_another_question_is_refused(gateway: Gateway, dataset_id: str) -> None:
    path = f"/api/datasets/{dataset_id}/query"
    after = (await gateway.post(path, json={"limit": 1})).json()["next"]
    for other in ({"sort": [{"column": "구"}]}, {"where": [{"column": "구", "operator": "present"}]}, {"search": "구"}):
        answer = await gateway.post(path, json={"limit": 1, "after": after, **other})
        assert [detail["field"] for detail in answer.json()["details"]] == ["after"]
    answer = await gateway.post(path, json={"limit": 1, "after": after, "offset": 1})
    assert [detail["field"] for detail in answer.json()["details"]] == ["offset"]


async def test_long_streams_count_as_downloads_and_short_ones_do_not(module_database: str, tmp_path: Any) -> None:
    async with running_dataset_service(module_database, tmp_path / "d", max_downloads=1) as client:
        content = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number) for number in range(600_000))
        dataset_id = (await client.upload(content)).dataset.dataset_id
        everything = pb.QueryRowsRequest(dataset_id=dataset_id, question=asked({"limit": 0}))
        first: Any = client.analysis.QueryRows(everything)
        assert (await first.read()).rows.total == 600_000

        assert (await refusal(rows(client, dataset_id, {"limit": 0}))).reason == "SERVICE_BUSY"
        assert (await rows(client, dataset_id, {"limit": 1000}))[0].total == 600_000
        first.cancel()

        async def is_free() -> bool:
            with suppress(grpc.aio.AioRpcError):
                await rows(client, dataset_id, {"limit": 0, "where": [{"column": "a", "value": 1}]})
                return True
            return False

        await eventually(is_free)


async def test_answer_that_is_too_large_for_a_message_is_refused(gateway: Gateway, client: DatasetClient) -> None:
    content = "글\n" + "".join(f"{number}{'가' * 1500}\n" for number in range(1000))
    dataset_id = (await client.upload(content.encode())).dataset.dataset_id
    path = f"/api/datasets/{dataset_id}/facets"
    refused = (await gateway.post(path, json={"columns": ["글"], "limit": 1000})).json()
    assert (refused["code"], refused["details"][0]["field"]) == ("QUESTION_REFUSED", "limit")
    assert (await gateway.post(path, json={"columns": ["글"], "limit": 5})).status_code == 200
