"""Traces for an OpenTelemetry collector. Without TRACING_ENDPOINT, nothing is sent or even imported.

One span per gateway request and per service call, linked across processes by `traceparent` (W3C), with the request id
of the logs. Set up once when a process starts, like logging.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from servicekit import call_context
from servicekit.settings import VERSION, ProcessSettings

TRACEPARENT = "traceparent"
_EXPORT_SECONDS = 2.0  # a collector that is down must not delay the exit of a process


class TracingNotInstalled(Exception):
    """TRACING_ENDPOINT is set, but the packages that send traces are not installed. Raised at start."""


class Span:
    """One request or call in progress."""

    def __init__(self, begun: Any, error: Any) -> None:
        self._begun = begun
        self._error = error

    def end(self, name: str, *, is_error: bool, facts: Mapping[str, str | int]) -> None:
        """Ends the span under its final name."""
        self._begun.update_name(name)
        self._begun.set_attributes({"request_id": call_context.request_id.get(), **facts})
        if is_error:
            self._begun.set_status(self._error)
        self._begun.end()


_tracer: "_Tracer | None" = None
# Never reset: every request has its own context.
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def start_tracing(program: str, settings: ProcessSettings) -> None:
    """Starts sending spans if the settings name a collector. Remaining spans are sent when the process ends."""
    global _tracer  # one per process, like the log
    if settings.tracing_endpoint is not None:
        _tracer = _Tracer(program, settings.tracing_endpoint)


def stop_tracing() -> None:
    """Sends the remaining spans and stops tracing."""
    global _tracer
    if _tracer is not None:
        _tracer.close()
        _tracer = None


def begin_span(traceparent: str | bytes | None) -> Span | None:
    """Begins a span for the current request; None without tracing.

    `traceparent` is the caller's header, if any; a malformed one is ignored.
    """
    return None if _tracer is None else _tracer.begin(traceparent)


def traceparent() -> str | None:
    """Returns the `traceparent` for an outgoing call, so that it joins the trace; None without tracing."""
    return None if _tracer is None else _traceparent.get()


class _Tracer:
    """Holds what is imported only for tracing."""

    def __init__(self, program: str, endpoint: str) -> None:
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            remedy = "Install requirements-tracing.txt, or unset TRACING_ENDPOINT."
            raise TracingNotInstalled(f"{error}. {remedy}") from error
        self._kind = trace.SpanKind.SERVER
        self._error = trace.Status(trace.StatusCode.ERROR)
        self._propagator = TraceContextTextMapPropagator()
        self._provider = TracerProvider(resource=Resource.create({"service.name": program, "service.version": VERSION}))
        is_plain = not endpoint.startswith("https://")
        exporter = OTLPSpanExporter(endpoint, insecure=is_plain, timeout=_EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("servicekit")

    def begin(self, traceparent: str | bytes | None) -> Span:
        sent = traceparent.decode("latin-1") if isinstance(traceparent, bytes) else traceparent or ""
        parent = self._propagator.extract({TRACEPARENT: sent})
        begun = self._tracer.start_span("request", parent, self._kind)
        context = begun.get_span_context()
        _traceparent.set(f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}")
        return Span(begun, self._error)

    def close(self) -> None:
        self._provider.shutdown()
