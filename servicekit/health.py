"""grpc.health.v1 with a live probe for each name instead of a stored status."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

Probe = Callable[[], Awaitable[None]]
"""Returns if what it checks works, raises if it does not."""

PROBE_SECONDS = 0.8
_FRESH_SECONDS = 0.25
_WATCH_SECONDS = 1.0
_Status: Any = health_pb2.HealthCheckResponse

log = structlog.get_logger()


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # generated without types
    """Answers for the process (name ""), each of its services, and each dependency that has a probe.

    A dependency such as `database` is a name like any other, so the same standard call checks it.
    """

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = dict(probes)
        self._seen: dict[str, tuple[float, Any]] = {}
        self._stopping = asyncio.Event()
        self.watchers = 0

    def stop_serving(self) -> None:
        """Makes every name NOT_SERVING, so that callers switch to another replica before the process ends.

        The `watchers` are notified at once.
        """
        self._stopping.set()

    async def Check(self, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:  # noqa: N802
        """Answers for one name; NOT_FOUND for an unknown name."""
        status = await self._status(request.service)
        if status == _Status.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"unknown service {request.service!r}")
        return _Status(status=status)

    async def List(self, _request: Any, _context: grpc.aio.ServicerContext[Any, Any]) -> Any:  # noqa: N802
        """Answers for all names at once."""
        names = ["", *self._probes]
        statuses = await asyncio.gather(*(self._status(name) for name in names))
        return health_pb2.HealthListResponse(
            statuses={name: _Status(status=status) for name, status in zip(names, statuses, strict=True)}
        )

    async def Watch(self, request: Any, _context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:  # noqa: N802
        """Answers immediately and after every change, until the process stops."""
        last = None
        self.watchers += 1
        try:
            while True:
                is_last = self._stopping.is_set()  # read before the slow probe, so that every watcher sees the stop
                status = await self._status(request.service)
                if status != last:
                    yield _Status(status=status)
                    last = status
                if is_last:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _WATCH_SECONDS)
        finally:
            self.watchers -= 1

    async def _status(self, name: str) -> Any:
        if name and name not in self._probes:
            return _Status.SERVICE_UNKNOWN
        if self._stopping.is_set():
            return _Status.NOT_SERVING
        if not name:
            return _Status.SERVING
        at, status = self._seen.get(name, (0.0, 0))
        if time.monotonic() - at > _FRESH_SECONDS:
            status = await self._ask(name, was=status)
            self._seen[name] = (time.monotonic(), status)
        return status

    async def _ask(self, name: str, was: Any) -> Any:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._probes[name]()
        except Exception as error:  # noqa: BLE001 - any error means that it does not work
            if was != _Status.NOT_SERVING:  # logged once: it is checked many times a second
                log.warning("health_probe_failed", name=name, error=repr(error))
            return _Status.NOT_SERVING
        return _Status.SERVING
