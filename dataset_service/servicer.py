"""NOTE for the author of this file: UploadDatasetRequest has gained `end` (UploadEnd with size_bytes). A stream that
ends without it was broken off (a gRPC client that is cancelled may half-close cleanly): raise UploadIncomplete, store nothing.
Read ALL messages of an upload (discarding) before refusing it: a client that still writes may lose the reason of an early refusal.

The gRPC door to datasets: proto in, one domain call, proto out."""

from daegu.dataset.v1 import dataset_pb2_grpc


class DatasetServicer(dataset_pb2_grpc.DatasetServiceServicer):
    """Serves `daegu.dataset.v1.DatasetService`."""
