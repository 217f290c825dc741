"""Hands over what nobody works on: batches whose message was lost, or whose worker or service died."""

import threading
from collections.abc import Callable
from typing import Any

import grpc
import structlog
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc

from worker.settings import WorkerSettings

_CALL_SECONDS = 5.0
# More than that many batches are never unfinished, so that each of them has its message when more wait.
_MOST_WAITING = 100

log = structlog.get_logger()


class Reconciler:
    """Looks every few seconds until the process stops. Outlives whatever is away; says so once, not each time."""

    def __init__(
        self,
        channel: grpc.Channel,
        send: Callable[[str], object],
        count_waiting: Callable[[], int],
        settings: WorkerSettings,
        stopping: threading.Event,
    ) -> None:
        self._stub: Any = batch_pb2_grpc.BatchPredictionServiceStub(channel)
        self._send = send
        self._count_waiting = count_waiting
        self._pause_seconds = settings.reconcile_seconds
        self._stopping = stopping
        self._is_hindered = True  # until all it needs has begun, which is no news

    def run(self) -> None:
        """Reconciles until told to stop."""
        while not self._stopping.wait(self._pause_seconds):
            try:
                self._reconcile()
            except Exception as error:  # noqa: BLE001 - the service, the database or the broker is away: next time
                if not self._is_hindered:
                    log.warning("reconciler_hindered", error=repr(error)[:500])
                self._is_hindered = True
            else:
                if self._is_hindered:
                    log.info("reconciler_works")
                self._is_hindered = False

    def _reconcile(self) -> None:
        if self._count_waiting() > _MOST_WAITING:
            return
        request = batch_pb2.ClaimOverdueBatchesRequest()
        for batch_id in self._stub.ClaimOverdueBatches(request, timeout=_CALL_SECONDS).batch_ids:
            log.info("batch_handed_over_again", batch_id=batch_id)
            self._send(batch_id)
