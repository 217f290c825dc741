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
from tests.contract.gateway.fake_datasets import UNKNOWN_ID
from tests.contract.gateway.fake_services import FakePredictions, FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, running_gateway

PREDICT, HISTORY, BATCH = "/api/predict/eclo", "/api/predictions", f"/api/predict/batch/{UNKNOWN_ID}"
PAGE, FOREIGN = "http://localhost:8501", "http://evil.example"
JSON = {"content-type": "application/json"}
BODY = json.dumps(ACCIDENT_EXAMPLE).encode()
SMALL_BODY_BYTES = 64 * 1024
TOO_LARGE = BODY.ljust(SMALL_BODY_BYTES + 1)


@pytest.mark.parametrize(
    "given", [b"A-b_c.9", b"x" * 64, None, b"", b"x" * 65, b"a b", b"\xed\x95\x9c", b'"}', b"a\tb"]
)
async def test_request_has_its_own_id_if_that_is_sane_and_a_new_one_otherwise(
    gateway: Gateway, predictions: FakePredictions, given: bytes | None
) -> None:
    response = await gateway.get(HISTORY, headers=[(b"x-request-id", given)] if given is not None else [])

    request_id = response.headers["x-request-id"]
    assert predictions.request_ids == [request_id]
    if given in (b"A-b_c.9", b"x" * 64):
        assert request_id.encode() == given
    else:
        assert UUID(request_id).version == 7


REQUESTS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "a prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE}, 200),
    "an explained prediction": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE | {"explain": True}}, 200),
    "a page of the history": ("GET", HISTORY, {}, 200),
    "the documentation": ("GET", "/docs", {}, 200),
    "a preflight": ("OPTIONS", PREDICT, {"headers": {"origin": PAGE, "access-control-request-method": "POST"}}, 204),
    "malformed JSON": ("POST", PREDICT, {"content": b"{", "headers": JSON}, 400),
    "an unknown host": ("GET", HISTORY, {"headers": {"host": "evil.example"}}, 400),
    "a foreign page": ("POST", PREDICT, {"json": ACCIDENT_EXAMPLE, "headers": {"origin": FOREIGN}}, 403),
    "an unknown address": ("GET", "/nowhere", {}, 404),
    "an unknown batch": ("GET", BATCH, {}, 404),
    "a method that does not fit": ("GET", PREDICT, {}, 405),
    "a body that is too large": ("POST", PREDICT, {"content": TOO_LARGE, "headers": JSON}, 413),
    "another content type": ("POST", PREDICT, {"content": b"a=1", "headers": {"content-type": "text/plain"}}, 415),
    "a missing field": ("POST", PREDICT, {"json": {}}, 422),
}


@pytest.mark.parametrize(("method", "path", "options", "status"), REQUESTS.values(), ids=REQUESTS)
async def test_every_answer_has_the_security_headers_and_every_refusal_the_one_shape(
    gateway: Gateway, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    response = await gateway.request(method, path, **options)

    headers = response.headers
    assert response.status_code == status
    assert status < 400 or refusal(response)
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("strict-origin", "no-store")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]
    assert "server" not in headers


async def test_unknown_address_is_not_found(gateway: Gateway) -> None:
    for path in ("/", "/api", "/api/predictions/", "/API/predictions", "/health/x", "/../x"):
        assert refusal(await gateway.get(path)) == (404, "ROUTE_NOT_FOUND")


