"""gRPC channels between services: calls have a deadline, safe retries, and the caller's request id."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import grpc

from servicekit import call_context, tracing
from servicekit.targets import grpc_target


def open_channel(
    target: str, *, cap_seconds: float, retryable: Sequence[str] = (), retried_bytes: int | None = None
) -> grpc.aio.Channel:
    """Opens a channel to a target of servicekit/targets.py.

    The deadline of every call is min(cap_seconds, time that its own caller has left), unless it sets a shorter one.
    `retryable` names services or `service/Method`s whose calls are retried after UNAVAILABLE, with 3 attempts in all.
    Requests longer than `retried_bytes` (gRPC's default: 256 KiB) are not retried; each call may buffer that much.
    A lost connection is retried within a second.
    """
    options = _options(retryable)
    if retried_bytes is not None:
        options.append(("grpc.per_rpc_retry_buffer_size", retried_bytes))
    interceptors = [kind(cap_seconds) for kind in _INTERCEPTORS]
    return grpc.aio.insecure_channel(grpc_target(target), options=options, interceptors=interceptors)


def open_stream_channel(target: str) -> grpc.aio.Channel:
    """Opens a channel for streams that outlive the calls they serve; each stream sets its own deadline.

    It has no interceptors: with them, grpc leaks a task for every stream that ends before its writer does.
    """
    return grpc.aio.insecure_channel(grpc_target(target), options=_options())


def open_blocking_channel(target: str) -> grpc.Channel:
    """Opens a channel for threads; each call sets its own deadline."""
    return grpc.insecure_channel(grpc_target(target), _options())


def _options(retryable: Sequence[str] = ()) -> list[tuple[str, Any]]:
    # Calls go round robin over all replicas of a target, and new ones are found quickly.
    return [
        ("grpc.service_config", _service_config(retryable)),
        ("grpc.enable_retries", 1),
        ("grpc.enable_http_proxy", 0),  # HTTPS_PROXY is for the internet, not for our services
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 1000),
        # Restarted replicas have new addresses; by default gRPC resolves names only twice a minute.
        ("grpc.dns_min_time_between_resolutions_ms", 1000),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
    ]


def _service_config(retryable: Sequence[str]) -> str:
    names = [dict(zip(("service", "method"), name.split("/"), strict=False)) for name in retryable]
    policy = {
        # In all longer than it takes to connect to a restarted replica while another one stops.
        "maxAttempts": 3,
        "initialBackoff": "0.15s",
        "maxBackoff": "0.6s",
        "backoffMultiplier": 4,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    methods = [{"name": names, "retryPolicy": policy}] if names else []
    # Every connection watches its server's health: a server that is about to stop gets no more calls.
    health = {"serviceName": ""}
    return json.dumps(
        {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": health, "methodConfig": methods}
    )


class _CallInterceptor:
    """The behaviour shared by all four kinds of calls; gRPC needs a class for each kind."""

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
