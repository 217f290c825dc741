"""What is killed, restarted or taken down comes back, and nothing that was acknowledged is lost."""

import asyncio
import os
from collections.abc import Callable

import httpx
import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from scripts.benchmarks.rolling_journeys import Journeys, Pace, Seen
from tests.compose.load import Load
from tests.compose.stack import ComposeStack, run, seconds_until
from tests.eventually import eventually

# For slow or busy machines: all limits of this file times so much.
PATIENCE = float(os.environ.get("COMPOSE_PATIENCE", "1"))
UP_SECONDS = 30.0 * PATIENCE
BACK_SECONDS = 5.0 * PATIENCE
DATABASE_BACK_SECONDS = 10.0 * PATIENCE
BATCH_SECONDS = 60.0 * PATIENCE
PACE = Pace(predictions_per_second=20, chats=2)
ROLLED = ("prediction", "dataset", "chat", "worker")

Works = Callable[[httpx.Client, ComposeStack], bool]


def predicts(api: httpx.Client, _stack: ComposeStack) -> bool:
    return _is_success(api, "POST", "/api/predict/eclo", ACCIDENT_EXAMPLE)


def lists_datasets(api: httpx.Client, _stack: ComposeStack) -> bool:
    return _is_success(api, "GET", "/api/datasets")


def shows_the_page(_api: httpx.Client, stack: ComposeStack) -> bool:
    with httpx.Client(base_url=stack.page, timeout=2, trust_env=False) as page:
        return _is_success(page, "GET", "/_stcore/health")


def listens_again(_api: httpx.Client, stack: ComposeStack) -> bool:
    """The worker's own sign; that of all workers together outlives it for seconds."""
    try:
        stack.exec("worker", "python", "-S", "-m", "servicekit.probe", "/tmp/worker-alive", "3")
    except AssertionError:
        return False
    return True


def finds_its_cache(_api: httpx.Client, stack: ComposeStack) -> bool:
    try:
        stack.exec("chat", "python", "-S", "-m", "servicekit.probe", "127.0.0.1:50052", "redis")
    except AssertionError:
        return False
    return True


def says_healthy(part: str) -> Works:
    def works(api: httpx.Client, _stack: ComposeStack) -> bool:
        try:
            parts = api.get("/health", timeout=2).json().get("services", {})
        except (httpx.HTTPError, ValueError):
            return False
        return bool(parts.get(part, {}).get("status") == "healthy")

    return works


def _is_success(client: httpx.Client, method: str, path: str, body: object = None) -> bool:
    try:
        return client.request(method, path, json=body, timeout=2).is_success
    except httpx.HTTPError:
        return False


KILLED: dict[str, tuple[Works, float]] = {
    "prediction": (predicts, BACK_SECONDS),
    "dataset": (lists_datasets, BACK_SECONDS),
    "chat": (says_healthy("chat"), BACK_SECONDS),
    "worker": (listens_again, BACK_SECONDS),
    "gateway": (predicts, BACK_SECONDS),
    "page": (shows_the_page, BACK_SECONDS),
    "redis": (says_healthy("redis"), BACK_SECONDS),
    "cache": (finds_its_cache, BACK_SECONDS),
    "postgres": (predicts, DATABASE_BACK_SECONDS),
}


@pytest.mark.parametrize("service", KILLED)
def test_killed_container_is_back_within_seconds_and_loses_nothing(
    service: str, stack: ComposeStack, api: httpx.Client, record_property: Callable[[str, object], None]
) -> None:
    works, at_most = KILLED[service]
    (container,) = stack.containers(service)
    restarts = stack.inspect(container)["RestartCount"]
    with Load(stack.api, people=4).running() as load:
        seconds_until(lambda: len(load.predictions) > 20 and bool(load.batches), 30)
        stack.kill(container)
        seconds = seconds_until(
            lambda: bool(stack.inspect(container)["RestartCount"] > restarts) and works(api, stack), at_most
        )
        answered = len(load.predictions)
        seconds_until(lambda: len(load.predictions) > answered + 20, 30)
    record_property("back_seconds", round(seconds, 1))
    print(f"{service} back after {seconds:.1f} s; {len(load.refusals)} refused meanwhile")
    assert load.lost(api) == set()
    seconds_until(lambda: not load.unfinished(api), BATCH_SECONDS)
    assert not [refusal for refusal in load.refusals if refusal[1] == "500"]


