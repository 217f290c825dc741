"""Questions over HTTP: what of them reaches the service, and how its answers are told."""

import io
import json
import re
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.json_format import MessageToDict

from servicekit.errors import ToolRefused
from tests.contract.gateway.fake_datasets import CONTENT_HASH, DATASET_ID, FakeDatasets
from tests.contract.gateway.fake_services import FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields, running_gateway

PATH = f"/api/datasets/{DATASET_ID}"
LARGE = 2**53 + 1
WHOLE = {
    "define": [
        {"name": "중상이상", "where": [{"column": "사고내용", "value": ["사망사고", "중상사고"]}]},
        {"name": "사상자", "sum_of": ["사망자수", "중상자수"]},
        {"name": "거리", "near": {"latitude": 35.87, "longitude": 0.0}},
        {"name": "학교", "near": {"where": [{"column": "시설", "value": "학교"}]}},
    ],
    "where": [
        {"column": "시", "operator": "!=", "value": [22, 0.5, True, "비", False]},
        {"column": "수", "operator": ">=", "value": 0},
        {"column": "빈", "operator": "missing"},
        {"any_of": [{"column": "가", "value": LARGE}, {"column": "나", "operator": "between", "value": [-LARGE, 9]}]},
    ],
    "search": "교차로 횡단",
    "groups": ["사고일시:연월"],
    "measures": [{"measure": "rate", "column": "가", "per": "나", "times": 1000.0, "name": "율"}, {"percentile": 0.0}],
    "region_codes": True,
    "columns": ["가", "나"],
    "sort": [{"column": "가", "descending": True}, {"column": "나"}],
    "limit": 0,
    "offset": 2,
    "after": "x.1",
    "sample": 3,
}


async def test_every_part_of_a_question_reaches_the_service(gateway: Gateway, datasets: FakeDatasets) -> None:
    datasets.refusal = ToolRefused("나중에.", field="question")
    answer = await gateway.post(f"{PATH}/facets", json=WHOLE)
    assert refusal(answer) == (422, "QUESTION_REFUSED"), answer.text

    received = MessageToDict(datasets.questions[0], preserving_proto_field_name=True)
    sent = json.loads(json.dumps(WHOLE).replace(str(-LARGE), f'"{-LARGE}"').replace(f" {LARGE}", f' "{LARGE}"'))
    assert received == sent | {"limit": "0", "offset": "2", "sample": "3"}


async def test_rows_are_lists_of_cells_with_what_is_known_of_all(gateway: Gateway, datasets: FakeDatasets) -> None:
    question = {"sort": [{"column": "건수", "descending": True}], "limit": 3}
    answer = await gateway.post(f"{PATH}/query", json=question)

    body = answer.json()
    assert (body["success"], body["error"]) == (True, None)
    assert (body["columns"], body["total"], body["content_hash"]) == (["구", "건수"], 4, CONTENT_HASH)
    assert body["rows"] == [["중구", LARGE], ["동구", 2], ["중구", 1]]
    rest = (await gateway.post(f"{PATH}/query", json=question | {"after": body["next"]})).json()
    assert (rest["rows"], rest["next"]) == ([[None, None]], None)


async def test_no_row_is_an_empty_list(gateway: Gateway, datasets: FakeDatasets) -> None:
    nothing = {"where": [{"column": "구", "value": "남구"}]}
    body = (await gateway.post(f"{PATH}/query", json=nothing)).json()
    assert (body["rows"], body["total"], body["next"], body["columns"]) == ([], 0, None, ["구", "건수"])


async def test_arrow_and_csv_stream_just_the_rows_and_columns_asked_for(
    gateway: Gateway, datasets: FakeDatasets
) -> None:
    datasets.datasets[DATASET_ID].name = "사고 표"
    datasets.tables[DATASET_ID] = pa.table({"구": ["=1+1", "동구", "중구"], "건수": [1, 2, 3]})
    question = {"where": [{"column": "건수", "operator": "<", "value": 3}], "columns": ["구"], "limit": 0}

    arrow = await gateway.post(f"{PATH}/query?format=arrow", json=question)
    assert arrow.headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert arrow.headers["content-disposition"].endswith("_%EA%B3%A8%EB%9D%BC%EB%82%B8%ED%96%89.arrow")
    assert pa.ipc.open_stream(io.BytesIO(arrow.content)).read_all().to_pylist() == [{"구": "=1+1"}, {"구": "동구"}]
    csv = await gateway.post(f"{PATH}/query?format=csv", json=question)
    assert csv.text == '\ufeff"구"\n"\'=1+1"\n"동구"\n'
    assert (
        "filename*=UTF-8''%EC%82%AC%EA%B3%A0%20%ED%91%9C_%EA%B3%A8%EB%9D%BC%EB%82%B8%ED%96%89.csv"
        in (csv.headers["content-disposition"])
    )
    plain = await gateway.post(f"{PATH}/query?format=csv&guard=off", json=question | {"limit": 1})
    assert plain.text == '\ufeff"구"\n"=1+1"\n'
    assert plain.headers["x-total-rows"] == "2"
    rest = await gateway.post(f"{PATH}/query", json=question | {"limit": 9, "after": plain.headers["x-next"]})
    assert rest.json()["rows"] == [["동구"]]


async def test_measures_by_group_come_with_table_chart_and_code(gateway: Gateway, datasets: FakeDatasets) -> None:
    body = (await gateway.post(f"{PATH}/aggregate", json={"groups": ["구"]})).json()
    assert body["table"] == {"columns": ["구", "건수"], "rows": [["중구", 2], ["동구", 1]], "total_rows": 2}
    assert body["chart"] == {"kind": "bar", "x": "구", "y": "건수", "series": ""}
    assert (body["rows_matched"], body["rows_used"], body["rows_missing"]) == (4, 3, 1)
    assert "중구" in body["result"]


