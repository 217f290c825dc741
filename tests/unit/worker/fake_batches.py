"""The two services as the worker sees them: a real gRPC server that does what the test says."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pyarrow as pa
from daegu.dataset.v1 import dataset_pb2, dataset_pb2_grpc
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc
from grpc_status import rpc_status

from servicekit.errors import Refused
from servicekit.interceptors import to_status
from tests.patience import PATIENCE_SECONDS


class FakeBatches(batch_pb2_grpc.BatchPredictionServiceServicer):
    """Processes a batch of `total` in steps of one; hands out `overdue` ids once each.

    `batch` is of accidents unless it has columns; of its rows, which are kept in `rows`, at most `most_rows` are
    predicted at once.
    """

    def __init__(self) -> None:
        self.total = 3
        self.overdue: list[str] = []
        self.refusals: list[grpc.StatusCode] = []
        self.processed: list[str] = []
        self.claims = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.was_cancelled = threading.Event()
        self.batch = batch_pb2.Batch(batch_id="batch-1")
        self.rows: list[batch_pb2.PredictRowsRequest] = []
        self.most_rows = 500

    def GetBatch(self, request: batch_pb2.GetBatchRequest, context: Any) -> batch_pb2.GetBatchResponse:
        return batch_pb2.GetBatchResponse(batch=self.batch)

    def PredictRows(self, request: batch_pb2.PredictRowsRequest, context: Any) -> batch_pb2.PredictRowsResponse:
        if self.refusals:
            context.abort(self.refusals.pop(), "as the test says")
        batch = self.batch
        if request.offset == batch.done:
            self.rows.append(request)
            batch.done += min(len(request.accidents) + len(request.malformed_items), self.most_rows)
            is_over = batch.done == batch.total
            batch.status = batch_pb2.BATCH_STATUS_COMPLETED if is_over else batch_pb2.BATCH_STATUS_PROCESSING
        return batch_pb2.PredictRowsResponse(batch=batch)

    def GiveUpBatch(self, request: batch_pb2.GiveUpBatchRequest, context: Any) -> batch_pb2.GiveUpBatchResponse:
        self.batch.status, self.batch.failure = batch_pb2.BATCH_STATUS_FAILED, request.failure
        return batch_pb2.GiveUpBatchResponse(batch=self.batch)

    def ProcessBatch(
        self, request: batch_pb2.ProcessBatchRequest, context: Any
    ) -> Iterator[batch_pb2.ProcessBatchResponse]:
        self.processed.append(request.batch_id)
        has_ended = threading.Event()

        def note_end() -> None:
            if not has_ended.is_set():
                self.was_cancelled.set()

        context.add_callback(note_end)
        for done in range(1, self.total + 1):
            yield batch_pb2.ProcessBatchResponse(batch=batch_pb2.Batch(done=done, total=self.total))
            self.may_go_on.wait(PATIENCE_SECONDS)
            if self.refusals:
                context.abort(self.refusals.pop(), "as the test says")
        has_ended.set()

    def ClaimOverdueBatches(
        self, request: batch_pb2.ClaimOverdueBatchesRequest, context: Any
    ) -> batch_pb2.ClaimOverdueBatchesResponse:
        self.claims.release()
        if self.refusals:
            context.abort(self.refusals.pop(), "as the test says")
        claimed, self.overdue = self.overdue, []
        return batch_pb2.ClaimOverdueBatchesResponse(batch_ids=claimed)


class FakeDatasets(dataset_pb2_grpc.DatasetServiceServicer):
    """Streams the rows of one dataset, and keeps who holds it. `refusal` is why it cannot be read."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.content_hash = "hash"
        self.holders: list[str] = []
        self.reads: list[dataset_pb2.ReadDatasetRequest] = []
        self.was_held: list[bool] = []
        self.refusal: Refused | None = None

    def AcquireLease(self, request: dataset_pb2.AcquireLeaseRequest, context: Any) -> dataset_pb2.AcquireLeaseResponse:
        self.holders.append(request.holder)
        return dataset_pb2.AcquireLeaseResponse()

    def ReleaseLease(self, request: dataset_pb2.ReleaseLeaseRequest, context: Any) -> dataset_pb2.ReleaseLeaseResponse:
        self.holders = [holder for holder in self.holders if holder != request.holder]
        return dataset_pb2.ReleaseLeaseResponse()

    def GetDataset(self, request: dataset_pb2.GetDatasetRequest, context: Any) -> dataset_pb2.GetDatasetResponse:
        return dataset_pb2.GetDatasetResponse(dataset=dataset_pb2.Dataset(content_hash=self.content_hash))

    def ReadDataset(
        self, request: dataset_pb2.ReadDatasetRequest, context: Any
    ) -> Iterator[dataset_pb2.ReadDatasetResponse]:
        self.reads.append(request)
        self.was_held.append(bool(self.holders))
        if self.refusal is not None:
            context.abort_with_status(rpc_status.to_status(to_status(self.refusal, "")))
        table = self.table.slice(request.offset, request.limit).select(list(request.columns))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
        content = sink.getvalue().to_pybytes()
        for start in range(0, len(content), 100):
            yield dataset_pb2.ReadDatasetResponse(chunk=content[start : start + 100])


@contextmanager
def serving(batches: FakeBatches, datasets: FakeDatasets | None = None) -> Iterator[grpc.Channel]:
    """Yields a channel to a server of these batches and datasets."""
    server = grpc.server(ThreadPoolExecutor(4))
    batch_pb2_grpc.add_BatchPredictionServiceServicer_to_server(batches, server)
    if datasets is not None:
        dataset_pb2_grpc.add_DatasetServiceServicer_to_server(datasets, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(None)
