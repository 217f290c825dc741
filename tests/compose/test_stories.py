"""Each story of the product once, through the published ports."""

import io
import json
import time
from typing import Any

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.compose.stack import ComposeStack, seconds_until

CSV = "사고일시,위도,경도,사망,중상\n2021-03-09 14,35.87,128.6,0,1\n2021-03-10 08,35.86,128.61,1,0\n".encode("cp949")


@pytest.fixture
def dataset(api: httpx.Client) -> dict[str, Any]:
    """An uploaded dataset."""
    files = {"file": ("사고.csv", io.BytesIO(CSV), "text/csv")}
    answer: dict[str, Any] = (
        api.post("/api/datasets/upload", files=files, data={"name": "사고"}).raise_for_status().json()
    )
    return answer


def test_everything_is_healthy(api: httpx.Client) -> None:
    health = api.get("/health").raise_for_status().json()
    assert {name: part["status"] for name, part in health["services"].items()} == dict.fromkeys(
        ("prediction", "dataset", "chat", "database", "redis", "worker", "storage"), "healthy"
    )


def test_accident_is_predicted_explained_and_in_the_history(api: httpx.Client) -> None:
    prediction = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"explain": True}).raise_for_status().json()
    assert prediction["eclo"] >= 1
    assert len(prediction["contributions"]) == 11
    history = api.get("/api/predictions").json()["predictions"]
    assert history[0]["prediction_id"] == prediction["prediction_id"]


def test_batch_is_predicted_in_the_background(api: httpx.Client) -> None:
    single = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).raise_for_status().json()
    body = {"accidents": [ACCIDENT_EXAMPLE] * 100}
    batch = api.post("/api/predict/eclo/batch", json=body).raise_for_status().json()
    path = f"/api/predict/batch/{batch['batch_id']}"
    seconds_until(lambda: bool(api.get(path).json()["status"] == "completed"), at_most=30)
    results = api.get(batch["results_url"], params={"limit": 1000}).json()["results"]
    assert {result["eclo"] for result in results} == {single["eclo"]}
    assert [result["index"] for result in results] == list(range(100))


def test_dataset_is_uploaded_listed_and_read(api: httpx.Client, dataset: dict[str, Any]) -> None:
    assert (dataset["rows"], dataset["encoding"]) == (2, "cp949")
    listed = api.get("/api/datasets").json()["datasets"]
    assert listed[0]["dataset_id"] == dataset["dataset_id"]
    data = api.get(f"/api/datasets/{dataset['dataset_id']}/data", params={"format": "csv"}).raise_for_status()
    assert "사고일시" in data.content.decode("utf-8-sig")


def test_dataset_is_shared_by_a_link_to_the_page(
    api: httpx.Client, stack: ComposeStack, dataset: dict[str, Any]
) -> None:
    link = api.post(f"/api/datasets/{dataset['dataset_id']}/share", json={}).raise_for_status().json()
    assert link["share_url"] == f"{stack.page.replace('127.0.0.1', 'localhost')}/?share={link['share_token']}"
    shared = api.get(f"/api/shared/{link['share_token']}").raise_for_status().json()
    assert shared["name"] == "사고"
    assert api.get("/api/shared/no-such-token").status_code == 404


def test_tool_answers_about_a_dataset_without_any_key(api: httpx.Client, dataset: dict[str, Any]) -> None:
    tools = api.get("/api/tools").raise_for_status().json()["tools"]
    assert len(tools) == 22
    path = f"/api/datasets/{dataset['dataset_id']}/tools/get_geo_bounds"
    assert "35.8" in api.post(path, json={"args": {}}).raise_for_status().text


def test_chat_asks_for_a_key(api: httpx.Client, dataset: dict[str, Any]) -> None:
    body = {"dataset_id": dataset["dataset_id"], "message": "사고가 몇 건인가요?"}
    refused = api.post("/api/chat/message", json=body, headers={"X-Client-Id": "compose"})
    assert refused.status_code == 401
    assert refused.json()["request_id"]


def test_question_is_answered_by_a_tool_streamed_and_remembered(api: httpx.Client, dataset: dict[str, Any]) -> None:
    headers = {"X-Anthropic-API-Key": "sk-ant-anything-goes", "X-Client-Id": "compose"}
    body = {"dataset_id": dataset["dataset_id"], "message": "사고가 가장 많은 시간대는?"}
    with api.stream("POST", "/api/chat/message/stream", json=body, headers=headers) as answer:
        events = [line.removeprefix("event: ") for line in answer.iter_lines() if line.startswith("event: ")]
    assert (events[0], events[-1]) == ("start", "done")
    assert {"tool_start", "tool_end", "delta"} <= set(events)

    again = api.post("/api/chat/message", json=body, headers=headers).raise_for_status().json()
    assert (again["cache_hit"], [call["name"] for call in again["tool_calls"]]) == (True, ["get_temporal_pattern"])
    path = f"/api/chat/conversations/{again['conversation_id']}"
    messages = api.get(path, headers=headers).raise_for_status().json()["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"]


def test_page_is_served_and_may_call_the_gateway(api: httpx.Client, stack: ComposeStack) -> None:
    page = httpx.get(stack.page, trust_env=False)
    assert page.is_success
    assert "<html" in page.text
    origin = f"http://localhost:{stack.page_port}"
    assert api.get("/health/live", headers={"Origin": origin}).headers["access-control-allow-origin"] == origin


def test_request_id_of_an_answer_is_in_the_lines_of_every_service_it_passed(
    api: httpx.Client, stack: ComposeStack
) -> None:
    request_id = f"compose-{time.time_ns()}"
    body = ACCIDENT_EXAMPLE | {"explain": True}
    answer = api.post("/api/predict/eclo", json=body, headers={"X-Request-ID": request_id})
    assert answer.headers["X-Request-ID"] == request_id
    for service, event in (("gateway", "request_ended"), ("prediction", "call_ended")):
        lines = [json.loads(line) for line in stack.log_lines(service) if request_id in line]
        assert [(line["event"], line["program"]) for line in lines] == [(event, service)]


@pytest.mark.parametrize("service", ["prediction", "dataset", "chat", "worker", "gateway", "page"])
def test_everything_that_is_logged_is_json(stack: ComposeStack, service: str) -> None:
    lines = [json.loads(line) for line in stack.log_lines(service)]
    assert {line["program"] for line in lines} <= {service}