async def test_facets_are_values_with_their_rows(gateway: Gateway, datasets: FakeDatasets) -> None:
    question = {"columns": ["구"], "where": [{"column": "구", "value": "동구"}], "limit": 1}
    body = (await gateway.post(f"{PATH}/facets", json=question)).json()
    (facet,) = body["facets"]
    assert body["total"] == 1
    assert (facet["column"], facet["kind"], facet["values"]) == ("구", "values", [{"value": "중구", "rows": 2}])
    assert (facet["other_rows"], facet["missing_rows"], facet["unique"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("path", "question", "field"),
    [
        ("query", {"groups": ["구"]}, "groups"),
        ("query", {"limit": 1001}, "limit"),
        ("query", {"limit": 0}, "limit"),
        ("query?format=arrow", {"measures": [{}]}, "measures"),
        ("aggregate", {"columns": ["구"]}, "columns"),
        ("aggregate", {"limit": 2001}, "limit"),
        ("facets", {"sort": [{"column": "구"}]}, "sort"),
        ("facets", {"sample": 5}, "sample"),
        ("query", {"after": "stale.7"}, "after"),
        ("query", {"sort": [{"column": "없음"}]}, "sort[0].column"),
    ],
)
async def test_question_that_does_not_fit_is_refused_with_the_path_of_its_part(
    gateway: Gateway, datasets: FakeDatasets, path: str, question: dict[str, Any], field: str
) -> None:
    answer = await gateway.post(f"{PATH}/{path}", json=question)
    assert refusal(answer) == (422, "QUESTION_REFUSED")
    (detail,) = answer.json()["details"]
    assert (detail["field"], detail["message"]) == (field, answer.json()["error"])


@pytest.mark.parametrize(
    ("question", "field", "words"),
    [
        ({"where": [{"column": "a", "value": [1, [2]]}]}, "where.0.value", "글자"),
        ({"where": [{"column": "a", "operator": "~"}]}, "where.0.operator", "허용되는"),
        ({"where": [{"column": "a"}] * 31}, "where", "30건 이하"),
        ({"where": [{"any_of": [{"any_of": []}]}]}, "where.0.any_of.0.any_of", "알 수 없는"),
        ({"define": [{"name": ""}]}, "define.0.name", "필수"),
        ({"define": [{"name": "d", "near": {"latitude": 91}}]}, "define.0.near.latitude", "90 이하"),
        ({"measures": [{"times": 0}]}, "measures.0.times", "0보다"),
        ({"limit": "5"}, "limit", "정수"),
        ({"search": None}, "search", "글자"),
        ({"bogus": 1}, "bogus", "알 수 없는"),
    ],
)
async def test_invalid_shape_is_refused_by_field(
    gateway: Gateway, question: dict[str, Any], field: str, words: str
) -> None:
    fields = refused_fields(await gateway.post(f"{PATH}/query", json=question))
    assert list(fields) == [field]
    assert words in fields[field]


async def test_question_that_takes_too_long_is_given_up(dataset: FakeService, datasets: FakeDatasets) -> None:
    datasets.hangs = True
    async with running_gateway(dataset_target=dataset.target, call_seconds=0.2) as gateway:
        assert refusal(await gateway.post(f"{PATH}/aggregate", json={})) == (504, "DEADLINE_PASSED")


HOSTILE = {
    "deep": b'{"where":' + b"[" * 20_000,
    "deep any_of": b'{"where":[' + b'{"any_of":[' * 500 + b"]}" * 500 + b"]}",
    "not a number": b'{"where":[{"column":"a","value":NaN}]}',
    "infinite": b'{"where":[{"column":"a","value":-Infinity}]}',
    "too large a number": b'{"where":[{"column":"a","value":1e400}]}',
    "half a letter": b'{"search":"\\ud800"}',
    "no UTF-8": b'{"search":"\xff"}',
    "nothing": b"",
    "no object": b"[]",
    "long text": b'{"search":"' + b"a" * 2000 + b'"}',
    "megabyte": b'{"search":"' + b"a" * 1_000_000 + b'"}',
    "many conditions": b'{"where":[' + b",".join([b"{}"] * 1000) + b"]}",
    "many values": b'{"where":[{"column":"a","value":[' + b",".join([b"1"] * 2000) + b"]}]}",
    "many columns": b'{"columns":[' + b",".join([b'"a"'] * 2001) + b"]}",
    "digits": b'{"limit":1' + b"0" * 4000 + b"}",
    "key": b'{"search":"sk-ant-api03-canary-in-text"}',
    "prototype": b'{"__proto__":{},"constructor":1}',
}


@pytest.mark.parametrize("path", ["query", "query?format=arrow", "aggregate", "facets"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_body_is_refused_in_korean(gateway: Gateway, path: str, body: bytes) -> None:
    answer = await gateway.post(f"{PATH}/{path}", content=body, headers={"content-type": "application/json"})
    status, code = refusal(answer)
    assert (status, code) in {
        (400, "BODY_MALFORMED"),
        (400, "KEY_IN_TEXT"),
        (413, "BODY_TOO_LARGE"),
        (422, "FIELDS_INVALID"),
        (422, "QUESTION_REFUSED"),
    }
    assert re.search("[가-힣]", answer.json()["error"])
    if status == 422 and body != b"[]":
        assert all(detail["field"] for detail in answer.json()["details"])
