"""The rows of datasets, as the dataset service streams them."""

from collections.abc import Sequence

import grpc
import pyarrow as pa
from daegu.dataset.v1 import dataset_pb2, dataset_pb2_grpc
from daegu.prediction.v1 import batch_pb2

from servicekit.batch_lease import LEASE_SECONDS, lease_holder
from servicekit.remote_errors import read_remote_error
from worker.accident_rows import Row, read_accidents

_CALL_SECONDS, _READ_SECONDS = 5.0, 60.0
# Reading a part of a dataset holds one of the service's few downloads: it is read at once, and predicted afterwards.
_WINDOW = 20_000
_PERMANENT = ("DATASET_NOT_FOUND", "COLUMN_NOT_FOUND", "DATASET_DAMAGED")


class RowsGone(Exception):
    """The rows of a batch cannot be read any more; the message is a stable reason."""


class DatasetRows:
    """Reads rows and keeps their dataset in use. Raises `RowsGone`, or `grpc.RpcError` if a later try may succeed."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = dataset_pb2_grpc.DatasetServiceStub(channel)

    def read(self, batch: batch_pb2.Batch) -> Sequence[Row]:
        """Returns some of the next rows of a batch, and leases the dataset until they are predicted."""
        try:
            self._stub.AcquireLease(
                dataset_pb2.AcquireLeaseRequest(
                    dataset_id=batch.dataset_id, holder=lease_holder(batch.batch_id), seconds=LEASE_SECONDS
                ),
                timeout=_CALL_SECONDS,
            )
            columns = dict.fromkeys(column.column for column in batch.columns)
            request = dataset_pb2.ReadDatasetRequest(
                dataset_id=batch.dataset_id, columns=columns, offset=batch.done, limit=_WINDOW
            )
            content = b"".join(part.chunk for part in self._stub.ReadDataset(request, timeout=_READ_SECONDS))
            # Asked afterwards: it may have been read in another way meanwhile.
            dataset = self._stub.GetDataset(
                dataset_pb2.GetDatasetRequest(dataset_id=batch.dataset_id), timeout=_CALL_SECONDS
            ).dataset
        except grpc.RpcError as error:
            reason = read_remote_error(error).reason
            if reason in _PERMANENT:
                raise RowsGone(reason) from error
            raise
        table = pa.ipc.open_stream(pa.BufferReader(content)).read_all()
        if dataset.content_hash != batch.content_hash or not table.num_rows:
            raise RowsGone("DATASET_CHANGED")
        return read_accidents(table, batch.columns)

    def release(self, batch: batch_pb2.Batch) -> None:
        """Releases the lease, which would expire by itself."""
        request = dataset_pb2.ReleaseLeaseRequest(dataset_id=batch.dataset_id, holder=lease_holder(batch.batch_id))
        self._stub.ReleaseLease(request, timeout=_CALL_SECONDS)
