"""Resends batches that no worker is processing: their message was lost, or their worker or service died."""

import threading
from collections.abc import Callable

import grpc
import structlog
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc

from worker.settings import WorkerSettings

_CALL_SECONDS = 5.0
# At most this many batches are unfinished: with more messages waiting, each of them has one.
_MOST_WAITING = 100

log = structlog.get_logger()


class Reconciler:
    """Checks every few seconds until the process stops. Survives outages, and logs each one once."""

    def __init__(
        self,
        channel: grpc.Channel,
        send: Callable[[str], object],
        count_waiting: Callable[[], int],
        settings: WorkerSettings,
        stopping: threading.Event,
    ) -> None:
        self._stub = batch_pb2_grpc.BatchPredictionServiceStub(channel)
        self._send = send
        self._count_waiting = count_waiting
        self._pause_seconds = settings.reconcile_seconds
        self._stopping = stopping
        self._is_hindered = True  # not logged until everything it needs has started

    def run(self) -> None:
        """Reconciles until the process stops."""
        while not self._stopping.wait(self._pause_seconds):
            try:
                self._reconcile()
            except Exception as error:  # noqa: BLE001 - the service, database or broker is down: retried later
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
