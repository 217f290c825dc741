"""What every server call gets: request id, deadline, one log line, errors as google.rpc details."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from servicekit import call_context, tracing
from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.metrics import Timings
from servicekit.remote_errors import PassedOn

ERROR_DOMAIN = "daegu"
_DETAILS_KEY = "grpc-status-details-bin"
_QUIET = ("/grpc.health.", "/grpc.reflection.")
# Codes that are the server's fault, not the caller's.
_FAULTS = frozenset({"INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED"})

log = structlog.get_logger()
_Context = grpc.aio.ServicerContext[Any, Any]


class CallInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Wraps every handler; `in_flight` counts the running calls, aborted ones included, `timings` the ended ones.

    A graceful stop needs this count, because `grpc.aio.Server.stop` does not wait for aborted handlers. `routine` names
    RPCs that programs poll every few seconds: their success is logged at debug level only.
    """

    def __init__(self, routine: Collection[str] = ()) -> None:
        self._routine = frozenset(routine)
        self.in_flight = 0
        self.timings = Timings("grpc_server_call_seconds", "Calls that ended.", ("method", "code"))
        self._idle = asyncio.Event()
        self._idle.set()

    async def wait_until_idle(self, timeout_seconds: float) -> None:
        """Waits for calls that are still unwinding, up to the timeout."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout_seconds)

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        """Returns the wrapped handler."""
        handler = await continuation(details)
        return handler and _wrapped(handler, lambda context: self._call(details.method, context))

    @asynccontextmanager
    async def _call(self, method: str, context: _Context) -> AsyncIterator[None]:
        metadata = dict(context.invocation_metadata() or ())
        request_id = str(metadata.get(call_context.REQUEST_ID_HEADER) or new_id())
        call_context.request_id.set(request_id)
        call_context.set_time_left(context.time_remaining())
        is_quiet = method.startswith(_QUIET)
        span = None if is_quiet else tracing.begin_span(metadata.get(tracing.TRACEPARENT))
        started = time.perf_counter()
        code = "CANCELLED"  # unless set below: the caller left
        self.in_flight += 1
        self._idle.clear()
        try:
            yield
            code = "OK"
        except Refused as error:
            code = error.code.name
            if error.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL):
                log.warning("call_refused", method=method, reason=error.reason, error=error.message)
            await _abort(context, error, request_id)
        except grpc.aio.AbortError:
            code = "ABORTED"
            raise
        except Exception:
            code = "INTERNAL"
            log.exception("call_failed", method=method)
            await _abort(
                context, Refused("INTERNAL", "An unforeseen fault; see the log under the request id."), request_id
            )
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()
            if span is not None:
                span.end(method.strip("/"), is_error=code in _FAULTS, facts={"rpc.grpc.status_code": code})
            if not is_quiet:
                seconds = time.perf_counter() - started
                self.timings.observe(seconds, (method, code))
                is_news = code != "OK" or method.rpartition("/")[2] not in self._routine
                say = log.info if is_news else log.debug
                say("call_ended", method=method, code=code, duration_ms=round(seconds * 1000, 2))


def _wrapped(handler: Any, around: Callable[[_Context], Any]) -> Any:
    inner = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream

    def checked(request: Any) -> Any:
        return _all_readable(request) if handler.request_streaming else _readable(request)

    async def answer_once(request: Any, context: _Context) -> Any:
        async with around(context):
            return await inner(checked(request), context)

    async def answer_many(request: Any, context: _Context) -> AsyncIterator[Any]:
        async with around(context):
            async for response in inner(checked(request), context):
                yield response

    make = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[(handler.request_streaming, handler.response_streaming)]
    return make(
        answer_many if handler.response_streaming else answer_once,
        request_deserializer=handler.request_deserializer and _tolerant(handler.request_deserializer),
        response_serializer=handler.response_serializer,
    )


class _Unreadable:
    """Stands for bytes that do not parse as the request; gRPC itself would answer UNKNOWN before any handler runs."""


def _tolerant(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(body: bytes) -> Any:
        try:
            return deserialize(body)
        except DecodeError:
            return _Unreadable()

    return read


def _readable(request: Any) -> Any:
    if isinstance(request, _Unreadable):
        raise Refused("REQUEST_INVALID", "The request is not a message of this method.")
    return request


async def _all_readable(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        yield _readable(request)


async def _abort(context: _Context, error: Refused, request_id: str) -> None:
    details: Any = [(_DETAILS_KEY, to_status(error, request_id).SerializeToString())]
    if isinstance(error, PassedOn):  # retried where it was raised: further retries would multiply, and predict twice
        details.append(("grpc-retry-pushback-ms", "-1"))
    await context.abort(error.code, error.message, tuple(details))


def to_status(error: Refused, request_id: str) -> status_pb2.Status:
    """Returns the error as google.rpc.Status: ErrorInfo with the reason, RequestInfo, BadRequest with the fields."""
    status = status_pb2.Status(code=error.code.value[0], message=error.message)
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN, metadata=error.facts)
    status.details.add().Pack(info)
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id=request_id))
    if error.violations:
        bad_request = error_details_pb2.BadRequest()
        for violation in error.violations:
            bad_request.field_violations.add(
                field=violation.field, reason=violation.reason, description=violation.description
            )
        status.details.add().Pack(bad_request)
    return status
