"""What holds for every request, whatever answers it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from daegu.prediction.v1 import prediction_pb2
from structlog.testing import capture_logs

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.fake_services import FakeBatches, FakePredictions, FakeService
from tests.contract.gateway.running_gateway import running_gateway

PREDICT, HISTORY = "/api/predict/eclo", "/api/predictions"
PAGE, FOREIGN = "http://localhost:8501", "http://evil.example"
JSON = {"content-type": "application/json"}
UNKNOWN_ID = "01980000-0000-7000-8000-000000000000"
SMALL_BODY_BYTES = 64 * 1024


def padded(size_bytes: int) -> bytes:
    """A good prediction of exactly so many bytes."""
    body = json.dumps(ACCIDENT_EXAMPLE).encode()
    return body + b" " * (size_bytes - len(body))


def is_refusal(response: httpx.Response, status: int, code: str) -> bool:
    """Tells whether the answer is an error in the one shape."""
    answer = response.json()
    assert answer.keys() == {"success", "error", "code", "details", "request_id", "timestamp"}
    assert answer["success"] is False
    assert answer["request_id"] == response.headers["x-request-id"]
    assert response.headers["content-type"] == "application/json"
    return (response.status_code, answer["code"]) == (status, code)


# Request ids


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64, "0190163d-8694-739b-aea5-966c26f8ad90"])
async def test_request_id_goes_through_to_the_service_and_comes_back(
    gateway: httpx.AsyncClient, predictions: FakePredictions, given: str
) -> None:
    response = await gateway.get(HISTORY, headers={"x-request-id": given})

    assert response.headers["x-request-id"] == given
    assert predictions.request_ids == [given]


@pytest.mark.parametrize("given", [None, b"", b"x" * 65, b"a b", b"\xed\x95\x9c", b'"}', b"a\tb"])
async def test_request_without_a_usable_id_gets_one(
    gateway: httpx.AsyncClient, predictions: FakePredictions, given: bytes | None
) -> None:
    response = await gateway.get(HISTORY, headers=[(b"x-request-id", given)] if given is not None else [])

    assert UUID(response.headers["x-request-id"]).version == 7
    assert predictions.request_ids == [response.headers["x-request-id"]]


async def test_refusal_tells_the_request_id_in_its_body_too(gateway: httpx.AsyncClient) -> None:
    response = await gateway.get("/nowhere", headers={"x-request-id": "mine"})
    assert response.json()["request_id"] == response.headers["x-request-id"] == "mine"


# Every answer


REQUESTS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "a prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE}, 200),
    "an explained prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE | {"explain": True}}, 200),
    "a page of the history": ("GET", HISTORY, {}, 200),
    "the health": ("GET", "/health", {}, 200),
    "the documentation": ("GET", "/docs", {}, 200),
    "the description": ("GET", "/openapi.json", {}, 200),
    "a preflight": ("OPTIONS", PREDICT, {"headers": {"origin": PAGE, "access-control-request-method": "POST"}}, 204),
    "malformed JSON": ("POST", PREDICT, {"content": b"{", "headers": JSON}, 400),
    "an unknown host": ("GET", HISTORY, {"headers": {"host": "evil.example"}}, 400),
    "a foreign page": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE, "headers": {"origin": FOREIGN}}, 403),
    "an unknown address": ("GET", "/nowhere", {}, 404),
    "an unknown batch": ("GET", f"/api/predict/batch/{UNKNOWN_ID}", {}, 404),
    "a method that does not fit": ("GET", PREDICT, {}, 405),
    "a body that is too large": ("POST", PREDICT, {"content": padded(SMALL_BODY_BYTES + 1), "headers": JSON}, 413),
    "another content type": ("POST", PREDICT, {"content": b"a=1", "headers": {"content-type": "text/plain"}}, 415),
    "a missing field": ("POST", PREDICT, {"json": {}}, 422),
}


@pytest.mark.parametrize(("method", "path", "options", "status"), REQUESTS.values(), ids=REQUESTS)
async def test_every_answer_has_the_security_headers(
    gateway: httpx.AsyncClient,
    predictions: FakePredictions,
    batches: FakeBatches,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
) -> None:
    response = await gateway.request(method, path, **options)

    assert response.status_code == status
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]
    assert "server" not in headers


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [case for case in REQUESTS.values() if case[3] >= 400],
    ids=[name for name, case in REQUESTS.items() if case[3] >= 400],
)
async def test_every_refusal_has_the_one_shape(
    gateway: httpx.AsyncClient, batches: FakeBatches, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    response = await gateway.request(method, path, **options)
    assert is_refusal(response, status, response.json()["code"])


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/api", "/api/predictions/", "/API/predictions", "/health/x", "/../x"]
)
async def test_unknown_address_is_not_found(gateway: httpx.AsyncClient, path: str) -> None:
    assert is_refusal(await gateway.get(path), 404, "ROUTE_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", PREDICT, "POST"),
        ("PUT", HISTORY, "GET"),
        ("DELETE", "/health", "GET"),
        ("OPTIONS", HISTORY, "GET"),
        ("TRACE", HISTORY, "GET"),
        ("PROPFIND", HISTORY, "GET"),
        ("POST", f"/api/predict/batch/{UNKNOWN_ID}", "DELETE, GET"),
        ("OPTIONS", "/api/datasets/upload", "POST"),
        ("PATCH", "/api/datasets/upload", "POST"),
        ("POST", "/docs", "GET"),
    ],
)
async def test_method_that_does_not_fit_is_told_which_do(
    gateway: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    response = await gateway.request(method, path)

    assert is_refusal(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == allowed


async def test_head_is_refused_without_a_body(gateway: httpx.AsyncClient) -> None:
    response = await gateway.head(HISTORY)
    assert (response.status_code, response.content) == (405, b"")


async def test_unforeseen_fault_tells_nothing_but_its_request_id(
    gateway: httpx.AsyncClient, predictions: FakePredictions
) -> None:
    predictions.model_kind = prediction_pb2.FEATURE_KIND_UNSPECIFIED  # which the gateway cannot translate
    with capture_logs() as lines:
        response = await gateway.get("/api/predict/model")

    assert is_refusal(response, 500, "INTERNAL")
    assert response.json()["error"] == "서버에서 오류가 발생했습니다. 문제가 계속되면 관리자에게 문의하세요"
    assert "KeyError" not in response.text
    (line,) = [line for line in lines if line["event"] == "request_failed"]
    assert line["exc_info"]


# Hosts and origins


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000"])
async def test_own_names_are_answered(gateway: httpx.AsyncClient, host: str) -> None:
    assert (await gateway.get("/health/live", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:8000", "", "localhost@evil.example", "[::2]", "[", "한"],
)
async def test_foreign_names_are_refused(gateway: httpx.AsyncClient, host: str) -> None:
    response = await gateway.get("/health/live", headers=[(b"host", host.encode())])
    assert is_refusal(response, 400, "HOST_UNKNOWN")


async def test_host_check_can_be_left_to_a_proxy() -> None:
    async with running_gateway(allowed_hosts=frozenset({"*"})) as gateway:
        assert (await gateway.get("/health/live", headers={"host": "daegu.example"})).status_code == 200
        rebound = {"host": "evil.example", "origin": "http://evil.example"}
        assert is_refusal(await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers=rebound), 403, "ORIGIN_UNKNOWN")


async def test_our_page_may_ask_before_it_calls(gateway: httpx.AsyncClient) -> None:
    response = await gateway.options(
        PREDICT,
        headers={
            "origin": PAGE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-request-id",
        },
    )

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == PAGE
    assert "POST" in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"].split(", ")
    assert {"content-type", "x-request-id", "x-client-id", "x-anthropic-api-key", "idempotency-key"} <= {*allowed}


async def test_our_page_may_read_answers_and_refusals(gateway: httpx.AsyncClient) -> None:
    for path in (HISTORY, "/nowhere"):
        response = await gateway.get(path, headers={"origin": PAGE})
        assert response.headers["access-control-allow-origin"] == PAGE
        assert response.headers["vary"] == "origin"
        assert "x-request-id" in response.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "http://localhost:8501.evil.example", "https://localhost:8501", "*"]
)
async def test_foreign_page_may_neither_ask_nor_read_nor_write(
    gateway: httpx.AsyncClient, predictions: FakePredictions, origin: str
) -> None:
    preflight = await gateway.options(PREDICT, headers={"origin": origin, "access-control-request-method": "POST"})
    read = await gateway.get(HISTORY, headers={"origin": origin})
    written = await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers={"origin": origin})

    for response in (preflight, read, written):
        assert "access-control-allow-origin" not in response.headers
    assert is_refusal(written, 403, "ORIGIN_UNKNOWN")
    assert not predictions.asked


async def test_own_page_of_the_documentation_may_write(gateway: httpx.AsyncClient) -> None:
    own = str(gateway.base_url).rstrip("/")
    assert (await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers={"origin": own})).status_code == 200


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
async def test_browser_that_names_no_origin_is_judged_by_the_site(
    gateway: httpx.AsyncClient, predictions: FakePredictions, site: str, status: int
) -> None:
    response = await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers={"sec-fetch-site": site})
    assert response.status_code == status


# Content types


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "text/plain; application/json",
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_other_content_type_is_refused_whatever_the_address(
    gateway: httpx.AsyncClient, predictions: FakePredictions, method: str, content_type: str
) -> None:
    for path in (PREDICT, f"/api/predict/batch/{UNKNOWN_ID}", "/nowhere"):
        response = await gateway.request(
            method, path, content=json.dumps(ACCIDENT_EXAMPLE), headers={"content-type": content_type}
        )
        assert is_refusal(response, 415, "CONTENT_TYPE_UNSUPPORTED")
    assert not predictions.asked


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
async def test_json_is_taken_however_it_is_written(gateway: httpx.AsyncClient, content_type: str) -> None:
    response = await gateway.post(PREDICT, content=json.dumps(ACCIDENT_EXAMPLE), headers={"content-type": content_type})
    assert response.status_code == 200


async def test_json_needs_no_content_type_from_a_plain_client(gateway: httpx.AsyncClient) -> None:
    response = await gateway.post(PREDICT, content=json.dumps(ACCIDENT_EXAMPLE).encode())
    assert response.status_code == 200


# Bodies


async def pieces(body: bytes, size_bytes: int = 5000) -> AsyncIterator[bytes]:
    """Sent in chunks, the body has no announced length."""
    for start in range(0, len(body), size_bytes):
        yield body[start : start + size_bytes]


@pytest.mark.parametrize("is_announced", [True, False])
async def test_body_of_the_limit_is_taken_and_one_more_byte_refused(
    gateway: httpx.AsyncClient, predictions: FakePredictions, is_announced: bool
) -> None:
    for size_bytes, status in ((SMALL_BODY_BYTES, 200), (SMALL_BODY_BYTES + 1, 413)):
        body = padded(size_bytes)
        response = await gateway.post(PREDICT, content=body if is_announced else pieces(body), headers=JSON)
        assert response.status_code == status

    assert is_refusal(response, 413, "BODY_TOO_LARGE")
    assert len(predictions.asked) == 1


@pytest.mark.parametrize("is_announced", [True, False])
async def test_body_of_a_batch_has_its_own_limit(
    prediction: FakeService, batches: FakeBatches, is_announced: bool
) -> None:
    body = json.dumps({"accidents": [ACCIDENT_EXAMPLE] * 300}).encode()
    path = "/api/predict/eclo/batch"
    for limit, status in ((len(body), 202), (len(body) - 1, 413)):
        async with running_gateway(prediction_target=prediction.target, batch_body_bytes=limit) as gateway:
            response = await gateway.post(path, content=body if is_announced else pieces(body), headers=JSON)
        assert response.status_code == status


async def test_body_too_large_is_refused_on_every_route(gateway: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", HISTORY),
        ("PATCH", f"/api/datasets/{UNKNOWN_ID}"),
        ("POST", f"/api/datasets/{UNKNOWN_ID}/tools/get_sample_rows"),
        ("POST", "/nowhere"),
    ):
        response = await gateway.request(method, path, content=padded(SMALL_BODY_BYTES + 1), headers=JSON)
        assert is_refusal(response, 413, "BODY_TOO_LARGE")


async def test_body_too_large_is_refused_where_the_address_has_parameters(gateway: httpx.AsyncClient) -> None:
    path = f"/api/datasets/{UNKNOWN_ID}"
    response = await gateway.patch(path, content=pieces(padded(SMALL_BODY_BYTES + 1)), headers=JSON)
    assert is_refusal(response, 413, "BODY_TOO_LARGE")


async def test_refusal_reaches_a_client_that_is_still_sending(gateway: httpx.AsyncClient) -> None:
    response = await gateway.post(PREDICT, content=padded(20_000_000), headers=JSON)
    assert is_refusal(response, 413, "BODY_TOO_LARGE")


# Load and time


@asynccontextmanager
async def full_gateway(
    prediction: FakeService, predictions: FakePredictions
) -> AsyncIterator[tuple[httpx.AsyncClient, list[asyncio.Task[httpx.Response]]]]:
    """Yields a gateway with as many requests under way as it takes, and these; they wait for `may_answer`."""
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, concurrent_requests=2) as gateway:
        held = [asyncio.create_task(gateway.get(HISTORY)) for _ in range(2)]
        while len(predictions.listed) < 2:
            await predictions.was_asked.wait()
            predictions.was_asked.clear()
        yield gateway, held


async def test_more_requests_than_are_taken_at_once_are_refused_in_json(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    async with full_gateway(prediction, predictions) as (gateway, held):
        refused = await gateway.get("/health")
        alive = await gateway.get("/health/live")
        predictions.may_answer.set()
        answered = [(await task).status_code for task in held]

    assert is_refusal(refused, 503, "SERVICE_BUSY")
    assert refused.json()["error"] == "서버가 혼잡합니다. 잠시 후 다시 시도해주세요"
    assert int(refused.headers["retry-after"]) > 0
    assert alive.status_code == 200
    assert answered == [200, 200]


async def test_predictions_too_many_are_refused_unread_and_their_connections_go_on(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    async with full_gateway(prediction, predictions) as (gateway, held):
        refused = [await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE) for _ in range(3)]
        predictions.may_answer.set()
        await asyncio.gather(*held)
        answered = await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE)

    assert all(is_refusal(response, 503, "SERVICE_BUSY") for response in refused)
    assert {response.headers["retry-after"] for response in refused} == {"5"}
    assert answered.status_code == 200
    assert len(predictions.stored) == 1


async def test_answer_that_takes_too_long_is_given_up(prediction: FakeService, predictions: FakePredictions) -> None:
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, handler_seconds=0.2) as gateway:
        response = await gateway.get(HISTORY)

    assert is_refusal(response, 504, "DEADLINE_PASSED")


async def test_time_that_is_left_goes_with_the_call(prediction: FakeService, predictions: FakePredictions) -> None:
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, quick_seconds=0.2) as gateway:
        response = await gateway.get(HISTORY)

    assert is_refusal(response, 504, "DEADLINE_PASSED")
