"""How one part calls another: bounded in time, retried where that is safe, under the caller's request id."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import grpc

from servicekit import call_context, tracing


def open_channel(
    target: str, *, cap_seconds: float, retryable: Sequence[str] = (), retried_bytes: int | None = None
) -> grpc.aio.Channel:
    """Opens a channel to `host:port`.

    Every call gets min(cap_seconds, time its own caller has left) as its deadline, unless it names a shorter one.
    `retryable` names services or `service/Method`s whose calls may be sent again after UNAVAILABLE, at most
    3 attempts in all; what is longer than `retried_bytes` (gRPC's own default: 256 KiB) is sent once. Every call
    may hold so much of what it has sent. A lost connection is tried again within a second.
    """
    options = channel_options(retryable)
    if retried_bytes is not None:
        options.append(("grpc.per_rpc_retry_buffer_size", retried_bytes))
    interceptors = [kind(cap_seconds) for kind in _INTERCEPTORS]
    return grpc.aio.insecure_channel(target, options=options, interceptors=interceptors)


def open_stream_channel(target: str) -> grpc.aio.Channel:
    """Opens a channel for streams that outlive the calls they serve: a stream names its own deadline.

    It has no interceptors. With them grpc leaves a task behind for every stream that ends before its writer does.
    """
    return grpc.aio.insecure_channel(target, options=channel_options())


def channel_options(retryable: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """Returns what every channel is opened with: it takes all replicas behind a name in turn, soon also new ones."""
    return [
        ("grpc.service_config", _service_config(retryable)),
        ("grpc.enable_retries", 1),
        ("grpc.enable_http_proxy", 0),  # our services are near; a proxy of the environment is for the way out
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 1000),
        # Replicas come back under other addresses; the default asks for these only twice a minute.
        ("grpc.dns_min_time_between_resolutions_ms", 1000),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
    ]


def _service_config(retryable: Sequence[str]) -> str:
    names = [dict(zip(("service", "method"), name.split("/"), strict=False)) for name in retryable]
    policy = {
        # Together longer than it takes to connect to a replica that came back while another one leaves.
        "maxAttempts": 3,
        "initialBackoff": "0.15s",
        "maxBackoff": "0.6s",
        "backoffMultiplier": 4,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    methods = [{"name": names, "retryPolicy": policy}] if names else []
    # Every connection watches the health of its process: one that is about to stop says so, and gets no more calls.
    health = {"serviceName": ""}
    return json.dumps(
        {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": health, "methodConfig": methods}
    )


class _CallInterceptor:
    """One behaviour for the four kinds of calls; gRPC wants a class of its own for each kind."""

    def __init__(self, cap_seconds: float) -> None:
        self._cap_seconds = cap_seconds

    async def _intercept(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        cap = self._cap_seconds if details.timeout is None else min(details.timeout, self._cap_seconds)
        metadata = details.metadata or grpc.aio.Metadata()
        request_id = call_context.request_id.get()
        if request_id:
            metadata.add(call_context.REQUEST_ID_HEADER, request_id)
        traceparent = tracing.traceparent()
        if traceparent is not None:
            metadata.add(tracing.TRACEPARENT, traceparent)
        return await continuation(details._replace(timeout=call_context.time_left(cap), metadata=metadata), request)


class _UnaryUnary(_CallInterceptor, grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[type-arg]
    intercept_unary_unary = _CallInterceptor._intercept  # type: ignore[assignment]


class _UnaryStream(_CallInterceptor, grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[type-arg]
    intercept_unary_stream = _CallInterceptor._intercept  # type: ignore[assignment]


class _StreamUnary(_CallInterceptor, grpc.aio.StreamUnaryClientInterceptor):  # type: ignore[type-arg]
    intercept_stream_unary = _CallInterceptor._intercept  # type: ignore[assignment]


class _StreamStream(_CallInterceptor, grpc.aio.StreamStreamClientInterceptor):  # type: ignore[type-arg]
    intercept_stream_stream = _CallInterceptor._intercept  # type: ignore[assignment]


_INTERCEPTORS: tuple[Callable[[float], Any], ...] = (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)