async def test_method_that_does_not_fit_is_told_which_do(gateway: Gateway) -> None:
    for method, path, allowed in (
        ("GET", PREDICT, "POST"),
        ("DELETE", "/health", "GET"),
        ("OPTIONS", HISTORY, "GET"),
        ("PROPFIND", HISTORY, "GET"),
        ("POST", BATCH, "DELETE, GET"),
        ("PATCH", "/api/datasets/upload", "POST"),
        ("POST", "/docs", "GET"),
    ):
        response = await gateway.request(method, path)
        assert (*refusal(response), response.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", allowed)
    response = await gateway.head(HISTORY)
    assert (response.status_code, response.content) == (405, b"")


async def test_unforeseen_fault_tells_nothing_but_its_request_id(
    gateway: Gateway, predictions: FakePredictions
) -> None:
    predictions.model_kind = prediction_pb2.FEATURE_KIND_UNSPECIFIED  # which the gateway cannot translate
    with capture_logs() as lines:
        response = await gateway.get("/api/predict/model")

    assert refusal(response) == (500, "INTERNAL")
    assert response.json()["error"] == "서버에서 오류가 발생했습니다. 문제가 계속되면 관리자에게 문의하세요"
    assert "KeyError" not in response.text
    (line,) = [line for line in lines if line["event"] == "request_failed"]
    assert line["exc_info"]


# Hosts, origins and content types


async def test_own_names_are_answered_and_foreign_ones_refused(gateway: Gateway) -> None:
    for host in ("LOCALHOST:8000", "127.0.0.1", "[::1]", "[::1]:8000"):
        assert (await gateway.get("/health/live", headers={"host": host})).status_code == 200
    for host in ("localhost.evil.example", "evil.example:8000", "", "localhost@evil.example", "[::2]", "[", "한"):
        response = await gateway.get("/health/live", headers=[(b"host", host.encode())])
        assert refusal(response) == (400, "HOST_UNKNOWN")


async def test_host_check_can_be_left_to_a_proxy() -> None:
    async with running_gateway(allowed_hosts=frozenset({"*"})) as gateway:
        assert (await gateway.get("/health/live", headers={"host": "daegu.example"})).status_code == 200
        rebound = {"host": "evil.example", "origin": "http://evil.example"}
        assert refusal(await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers=rebound)) == (403, "ORIGIN_UNKNOWN")


async def test_our_page_may_ask_before_it_calls_and_read_answers_and_refusals(gateway: Gateway) -> None:
    asks = {"origin": PAGE, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    preflight = await gateway.options(PREDICT, headers=asks)

    assert (preflight.status_code, preflight.content) == (204, b"")
    assert "POST" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].split(", ")
    assert {"content-type", "x-request-id", "x-client-id", "x-anthropic-api-key", "idempotency-key"} <= {*allowed}
    for response in (preflight, *[await gateway.get(path, headers={"origin": PAGE}) for path in (HISTORY, "/nowhere")]):
        assert response.headers["access-control-allow-origin"] == PAGE
        assert response.headers["vary"] == "origin"
        assert "x-request-id" in response.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{PAGE}.evil.example", "https://localhost:8501", "*"])
async def test_foreign_page_may_neither_ask_nor_read_nor_write(
    gateway: Gateway, predictions: FakePredictions, origin: str
) -> None:
    preflight = await gateway.options(PREDICT, headers={"origin": origin, "access-control-request-method": "POST"})
    read = await gateway.get(HISTORY, headers={"origin": origin})
    written = await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers={"origin": origin})

    assert not [
        response for response in (preflight, read, written) if "access-control-allow-origin" in response.headers
    ]
    assert refusal(written) == (403, "ORIGIN_UNKNOWN")
    assert not predictions.asked


async def test_write_is_judged_by_the_origin_or_else_by_the_site_that_the_browser_names(gateway: Gateway) -> None:
    own = str(gateway.base_url).rstrip("/")  # of the documentation
    for name, value, status in (
        ("origin", own, 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "none", 200),
    ):
        response = await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE, headers={name: value})
        assert response.status_code == status, value


async def test_content_type_other_than_json_is_refused_whatever_the_address(
    gateway: Gateway, predictions: FakePredictions
) -> None:
    multipart, odd = "multipart/form-data; boundary=x", "text/plain; application/json"
    requests = [("POST", PREDICT, kind) for kind in (multipart, odd, "application/jsonp", "")]
    requests += [
        (method, path, "text/plain") for method in ("POST", "PUT", "PATCH", "DELETE") for path in (BATCH, "/x")
    ]
    for method, path, content_type in requests:
        response = await gateway.request(method, path, content=BODY, headers={"content-type": content_type})
        assert refusal(response) == (415, "CONTENT_TYPE_UNSUPPORTED")
    assert not predictions.asked


