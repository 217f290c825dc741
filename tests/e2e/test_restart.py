"""What a person expects of Ctrl-C, and of a crash."""

import os
import re
import signal

import httpx
import psutil

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.e2e.running_stack import Stack
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS

PROGRAMS = ("postgres", "valkey", "prediction", "dataset", "chat", "worker", "gateway", "page")


def is_healthy(stack: Stack, api: httpx.Client) -> bool:
    try:
        page = httpx.get(f"{stack.page}/_stcore/health", timeout=PATIENCE_SECONDS, trust_env=False)
        is_healthy = page.is_success and bool(api.get("/health").json()["status"] == "healthy")
        return is_healthy and api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).is_success
    except (httpx.HTTPError, ValueError):
        return False


def test_start_says_nothing_that_frightens(stack: Stack) -> None:
    first_start, _, _ = stack.output.read_text().partition("준비되었습니다")
    assert "prediction 준비됨" in first_start
    assert re.findall(r".*(?:error|fatal|warn|fail|broken|hindered|traceback).*", first_start, re.IGNORECASE) == []


def test_state_is_for_its_owner_alone(stack: Stack) -> None:
    assert [path for path in (stack.state, *stack.state.rglob("*")) if path.lstat().st_mode & 0o077] == []


def test_killed_programs_and_those_that_hang_come_back_and_nothing_is_lost(stack: Stack, api: httpx.Client) -> None:
    stored = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).raise_for_status().json()["prediction_id"]
    killed = {program: stack.pid(program) for program in PROGRAMS}
    for program, pid in killed.items():
        os.kill(pid, signal.SIGSTOP if program in ("postgres", "worker", "page") else signal.SIGKILL)

    wait_until(lambda: all(stack.pid(program) != pid for program, pid in killed.items()) and is_healthy(stack, api))

    history = api.get("/api/predictions", params={"limit": 100}).raise_for_status().json()["predictions"]
    assert stored in [item["prediction_id"] for item in history]


def test_stop_leaves_no_process_and_a_later_start_shows_the_history(stack: Stack, api: httpx.Client) -> None:
    stored = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).raise_for_status().json()["prediction_id"]
    processes = [psutil.Process(stack.pid(program)) for program in PROGRAMS]
    processes += [child for process in processes for child in process.children(recursive=True)]

    assert stack.stop() == 0

    assert [process for process in processes if process.is_running()] == []
    assert list((stack.state / "run").glob("*.pid")) == []
    stack.start()
    history = api.get("/api/predictions").raise_for_status().json()["predictions"]
    assert history[0]["prediction_id"] == stored
