"""The gRPC door to batches: proto in, one domain call, proto out."""

from collections.abc import AsyncIterator

from daegu.prediction.v1 import batch_pb2 as pb
from daegu.prediction.v1 import batch_pb2_grpc

from prediction_service.accident import Accident, InvalidAccident
from prediction_service.batch_convert import batch_to_proto, items_from_proto, results_to_values, rows_from_proto
from prediction_service.batches import MOST_ACCIDENTS, MOST_ROWS, SLICE, Batches
from servicekit.errors import Refused
from servicekit.ids import new_id, parse_id
from servicekit.paging import Place, index_after, page_offset, page_size
from servicekit.server import Context
from servicekit.text_gate import LONGEST_KEY, checked_line

_LONGEST_REASON = 100


class BatchPredictionServicer(batch_pb2_grpc.BatchPredictionServiceServicer):
    """Serves `daegu.prediction.v1.BatchPredictionService`."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def CreateBatch(
        self, request_iterator: AsyncIterator[pb.CreateBatchRequest], context: Context
    ) -> pb.CreateBatchResponse:
        """Stores a batch and wakes a worker."""
        items: list[Accident | InvalidAccident] = []
        dataset_id = batch_id = key = ""
        async for part in request_iterator:
            dataset_id, batch_id = dataset_id or part.dataset_id, batch_id or part.batch_id
            key = key or checked_line(part.idempotency_key, "idempotency_key", LONGEST_KEY)
            if part.HasField("rows"):
                progress = await self._batches.create_from_rows(
                    rows_from_proto(part.rows),
                    batch_id=_id(batch_id, "batch_id") if batch_id else new_id(),
                    dataset_id=_id(dataset_id, "dataset_id"),
                    idempotency_key=key,
                )
                return pb.CreateBatchResponse(batch=batch_to_proto(progress))
            items += items_from_proto(part)
            if len(items) > MOST_ACCIDENTS:
                raise Refused("BATCH_SIZE_INVALID", f"More than {MOST_ACCIDENTS} items.")
        progress = await self._batches.create(
            items,
            batch_id=_id(batch_id, "batch_id") if batch_id else new_id(),
            dataset_id=_id(dataset_id, "dataset_id") if dataset_id else None,
            idempotency_key=key,
        )
        return pb.CreateBatchResponse(batch=batch_to_proto(progress))

    async def GetBatch(self, request: pb.GetBatchRequest, context: Context) -> pb.GetBatchResponse:
        """Returns the progress of a batch."""
        return pb.GetBatchResponse(batch=batch_to_proto(await self._batches.get(_id(request.batch_id, "batch_id"))))

    async def ListBatches(self, request: pb.ListBatchesRequest, context: Context) -> pb.ListBatchesResponse:
        """Lists the latest batches."""
        size = page_size(request.page_size, "page_size")
        listed = await self._batches.list_latest(
            size + 1,
            after=Place.read(request.after),
            dataset_id=_id(request.dataset_id, "dataset_id") if request.dataset_id else None,
            unfinished_only=request.unfinished_only,
        )
        page = listed[:size]
        last = page[-1].batch if len(listed) > size else None
        return pb.ListBatchesResponse(
            batches=[batch_to_proto(progress) for progress in page],
            next=Place(last.created_at, last.id).cursor() if last else None,
        )

    async def ListBatchResults(
        self, request: pb.ListBatchResultsRequest, context: Context
    ) -> pb.ListBatchResultsResponse:
        """Lists results by index."""
        start, limit = _start(request), page_size(request.limit, most=1000, default=100)
        progress, results = await self._batches.list_results(
            _id(request.batch_id, "batch_id"), start, limit, without_accidents=request.without_accidents
        )
        has_more = start + limit < progress.batch.done
        return pb.ListBatchResultsResponse(
            batch=batch_to_proto(progress),
            results=results_to_values(results),
            next=str(start + limit) if has_more else None,
        )

    async def ReadBatchResults(
        self, request: pb.ReadBatchResultsRequest, context: Context
    ) -> AsyncIterator[pb.ReadBatchResultsResponse]:
        """Streams results by index."""
        parts = self._batches.read_results(
            _id(request.batch_id, "batch_id"),
            _start(request),
            page_size(request.limit, most=MOST_ROWS, default=MOST_ROWS),
            without_accidents=request.without_accidents,
        )
        is_first = True
        async for progress, results in parts:
            batch = batch_to_proto(progress) if is_first else None
            yield pb.ReadBatchResultsResponse(batch=batch, results=results_to_values(results))
            is_first = False

    async def CancelBatch(self, request: pb.CancelBatchRequest, context: Context) -> pb.CancelBatchResponse:
        """Stops a batch."""
        progress = await self._batches.cancel(_id(request.batch_id, "batch_id"))
        return pb.CancelBatchResponse(batch=batch_to_proto(progress))

    async def ProcessBatch(
        self, request: pb.ProcessBatchRequest, context: Context
    ) -> AsyncIterator[pb.ProcessBatchResponse]:
        """Predicts the rest of a batch."""
        async for progress in self._batches.process(_id(request.batch_id, "batch_id")):
            yield pb.ProcessBatchResponse(batch=batch_to_proto(progress))

    async def PredictRows(self, request: pb.PredictRowsRequest, context: Context) -> pb.PredictRowsResponse:
        """Predicts the next rows of a dataset's batch."""
        rows = items_from_proto(request)
        if len(rows) > SLICE:
            raise Refused("TOO_MANY_ACCIDENTS", f"{len(rows)} rows in one call; {SLICE} are allowed.")
        progress = await self._batches.predict_rows(_id(request.batch_id, "batch_id"), request.offset, rows)
        return pb.PredictRowsResponse(batch=batch_to_proto(progress))

    async def GiveUpBatch(self, request: pb.GiveUpBatchRequest, context: Context) -> pb.GiveUpBatchResponse:
        """Gives up a batch."""
        progress = await self._batches.give_up(_id(request.batch_id, "batch_id"), request.failure[:_LONGEST_REASON])
        return pb.GiveUpBatchResponse(batch=batch_to_proto(progress))

    async def ClaimOverdueBatches(
        self, request: pb.ClaimOverdueBatchesRequest, context: Context
    ) -> pb.ClaimOverdueBatchesResponse:
        """Claims batches without progress."""
        return pb.ClaimOverdueBatchesResponse(batch_ids=await self._batches.claim_overdue())


def _start(request: pb.ListBatchResultsRequest | pb.ReadBatchResultsRequest) -> int:
    """Returns the index of the first result. One far ahead is found as quickly as any other."""
    return page_offset(request.offset, request.after, most=MOST_ROWS) or index_after(request.after)


def _id(text: str, field: str) -> str:
    return str(parse_id(text, field))
