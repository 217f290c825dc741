"""The one task: follows a batch while the prediction service processes it."""

import threading
import time

import grpc
import structlog
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc

from servicekit.metrics import Timings

log = structlog.get_logger()


class BatchProcessor:
    """Calls ProcessBatch and waits until it ends. All state is in PostgreSQL: after a failure it is called again."""

    def __init__(self, channel: grpc.Channel, batch_seconds: float, stopping: threading.Event) -> None:
        self._stub = batch_pb2_grpc.BatchPredictionServiceStub(channel)
        self._batch_seconds = batch_seconds
        self._stopping = stopping
        self.timings = Timings("worker_batch_seconds", "Batches followed.", ("code",))

    def process(self, batch_id: str) -> None:
        """Follows one batch to its end. If the service goes down, the reconciler resends the batch."""
        started = time.perf_counter()
        progress = self._stub.ProcessBatch(
            batch_pb2.ProcessBatchRequest(batch_id=batch_id), timeout=self._batch_seconds, wait_for_ready=False
        )
        code, done, total = "OK", 0, 0
        try:
            for response in progress:
                done, total = response.batch.done, response.batch.total
                if self._stopping.is_set():
                    progress.cancel()  # type: ignore[no-untyped-call]
                    break
            log.info("batch_followed", batch_id=batch_id, done=done, total=total)
        except grpc.RpcError as error:
            code = error.code().name
            log.warning("batch_interrupted", batch_id=batch_id, done=done, total=total, code=code)
        finally:
            self.timings.observe(time.perf_counter() - started, (code,))
