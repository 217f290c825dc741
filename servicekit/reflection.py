"""Server reflection under both names that clients ask for; the package registers only v1alpha.

The messages are the same.
"""

from collections.abc import Sequence

import grpc
from grpc_reflection.v1alpha import _async, reflection, reflection_pb2

V1_NAME = "grpc.reflection.v1.ServerReflection"


def add_reflection(service_names: Sequence[str], server: grpc.aio.Server) -> None:
    """Lets people list, describe and call the named services without their proto files."""
    names = [*service_names, reflection.SERVICE_NAME, V1_NAME]
    reflection.enable_server_reflection(names, server)
    handler = grpc.stream_stream_rpc_method_handler(
        _async.ReflectionServicer(names).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    handlers = {"ServerReflectionInfo": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(V1_NAME, handlers),))
