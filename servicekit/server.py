"""The gRPC server of all services: health, reflection, limits, graceful stop."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc

from servicekit.health import HealthServicer, Probe
from servicekit.interceptors import CallInterceptor
from servicekit.metrics import Metrics
from servicekit.metrics_page import serving_metrics
from servicekit.reflection import add_reflection
from servicekit.settings import ServerSettings

_HEALTH_NAME = "grpc.health.v1.Health"
_UNWIND_SECONDS = 1.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()

Context = grpc.aio.ServicerContext[Any, Any]
"""What a servicer's method gets beside its request."""


class Server:
    """Listens, answers, and stops in order: NOT_SERVING, no new calls, running calls finished.

    `add` registers servicers before it runs; `probes` has a health check for each service name and each named
    dependency. `stopping` tells long-lived streams to end. `metrics` has the calls; a service adds its own metrics.
    `routine` names RPCs whose success is logged at debug level only.
    """

    def __init__(self, settings: ServerSettings, probes: Mapping[str, Probe], routine: Collection[str] = ()) -> None:
        self._settings = settings
        self._calls = CallInterceptor(routine)
        self.metrics = Metrics()
        self.metrics.add(self._calls.timings)
        self.metrics.add_gauge("grpc_server_calls_in_flight", "Calls under way.", lambda: self._calls.in_flight)
        self._health = HealthServicer(probes)
        self._names: list[str] = []
        self.stopping = asyncio.Event()
        self._grpc = grpc.aio.server(
            interceptors=[self._calls],
            maximum_concurrent_rpcs=settings.max_concurrent_rpcs,
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
                # Running calls and streams keep an old connection for as long as they need it.
                ("grpc.max_connection_age_ms", int(settings.connection_seconds * 1000)),
            ],
        )

    def add(self, add_to_server: Callable[[Any, Any], None], servicer: Any, service_name: str) -> None:
        """Registers a servicer under its full name, for example `daegu.chat.v1.ChatService`."""
        add_to_server(servicer, self._grpc)
        self._names.append(service_name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serves inside the block, on the port it yields; drains on the way out."""
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        add_reflection([*self._names, _HEALTH_NAME], self._grpc)
        port = self._grpc.add_insecure_port(f"{self._settings.host}:{self._settings.port}")
        with serving_metrics(self.metrics, self._settings):
            await self._grpc.start()
            log.info("server_started", port=port, services=self._names)
            try:
                yield port
            finally:
                await self._drain()

    async def run_until_told_to_stop(self) -> None:
        """Serves until SIGTERM or SIGINT."""
        stop_requested = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop_requested.set))
        async with self.running():
            # Everything allocated so far lives as long as the process: the garbage collector can skip it during calls.
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 50, 50)
            await stop_requested.wait()
        for number in _STOP_SIGNALS:  # further signals must not interrupt the exit
            signal.signal(number, signal.SIG_IGN)

    async def _drain(self) -> None:
        log.info("server_draining", in_flight=self._calls.in_flight)
        is_watched = bool(self._health.watchers)
        self._health.stop_serving()
        self.stopping.set()
        if is_watched:  # the stop below would cancel calls sent before their callers knew
            await asyncio.sleep(self._settings.leave_seconds)
        await self._grpc.stop(self._settings.drain_seconds)
        await self._calls.wait_until_idle(_UNWIND_SECONDS)
        log.info("server_stopped", in_flight=self._calls.in_flight)
