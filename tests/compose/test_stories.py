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
    return dict(api.post("/api/datasets/upload", files=files, data={"name": "사고"}).raise_for_status().json())


def test_everything_is_healthy(api: httpx.Client) -> None:
    health = api.get("/health").raise_for_status().json()
    assert {name: part["status"] for name, part in health["services"].items()} == dict.fromkeys(
        ("prediction", "dataset", "chat", "database", "redis", "worker", "storage"), "healthy"
    )


def test_accidents_are_predicted_explained_stored_and_predicted_in_the_background(api: httpx.Client) -> None:
    prediction = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE | {"explain": True}).raise_for_status().json()
    assert len(prediction["contributions"]) == 11
    history = api.get("/api/predictions").json()["predictions"]
    assert history[0]["prediction_id"] == prediction["prediction_id"]
    body = {"accidents": [ACCIDENT_EXAMPLE] * 100}
    batch = api.post("/api/predict/eclo/batch", json=body).raise_for_status().json()
    path = f"/api/predict/batch/{batch['batch_id']}"
    seconds_until(lambda: bool(api.get(path).json()["status"] == "completed"), at_most=30)
    results = api.get(batch["results_url"], params={"limit": 1000}).json()["results"]
    assert [result["index"] for result in results] == list(range(100))
    assert [result["eclo"] for result in results] == pytest.approx([prediction["eclo"]] * 100)


def test_dataset_is_listed_read_shared_and_analysed(
    api: httpx.Client, stack: ComposeStack, dataset: dict[str, Any]
) -> None:
    assert (dataset["rows"], dataset["encoding"]) == (2, "cp949")
    path = f"/api/datasets/{dataset['dataset_id']}"
    assert api.get("/api/datasets").json()["datasets"][0]["dataset_id"] == dataset["dataset_id"]
    data = api.get(f"{path}/data", params={"format": "csv"}).raise_for_status()
    assert "사고일시" in data.content.decode("utf-8-sig")
    link = api.post(f"{path}/share", json={}).raise_for_status().json()
    assert link["share_url"] == f"{stack.page.replace('127.0.0.1', 'localhost')}/?share={link['share_token']}"
    assert api.get(f"/api/shared/{link['share_token']}").raise_for_status().json()["name"] == "사고"
    assert api.get("/api/tools").raise_for_status().json()["tools"]
    assert "35.8" in api.post(f"{path}/tools/get_geo_bounds", json={"args": {}}).raise_for_status().text


def test_question_is_answered_by_a_tool_streamed_and_remembered(api: httpx.Client, dataset: dict[str, Any]) -> None:
    headers = {"X-Anthropic-API-Key": "sk-ant-anything-goes", "X-Client-Id": "compose"}
    body = {"dataset_id": dataset["dataset_id"], "message": "사고가 가장 많은 시간대는?"}
    assert api.post("/api/chat/message", json=body, headers={"X-Client-Id": "compose"}).status_code == 401
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


def test_everything_that_is_logged_is_json(stack: ComposeStack) -> None:
    for service in ("prediction", "dataset", "chat", "worker", "gateway", "page"):
        assert {json.loads(line)["program"] for line in stack.log_lines(service)} <= {service}
