"""Sends a file to the dataset service while it comes in."""

from collections.abc import AsyncIterator, Callable, Mapping

import grpc
from daegu.dataset.v1 import dataset_pb2 as pb

from gateway.clients import Clients
from gateway.errors import ApiError
from servicekit import call_context

CHUNK_BYTES = 1024 * 1024


async def store_dataset(
    clients: Clients,
    description: pb.UploadDescription,
    chunks: AsyncIterator[bytes],
    finish: Callable[[], Mapping[str, str]] = dict,
) -> pb.UploadDatasetResponse:
    """Stores a dataset. `finish` returns the name and the description that became known after the bytes.

    What `chunks` and `finish` raise is raised here, and nothing is stored then.
    """
    call_context.set_time_left(None)  # the edge bounds the body and the wait for the answer
    failures: list[Exception] = []

    async def parts() -> AsyncIterator[pb.UploadDatasetRequest]:
        yield pb.UploadDatasetRequest(description=description)
        size_bytes = 0
        try:
            async for chunk in chunks:
                size_bytes += len(chunk)
                for start in range(0, len(chunk), CHUNK_BYTES):
                    yield pb.UploadDatasetRequest(chunk=chunk[start : start + CHUNK_BYTES])
            end = pb.UploadEnd(size_bytes=size_bytes, **finish())
        except (ApiError, grpc.aio.AioRpcError) as failure:
            failures.append(failure)
            return  # without the final message, so that the service discards what it has
        yield pb.UploadDatasetRequest(end=end)

    try:
        response: pb.UploadDatasetResponse = await clients.dataset_upload.UploadDataset(parts())
    except grpc.aio.AioRpcError:
        if failures:
            raise failures[0] from None
        raise
    return response
