"""Spans as a collector receives them, and none without a collector."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2
from structlog.testing import capture_logs

from servicekit import call_context, tracing
from servicekit.channel import open_channel
from servicekit.errors import DatabaseUnavailable
from servicekit.server import Server
from servicekit.settings import ProcessSettings, ServerSettings
from tests.contract.gateway.running_gateway import NOBODY, running_gateway
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

SERVICE = "daegu.prediction.v1.PredictionService"
MODEL_INFO = f"{SERVICE}/GetModelInfo"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self._requests: list[Any] = []

    async def Export(self, request: Any, context: Any) -> Any:
        self._requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    async def received(self) -> dict[str, trace_pb2.Span]:
        """Returns all spans by name, after the program has sent what it had."""
        await asyncio.to_thread(tracing.stop_tracing)
        scopes = [scope for request in self._requests for part in request.resource_spans for scope in part.scope_spans]
        return {span.name: span for scope in scopes for span in scope.spans}


class Predictions(prediction_pb2_grpc.PredictionServiceServicer):
    """Answers, or refuses with what the test says."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    async def GetModelInfo(self, _request: Any, _context: Any) -> pb.GetModelInfoResponse:
        if self.error:
            raise self.error
        return pb.GetModelInfoResponse(model_version="1")


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    monkeypatch.setattr(tracing, "_EXPORT_SECONDS", PATIENCE_SECONDS)
    collector = Collector()
    server = grpc.aio.server()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    tracing.start_tracing("tests", ProcessSettings(TRACING_ENDPOINT=f"http://127.0.0.1:{port}"))
    yield collector
    await asyncio.to_thread(tracing.stop_tracing)
    await server.stop(None)
    gc.collect()  # a span processor that still exists starts a thread in each child, which then cannot drop root


@pytest.fixture
def predictions() -> Predictions:
    return Predictions()  # type: ignore[abstract]  # the rest is not called


@pytest.fixture
async def target(predictions: Predictions) -> AsyncIterator[str]:
    server = Server(ServerSettings(port=0, drain_seconds=0), {})
    server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, predictions, SERVICE)
    async with server.running() as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def _no_request() -> Iterator[None]:
    token = call_context.request_id.set("")
    yield
    call_context.request_id.reset(token)


def attributes(span: trace_pb2.Span) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


async def test_request_and_the_call_it_makes_are_one_trace_of_the_caller(collector: Collector, target: str) -> None:
    async with running_gateway(prediction_target=target) as client:
        answer = await client.get("/api/predict/model", headers={"traceparent": CALLER, "X-Request-ID": "request-1"})
    spans = await collector.received()

    request, call = spans["GET /api/predict/model"], spans[MODEL_INFO]
    assert request.trace_id.hex() == call.trace_id.hex() == CALLER.split("-")[1]
    assert request.parent_span_id.hex() == CALLER.split("-")[2]
    assert call.parent_span_id == request.span_id
    assert attributes(request)["request_id"] == attributes(call)["request_id"] == "request-1"
    assert attributes(request)["http.response.status_code"] == answer.status_code
    assert attributes(call)["rpc.grpc.status_code"] == "OK"


async def test_call_that_fails_is_marked(collector: Collector, target: str, predictions: Predictions) -> None:
    predictions.error = DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")
    async with open_channel(target, cap_seconds=PATIENCE_SECONDS) as channel:
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)
        with capture_logs() as lines:
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.GetModelInfo(pb.GetModelInfoRequest())
            # The caller may know of the failure before the span has its end.
            await eventually(lambda: any(line["event"] == "call_ended" for line in lines))
    span = (await collector.received())[MODEL_INFO]
    assert span.status.code == trace_pb2.Status.STATUS_CODE_ERROR
    assert attributes(span)["rpc.grpc.status_code"] == "UNAVAILABLE"


async def test_malformed_traceparent_begins_a_new_trace(collector: Collector) -> None:
    async with running_gateway() as client:
        await client.get("/no/such/path", headers={b"traceparent": b"\xff-nonsense"})
    span = (await collector.received())["GET other"]
    assert span.parent_span_id == b""


async def test_collector_that_is_away_hinders_nobody(target: str) -> None:
    tracing.start_tracing("tests", ProcessSettings(TRACING_ENDPOINT=f"http://{NOBODY}"))
    async with open_channel(target, cap_seconds=PATIENCE_SECONDS) as channel:
        stub: Any = prediction_pb2_grpc.PredictionServiceStub(channel)
        assert (await stub.GetModelInfo(pb.GetModelInfoRequest())).model_version == "1"
        await asyncio.to_thread(tracing.stop_tracing)


def test_nothing_is_needed_and_nothing_is_begun_when_no_collector_is_named() -> None:
    assert tracing.begin_span(CALLER) is None
    assert tracing.traceparent() is None
    script = (
        "import sys; sys.modules['opentelemetry.sdk'] = sys.modules['opentelemetry.exporter'] = None;"
        "import gateway.__main__, prediction_service.__main__, worker.__main__, servicekit.tracing as tracing;"
        "from servicekit.settings import ProcessSettings; tracing.start_tracing('x', ProcessSettings())"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_missing_packages_fail_the_start_and_name_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(tracing.TracingNotInstalled, match=r"requirements-tracing\.txt"):
        tracing.start_tracing("tests", ProcessSettings(TRACING_ENDPOINT=f"http://{NOBODY}"))