def test_rolling_restart_of_replicas_refuses_no_call(stack: ComposeStack) -> None:
    stack.up(**dict.fromkeys(ROLLED, 2))
    try:
        before = {service: stack.containers(service) for service in ROLLED}
        seen, lost, doubled = asyncio.run(_roll_beside_all_journeys(stack))
        after = {service: stack.containers(service) for service in ROLLED}
        assert [len(after[service]) for service in ROLLED] == [2] * len(ROLLED)
        assert not any(set(before[service]) & set(after[service]) for service in ROLLED)
        # On a machine that is too busy for it, time runs out as well.
        failures = [failure for failure in seen.failures if PATIENCE == 1 or failure[1] != "504"]
        assert (failures, lost, doubled) == ([], set(), set())
        assert {"predictions", "explanations", "batches", "uploads", "shares", "lists", "chats"} <= seen.done.keys()
    finally:
        stack.up(**dict.fromkeys(ROLLED, 1))


async def _roll_beside_all_journeys(stack: ComposeStack) -> tuple[Seen, set[str], set[str]]:
    journeys = Journeys(stack.api, None, PACE)
    async with journeys.running():
        await eventually(lambda: journeys.seen.done.keys() >= {"predictions", "batches", "uploads", "chats"})
        await asyncio.to_thread(stack.roll, *ROLLED)
    lost, doubled = await journeys.lost_and_doubled()
    print(dict(journeys.seen.done))
    return journeys.seen, lost, doubled


def test_calls_go_to_all_replicas_in_turn(stack: ComposeStack, api: httpx.Client) -> None:
    stack.up(prediction=2)
    script = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9464/metrics').read().decode())"
    series = 'grpc_server_call_seconds_count{code="OK",method="/daegu.prediction.v1.PredictionService/GetModelInfo"}'

    def both_were_called() -> bool:
        api.get("/api/predict/model").raise_for_status()
        containers = stack.containers("prediction")
        return len(containers) == 2 and all(series in run("exec", one, "python", "-c", script) for one in containers)

    try:
        seconds_until(both_were_called, 60 * PATIENCE)
    finally:
        stack.up(prediction=1)


@pytest.mark.parametrize("service", ["prediction", "dataset", "chat", "worker", "gateway", "page"])
def test_process_that_is_told_to_stop_ends_well(service: str, stack: ComposeStack) -> None:
    (container,) = stack.containers(service)
    run("stop", "--time", "25", container)
    assert stack.inspect(container)["State"]["ExitCode"] == 0
    run("start", container)
    seconds_until(lambda: bool(stack.inspect(container)["State"]["Health"]["Status"] == "healthy"), 60 * PATIENCE)


def test_everything_is_there_after_down_and_up(stack: ComposeStack, api: httpx.Client) -> None:
    prediction = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).raise_for_status().json()["prediction_id"]
    files = {"file": ("표.csv", "이름,값\n가,1\n나,2\n".encode(), "text/csv")}
    dataset = api.post("/api/datasets/upload", files=files).raise_for_status().json()["dataset_id"]
    headers = {"X-Anthropic-API-Key": "sk-ant-anything-goes", "X-Client-Id": "compose"}
    question = {"dataset_id": dataset, "message": "몇 행인가요?"}
    answer = api.post("/api/chat/message", json=question, headers=headers).raise_for_status().json()
    stack.down()

    seconds = stack.up()

    print(f"healthy after {seconds:.1f} s")
    assert seconds <= UP_SECONDS
    assert api.get("/api/predictions").json()["predictions"][0]["prediction_id"] == prediction
    data = api.get(f"/api/datasets/{dataset}/data", params={"format": "csv"}).raise_for_status()
    assert "나" in data.content.decode("utf-8-sig")
    conversation = api.get(f"/api/chat/conversations/{answer['conversation_id']}", headers=headers).raise_for_status()
    assert conversation.json()["messages"][1]["content"] == answer["response"]
