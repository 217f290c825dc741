"""The task of batches: follows a batch while the prediction service processes it."""

import threading
import time
from collections.abc import Generator
from contextlib import closing, suppress

import grpc
import structlog
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc

from servicekit.metrics import Timings
from worker.accident_rows import to_request
from worker.dataset_rows import DatasetRows, RowsGone

_CALL_SECONDS = 5.0
# Batches take turns in the service.
_SLICE_SECONDS, _SLICE = 60.0, 500
_UNFINISHED = (batch_pb2.BATCH_STATUS_PENDING, batch_pb2.BATCH_STATUS_PROCESSING)

log = structlog.get_logger()


class BatchProcessor:
    """Follows batches to their end. All state is in PostgreSQL: after a failure a batch is followed again."""

    def __init__(
        self, channel: grpc.Channel, rows: DatasetRows, batch_seconds: float, stopping: threading.Event
    ) -> None:
        self._stub = batch_pb2_grpc.BatchPredictionServiceStub(channel)
        self._rows = rows
        self._batch_seconds = batch_seconds
        self._stopping = stopping
        self.timings = Timings("worker_batch_seconds", "Batches followed.", ("code",))

    def process(self, batch_id: str) -> None:
        """Follows one batch to its end. If a service goes down, the reconciler resends the batch."""
        started = time.perf_counter()
        code, done, total = "OK", 0, 0
        try:
            request = batch_pb2.GetBatchRequest(batch_id=batch_id)
            batch = self._stub.GetBatch(request, timeout=_CALL_SECONDS, wait_for_ready=False).batch
            with closing(self._predict_rows(batch) if batch.columns else self._follow(batch_id)) as progress:
                for batch in progress:
                    done, total = batch.done, batch.total
                    if self._stopping.is_set():
                        break
            log.info("batch_followed", batch_id=batch_id, done=done, total=total)
        except grpc.RpcError as error:
            code = error.code().name
            log.warning("batch_interrupted", batch_id=batch_id, done=done, total=total, code=code)
        finally:
            self.timings.observe(time.perf_counter() - started, (code,))

    def _follow(self, batch_id: str) -> Generator[batch_pb2.Batch]:
        """Yields the progress of a batch of accidents, which the service processes."""
        request = batch_pb2.ProcessBatchRequest(batch_id=batch_id)
        progress = self._stub.ProcessBatch(request, timeout=self._batch_seconds, wait_for_ready=False)
        try:
            for response in progress:
                yield response.batch
        finally:
            progress.cancel()  # type: ignore[no-untyped-call]

    def _predict_rows(self, batch: batch_pb2.Batch) -> Generator[batch_pb2.Batch]:
        """Brings the rows of a dataset to the service, and yields the progress."""
        try:
            while batch.status in _UNFINISHED:
                start, rows = batch.done, self._rows.read(batch)
                while batch.status in _UNFINISHED and start <= batch.done < start + len(rows):
                    given = rows[batch.done - start :][:_SLICE]
                    request = to_request(batch.batch_id, batch.done, given)
                    batch = self._stub.PredictRows(request, timeout=_SLICE_SECONDS).batch
                    yield batch
        except RowsGone as gone:
            yield self._give_up(batch, str(gone))
        except grpc.RpcError:
            raise
        except Exception:  # a fault of ours, which would happen again at each try
            log.exception("batch_rows_unreadable", batch_id=batch.batch_id, done=batch.done)
            yield self._give_up(batch, "INTERNAL")
        finally:
            with suppress(grpc.RpcError):
                self._rows.release(batch)

    def _give_up(self, batch: batch_pb2.Batch, reason: str) -> batch_pb2.Batch:
        request = batch_pb2.GiveUpBatchRequest(batch_id=batch.batch_id, failure=reason)
        return self._stub.GiveUpBatch(request, timeout=_CALL_SECONDS).batch