async def test_json_is_taken_however_its_type_is_written_or_left_out(gateway: Gateway) -> None:
    for headers in ({}, {"content-type": "Application/JSON"}, {"content-type": "application/json; charset=utf-8"}):
        assert (await gateway.post(PREDICT, content=BODY, headers=headers)).status_code == 200


# Bodies


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """Sent in chunks, the body has no announced length."""
    for start in range(0, len(body), 5000):
        yield body[start : start + 5000]


@pytest.mark.parametrize("is_announced", [True, False])
async def test_body_of_the_limit_is_taken_and_one_more_byte_refused(
    prediction: FakeService, gateway: Gateway, predictions: FakePredictions, is_announced: bool
) -> None:
    def sent(body: bytes) -> Any:
        return {"content": body if is_announced else pieces(body), "headers": JSON}

    taken = await gateway.post(PREDICT, **sent(BODY.ljust(SMALL_BODY_BYTES)))
    refused = await gateway.post(PREDICT, **sent(TOO_LARGE))
    elsewhere = await gateway.patch(f"/api/datasets/{UNKNOWN_ID}", **sent(TOO_LARGE))
    assert taken.status_code == 200
    assert refusal(refused) == refusal(elsewhere) == (413, "BODY_TOO_LARGE")
    assert len(predictions.asked) == 1

    batch = json.dumps({"accidents": [ACCIDENT_EXAMPLE] * 300}).encode()
    for limit, status in ((len(batch), 202), (len(batch) - 1, 413)):
        async with running_gateway(prediction_target=prediction.target, batch_body_bytes=limit) as with_limit:
            assert (await with_limit.post("/api/predict/eclo/batch", **sent(batch))).status_code == status


async def test_body_too_large_is_refused_on_every_route_even_to_a_client_still_sending(gateway: Gateway) -> None:
    tool = f"/api/datasets/{UNKNOWN_ID}/tools/get_sample_rows"
    for method, path in (("GET", HISTORY), ("POST", tool), ("POST", "/nowhere"), ("POST", PREDICT)):
        body = TOO_LARGE.ljust(20_000_000) if path == PREDICT else TOO_LARGE
        response = await gateway.request(method, path, content=body, headers=JSON)
        assert refusal(response) == (413, "BODY_TOO_LARGE")


# Load and time


@asynccontextmanager
async def full_gateway(
    prediction: FakeService, predictions: FakePredictions
) -> AsyncIterator[tuple[Gateway, list[asyncio.Task[httpx.Response]]]]:
    """Yields a gateway with as many requests in progress as it takes, and these; they wait for `may_answer`."""
    predictions.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, concurrent_requests=2) as gateway:
        held = [asyncio.create_task(gateway.get(HISTORY)) for _ in range(2)]
        while len(predictions.listed) < 2:
            await predictions.was_asked.wait()
            predictions.was_asked.clear()
        yield gateway, held


async def test_more_requests_than_are_taken_at_once_are_refused_and_their_connections_go_on(
    prediction: FakeService, predictions: FakePredictions
) -> None:
    async with full_gateway(prediction, predictions) as (gateway, held):
        refused = [await gateway.get("/health")]
        refused += [await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE) for _ in range(3)]  # refused unread
        alive = await gateway.get("/health/live")
        predictions.may_answer.set()
        answered = [await task for task in held] + [await gateway.post(PREDICT, json=ACCIDENT_EXAMPLE)]

    assert {refusal(response) for response in refused} == {(503, "SERVICE_BUSY")}
    assert refused[0].json()["error"] == "서버가 혼잡합니다. 잠시 후 다시 시도해주세요"
    assert {response.headers["retry-after"] for response in refused} == {"5"}
    assert {response.status_code for response in (alive, *answered)} == {200}
    assert len(predictions.stored) == 1
