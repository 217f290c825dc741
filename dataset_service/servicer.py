"""The gRPC door to datasets: proto in, one domain call, proto out."""

from daegu.dataset.v1 import dataset_pb2_grpc


class DatasetServicer(dataset_pb2_grpc.DatasetServiceServicer):
    """Serves `daegu.dataset.v1.DatasetService`."""
