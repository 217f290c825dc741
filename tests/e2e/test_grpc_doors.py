"""The three gRPC servers as a person with `buf curl` (or grpcurl) finds them: by reflection alone."""

import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.e2e.running_stack import Stack
from tests.patience import PATIENCE_SECONDS
from tests.processes import GRPC_NAMES

BUF = Path(sys.executable).with_name("buf")


def buf_curl(*arguments: str) -> str:
    done = subprocess.run(
        [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def call(stack: Stack, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
    url = f"http://{stack.target(service)}/{method}"
    answer: dict[str, Any] = json.loads(buf_curl("--data", json.dumps(request), url))
    return answer


@pytest.mark.parametrize("service", GRPC_NAMES)
def test_server_lists_its_services_and_methods(stack: Stack, service: str) -> None:
    url = f"http://{stack.target(service)}"
    assert {GRPC_NAMES[service], "grpc.health.v1.Health"} <= set(buf_curl("--list-services", url).split())
    methods = buf_curl("--list-methods", url).split()
    assert any(method.startswith(GRPC_NAMES[service]) for method in methods)


@pytest.mark.parametrize("service", GRPC_NAMES)
def test_server_tells_its_health_by_service_name(stack: Stack, service: str) -> None:
    answer = call(stack, service, "grpc.health.v1.Health/Check", {"service": GRPC_NAMES[service]})
    assert answer == {"status": "SERVING"}


def test_prediction_by_grpc_is_the_same_as_by_rest_and_is_in_the_same_history(stack: Stack, api: Any) -> None:
    by_grpc = call(
        stack, "prediction", f"{GRPC_NAMES['prediction']}/Predict", {"request": {"accident": ACCIDENT_EXAMPLE}}
    )
    by_rest = api.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE).json()
    assert by_grpc["prediction"]["eclo"] == by_rest["eclo"]
    history = [item["prediction_id"] for item in api.get("/api/predictions").json()["predictions"]]
    assert {by_grpc["prediction"]["predictionId"], by_rest["prediction_id"]} <= set(history)


def test_refusal_by_grpc_names_the_field_and_the_reason(stack: Stack) -> None:
    request = {"request": {"accident": ACCIDENT_EXAMPLE | {"weather": "우박"}}}
    url = f"http://{stack.target('prediction')}/{GRPC_NAMES['prediction']}/Predict"
    done = subprocess.run(
        [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--data", json.dumps(request), url],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    refusal = json.loads(done.stderr)
    assert refusal["code"] == "invalid_argument"
    details = {detail["type"].split(".")[-1]: b64decode(detail["value"] + "==") for detail in refusal["details"]}
    assert ErrorInfo.FromString(details["ErrorInfo"]).reason == "ACCIDENT_INVALID"
    assert [violation.field for violation in BadRequest.FromString(details["BadRequest"]).field_violations] == [
        "weather"
    ]
