"""Server reflection as v1 and v1alpha; the package registers only v1alpha.

The messages are the same.
"""

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha import _async, reflection, reflection_pb2

V1_NAME = "grpc.reflection.v1.ServerReflection"


def add_reflection(service_names: Sequence[str], server: grpc.aio.Server) -> None:
    """Lets clients list, describe and call the named services without their proto files."""
    # v1 is served but not listed: its file is not available, and `buf curl --list-methods` asks for every listed one.
    names = [*service_names, reflection.SERVICE_NAME]
    pool: Any = _PoolWithMethods()
    reflection.enable_server_reflection(names, server, pool)
    handler = grpc.stream_stream_rpc_method_handler(
        _async.ReflectionServicer(names, pool).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    handlers = {"ServerReflectionInfo": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(V1_NAME, handlers),))


class _PoolWithMethods:
    """The descriptor pool, which by itself cannot find a file by the name of a method, as `grpcurl describe` asks."""

    def __init__(self) -> None:
        self._pool = descriptor_pool.Default()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, name: str) -> Any:  # noqa: N802 - named by the pool
        try:
            return self._pool.FindFileContainingSymbol(name)
        except KeyError:
            return self._pool.FindMethodByName(name).containing_service.file
