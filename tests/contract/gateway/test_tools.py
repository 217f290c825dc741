"""The analysis tools over HTTP."""

import json

from servicekit.errors import ToolRefused
from servicekit.ids import new_id
from tests.contract.gateway.fake_datasets import FakeDatasets
from tests.contract.gateway.fake_services import FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, running_gateway


async def test_arguments_reach_the_tool_whatever_they_are(gateway: Gateway, datasets: FakeDatasets) -> None:
    body = b'{"args":{"large":1%b,"none":NaN,"deep":[[{"":[]}]],"text":"\\u0000\xed\x95\x9c\\ud83d\\ude00"}}' % (
        b"0" * 100
    )
    path = f"/api/datasets/{new_id()}/tools/get_value_counts"
    answer = await gateway.post(path, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 200
    assert json.loads(datasets.tool_arguments[0]) == {
        "large": 10**100,
        "none": None,
        "deep": [[{"": []}]],
        "text": "\x00한😀",
    }


async def test_tools_are_listed_and_run_without_a_key(gateway: Gateway, datasets: FakeDatasets) -> None:
    (tool,) = (await gateway.get("/api/tools")).json()["tools"]
    assert tool == {"name": "get_value_counts", "group": "데이터 정보", "description": "셉니다.", "args_schema": {}}

    path = f"/api/datasets/{new_id()}/tools/get_value_counts"
    answer = (await gateway.post(path, json={"args": {"column": "사고유형", "top_n": 5}})).json()
    assert json.loads(datasets.tool_arguments[0]) == {"column": "사고유형", "top_n": 5}
    assert (answer["result"], answer["rows_used"], answer["rows_missing"]) == ("답", 7, 1)
    assert (answer["chart"], answer["question"]) == (None, {"groups": ["구"]})

    datasets.refusal = ToolRefused("‘x’ 열이 없습니다. 열: 사고유형")
    refused = await gateway.post(path, json={"args": {"column": "x"}})
    assert (refused.status_code, refused.json()["error"]) == (422, "‘x’ 열이 없습니다. 열: 사고유형")


async def test_list_is_waited_for_briefly(dataset: FakeService, datasets: FakeDatasets) -> None:
    datasets.hangs = True
    async with running_gateway(dataset_target=dataset.target, quick_seconds=0.2) as gateway:
        assert refusal(await gateway.get("/api/tools")) == (504, "DEADLINE_PASSED")
