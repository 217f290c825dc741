"""The prediction service as the worker sees it: a real gRPC server that does what the test says."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc

from tests.patience import PATIENCE_SECONDS


class FakeBatches(batch_pb2_grpc.BatchPredictionServiceServicer):
    """Processes a batch of `total` in steps of one; hands out `overdue` ids once each."""

    def __init__(self) -> None:
        self.total = 3
        self.overdue: list[str] = []
        self.refusals: list[grpc.StatusCode] = []
        self.processed: list[str] = []
        self.claims = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.was_cancelled = threading.Event()

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


@contextmanager
def serving(batches: FakeBatches) -> Iterator[grpc.Channel]:
    """Yields a channel to a server of these batches."""
    server = grpc.server(ThreadPoolExecutor(4))
    batch_pb2_grpc.add_BatchPredictionServiceServicer_to_server(batches, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(None)
