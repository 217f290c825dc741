"""The gRPC door to datasets: proto in, one domain call, proto out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import dataset_pb2_grpc

from dataset_service.convert import (
    amend_order,
    changes_from_proto,
    data_format_from_proto,
    dataset_to_proto,
    preview_to_proto,
    profile_to_proto,
    reading_to_proto,
    region_level_from_proto,
    selection_from_proto,
    upload_order_from_proto,
)
from dataset_service.reading.preview import Preview
from dataset_service.storage.datasets import Datasets
from dataset_service.storage.store import DatasetStore, Stored
from dataset_service.storage.uploads import UploadOrder, Uploads
from servicekit.errors import Refused, field_refused
from servicekit.ids import parse_id
from servicekit.messages import to_message
from servicekit.paging import Place, page_offset, page_size
from servicekit.server import Context
from servicekit.text_gate import LONGEST_DESCRIPTION, LONGEST_KEY, LONGEST_NAME, checked_line, checked_text
from servicekit.timestamps import timestamp_to_proto

_LONGEST_LEASE_SECONDS, _LEASE_SECONDS = 600, 90
# A caller that is still sending may lose the refusal: read this much first, for this long.
_DISCARDED_BYTES, _DISCARDED_SECONDS = 64 << 20, 10.0


class DatasetServicer(dataset_pb2_grpc.DatasetServiceServicer):
    """Serves `daegu.dataset.v1.DatasetService`."""

    def __init__(self, uploads: Uploads, datasets: Datasets, store: DatasetStore) -> None:
        self._uploads = uploads
        self._datasets = datasets
        self._store = store

    async def UploadDataset(
        self, request_iterator: AsyncIterator[pb.UploadDatasetRequest], context: Context
    ) -> pb.UploadDatasetResponse:
        """Stores a file."""
        try:
            first = await anext(request_iterator, pb.UploadDatasetRequest())
            if not first.HasField("description"):
                raise Refused("REQUEST_INVALID", "The first message of an upload describes it.")
            order = upload_order_from_proto(first.description)
            stored = await self._uploads.upload(order, _chunks(request_iterator, order))
        except Refused:
            await _discard(request_iterator)
            raise
        await _discard(request_iterator)  # up to the end of the stream
        return pb.UploadDatasetResponse(**_described(stored))

    async def RereadDataset(self, request: pb.RereadDatasetRequest, context: Context) -> pb.RereadDatasetResponse:
        """Reads the original file again."""
        changes = changes_from_proto(request.change)
        if request.encoding:
            changes["encoding"] = checked_line(request.encoding, "encoding", LONGEST_NAME)
        stored = await self._uploads.reread(_id(request.dataset_id), changes)
        return pb.RereadDatasetResponse(**_described(stored))

    async def PreviewReading(self, request: pb.PreviewReadingRequest, context: Context) -> pb.PreviewReadingResponse:
        """Shows how the original file is read, or would be."""
        changes, dataset_id = changes_from_proto(request.change), _id(request.dataset_id)
        if changes:
            return preview_to_proto(*await self._uploads.preview(dataset_id, changes))
        stored, lines = await self._uploads.original_lines(dataset_id)
        rows = await self._datasets.first_rows(dataset_id)
        return preview_to_proto(Preview(stored.reading, stored.profile, lines, rows), stored.chosen)

    async def GetDataset(self, request: pb.GetDatasetRequest, context: Context) -> pb.GetDatasetResponse:
        """Returns one dataset."""
        dataset = await asyncio.to_thread(self._store.get, _id(request.dataset_id))
        return pb.GetDatasetResponse(dataset=dataset_to_proto(dataset))

    async def ListDatasets(self, request: pb.ListDatasetsRequest, context: Context) -> pb.ListDatasetsResponse:
        """Lists the datasets that are kept, newest first."""
        limit, offset = page_size(request.limit), page_offset(request.offset, request.after)
        page, behind, total = await asyncio.to_thread(
            self._store.list_newest, limit=limit, offset=offset, after=Place.read(request.after)
        )
        return pb.ListDatasetsResponse(
            datasets=[dataset_to_proto(dataset) for dataset in page], total=total, next=behind and behind.cursor()
        )

    async def UpdateDataset(self, request: pb.UpdateDatasetRequest, context: Context) -> pb.UpdateDatasetResponse:
        """Changes the name or the description, or keeps a temporary dataset."""
        name = description = None
        if request.HasField("name"):
            name = checked_line(request.name, "name", LONGEST_NAME, is_required=True)
        if request.HasField("description"):
            description = checked_text(request.description, "description", LONGEST_DESCRIPTION)
        dataset_id = _id(request.dataset_id)
        dataset = await asyncio.to_thread(
            self._store.update, dataset_id, name=name, description=description, keep=request.keep
        )
        return pb.UpdateDatasetResponse(dataset=dataset_to_proto(dataset))

    async def DeleteDataset(self, request: pb.DeleteDatasetRequest, context: Context) -> pb.DeleteDatasetResponse:
        """Deletes a dataset that is not in use."""
        holder = checked_line(request.holder, "holder", LONGEST_KEY)
        await self._datasets.delete(_id(request.dataset_id), holder)
        return pb.DeleteDatasetResponse()

    async def GetDatasetProfile(
        self, request: pb.GetDatasetProfileRequest, context: Context
    ) -> pb.GetDatasetProfileResponse:
        """Returns the profile of the columns."""
        stored = await asyncio.to_thread(self._store.get_stored, _id(request.dataset_id))
        return pb.GetDatasetProfileResponse(**_described(stored))

    async def ReadDataset(
        self, request: pb.ReadDatasetRequest, context: Context
    ) -> AsyncIterator[pb.ReadDatasetResponse]:
        """Streams the data."""
        selection, data_format = selection_from_proto(request), data_format_from_proto(request.format)
        async for piece in self._datasets.read(_id(request.dataset_id), selection, data_format):
            yield pb.ReadDatasetResponse(chunk=piece)

    async def GetDatasetRegions(
        self, request: pb.GetDatasetRegionsRequest, context: Context
    ) -> pb.GetDatasetRegionsResponse:
        """Counts the rows of each region."""
        level = region_level_from_proto(request.level)
        counted = await self._datasets.count_regions(_id(request.dataset_id), level)
        return to_message(pb.GetDatasetRegionsResponse, counted)

    async def AcquireLease(self, request: pb.AcquireLeaseRequest, context: Context) -> pb.AcquireLeaseResponse:
        """Acquires or renews a lease."""
        if not 0 <= request.seconds <= _LONGEST_LEASE_SECONDS:
            raise field_refused("seconds", "NUMBER_OUT_OF_RANGE", f"from 0 to {_LONGEST_LEASE_SECONDS}")
        holder = checked_line(request.holder, "holder", LONGEST_KEY, is_required=True)
        seconds = request.seconds or _LEASE_SECONDS
        expires_at = await asyncio.to_thread(self._store.acquire_lease, _id(request.dataset_id), holder, seconds)
        return pb.AcquireLeaseResponse(expires_at=timestamp_to_proto(expires_at))

    async def ReleaseLease(self, request: pb.ReleaseLeaseRequest, context: Context) -> pb.ReleaseLeaseResponse:
        """Releases a lease."""
        holder = checked_line(request.holder, "holder", LONGEST_KEY, is_required=True)
        await asyncio.to_thread(self._store.release_lease, _id(request.dataset_id), holder)
        return pb.ReleaseLeaseResponse()


def _described(stored: Stored) -> dict[str, Any]:
    return {
        "dataset": dataset_to_proto(stored.dataset),
        "profile": profile_to_proto(stored.profile),
        "reading": reading_to_proto(stored.reading, stored.chosen, stored.profile),
    }


def _id(text: str) -> str:
    return str(parse_id(text, "dataset_id"))


async def _chunks(messages: AsyncIterator[pb.UploadDatasetRequest], order: UploadOrder) -> AsyncIterator[bytes]:
    """Yields the bytes up to the final message, which may amend the order.

    Raises `UPLOAD_INCOMPLETE` if that is missing or does not match.
    """
    size_bytes = 0
    async for message in messages:
        match message.WhichOneof("part"):
            case "chunk":
                size_bytes += len(message.chunk)
                yield message.chunk
            case "end":
                if message.end.size_bytes != size_bytes:
                    raise Refused("UPLOAD_INCOMPLETE", f"{size_bytes} bytes arrived of {message.end.size_bytes}.")
                amend_order(order, message.end)
                return
            case _:
                raise Refused("REQUEST_INVALID", "After its description an upload has only bytes and its end.")
    raise Refused("UPLOAD_INCOMPLETE", "The upload broke off.")


async def _discard(messages: AsyncIterator[pb.UploadDatasetRequest]) -> None:
    size_bytes = 0
    try:
        async with asyncio.timeout(_DISCARDED_SECONDS):
            async for message in messages:
                size_bytes += len(message.chunk)
                if size_bytes > _DISCARDED_BYTES:
                    return
    except TimeoutError:
        return
