"""Batch predictions: create, follow, read, cancel."""

import csv
import io
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Annotated, Any, Literal
from urllib.parse import quote

import grpc
from daegu.prediction.v1 import batch_pb2 as pb
from daegu.prediction.v1 import batch_pb2_grpc
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.clients import clients_of
from gateway.convert import accident_to_proto, malformed_to_proto
from gateway.envelope import answer
from gateway.errors import ApiError, from_prediction_error
from gateway.json_route import JsonRoute
from gateway.schemas.common import Guard, errors
from gateway.schemas.prediction import MOST_ACCIDENTS, AccidentBody, BatchBody, Id, MalformedAccident
from gateway.texts import CSV_FILE_NAME, CSV_HEADERS, FIELD_NAMES
from gateway.views.prediction import BatchAnswer, BatchListAnswer, BatchResultsAnswer, batch_fields, batch_result
from servicekit import call_context
from servicekit.ids import new_id
from servicekit.spreadsheets import guarded

BATCH_PATH = "/api/predict/eclo/batch"
# A gRPC message is limited to 4 MB: this many accidents fit with the longest accepted texts, and this many results with
# the longest errors.
_MOST_IN_PART = 500
_MOST_IN_PAGE = 200
_PAGES_AHEAD = 4
_inputs = attrgetter(*FIELD_NAMES)

BatchId = Annotated[Id, Path(description="Id of the batch.")]
router = APIRouter(tags=["배치 예측"], route_class=JsonRoute)


@router.post(
    BATCH_PATH,
    status_code=202,
    summary="배치 예측 시작",
    response_model=BatchAnswer,
    responses={
        202: {"headers": {"Location": {"description": "Address of the batch.", "schema": {"type": "string"}}}},
        **errors(403, 404, 408, 415, 422, 429, 504),
    },
)
async def create_batch(body: BatchBody, request: Request) -> Response:
    """Stores 1 to 20,000 accidents and predicts them in the background. An unusable item becomes an item error."""
    clients = clients_of(request)
    await clients.check_working("prediction")
    await clients.check_dataset(body.dataset_id)
    created = await clients.patient_batches.CreateBatch(_parts(body))
    fields = batch_fields(created.batch, clients.base_path)
    return answer(fields, 202, {"Location": f"{clients.base_path}/api/predict/batch/{created.batch.batch_id}"})


@router.get("/api/predict/batch", summary="최근 배치 목록", response_model=BatchListAnswer, responses=errors(422, 504))
async def list_batches(
    request: Request, limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20
) -> Response:
    """Lists the latest batches, newest first."""
    clients = clients_of(request)
    listed = await clients.batches.ListBatches(pb.ListBatchesRequest(page_size=limit))
    return answer({"batches": [batch_fields(batch, clients.base_path) for batch in listed.batches]})


@router.get(
    "/api/predict/batch/{batch_id}",
    summary="배치 진행 상황",
    response_model=BatchAnswer,
    responses=errors(404, 422, 504),
)
async def get_batch(batch_id: BatchId, request: Request) -> Response:
    """Returns the progress of a batch."""
    clients = clients_of(request)
    found = await clients.batches.GetBatch(pb.GetBatchRequest(batch_id=str(batch_id)))
    return answer(batch_fields(found.batch, clients.base_path))


@router.get(
    "/api/predict/batch/{batch_id}/results",
    summary="배치 결과 (JSON 또는 CSV)",
    response_model=BatchResultsAnswer,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **errors(404, 422, 504)},
)
async def list_results(
    batch_id: BatchId,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many; JSON only.")] = 100,
    offset: Annotated[int, Query(ge=0, le=MOST_ACCIDENTS, description="Index of the first; JSON only.")] = 0,
    format: Annotated[Literal["json", "csv"], Query(description="`csv` answers with all results.")] = "json",  # noqa: A002
    guard: Guard = "on",
) -> Response:
    """Returns the results so far, by index. CSV always has all of them, in UTF-8 with BOM for Korean Excel."""
    clients = clients_of(request)
    if format == "csv":
        await clients.check_working("prediction")
        # With a long timeout: a late file is better than half a file.
        others = _pages(clients.patient_batches, batch_id, 0, MOST_ACCIDENTS)
        first = await anext(others)  # while a refusal is still possible
        disposition = f"attachment; filename=\"eclo.csv\"; filename*=UTF-8''{quote(CSV_FILE_NAME)}"
        return StreamingResponse(
            _csv(first, others, guarded if guard == "on" else str),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": disposition},
        )
    pages = [page async for page in _pages(clients.batches, batch_id, offset, limit)]
    results = [batch_result(result) for page in pages for result in page.results]
    return answer(batch_fields(pages[-1].batch, clients.base_path) | {"results": results})


@router.delete(
    "/api/predict/batch/{batch_id}",
    summary="배치 취소",
    response_model=BatchAnswer,
    responses=errors(403, 404, 409, 415, 422, 504),
)
async def cancel_batch(batch_id: BatchId, request: Request) -> Response:
    """Stops a batch. Results so far are kept."""
    clients = clients_of(request)
    cancelled = await clients.batches.CancelBatch(pb.CancelBatchRequest(batch_id=str(batch_id)))
    return answer(batch_fields(cancelled.batch, clients.base_path))


def _parts(body: BatchBody) -> Iterator[pb.CreateBatchRequest]:
    batch_id, dataset_id = new_id(), str(body.dataset_id or "")
    for start in range(0, len(body.accidents), _MOST_IN_PART):
        items = body.accidents[start : start + _MOST_IN_PART]
        accidents = [accident_to_proto(item) for item in items if isinstance(item, AccidentBody)]
        malformed = [
            malformed_to_proto(index, item) for index, item in enumerate(items) if isinstance(item, MalformedAccident)
        ]
        yield pb.CreateBatchRequest(
            accidents=accidents, malformed_items=malformed, dataset_id=dataset_id, batch_id=batch_id
        )


async def _pages(
    batches: "batch_pb2_grpc.BatchPredictionServiceAsyncStub", batch_id: Id, start: int, most: int
) -> AsyncIterator[pb.ListBatchResultsResponse]:
    """Yields at most `most` results with an index from `start` on, in pages; the first page is yielded even if empty.

    Pages are read ahead while one is written.
    """

    def read(offset: int, end: int) -> grpc.aio.UnaryUnaryCall[pb.ListBatchResultsRequest, pb.ListBatchResultsResponse]:
        limit = min(_MOST_IN_PAGE, end - offset)
        return batches.ListBatchResults(pb.ListBatchResultsRequest(batch_id=str(batch_id), limit=limit, offset=offset))

    first: pb.ListBatchResultsResponse = await read(start, start + most)
    end = min(first.batch.done, start + most)
    offsets = iter(range(start + _MOST_IN_PAGE, end, _MOST_IN_PAGE))
    ahead = deque(read(offset, end) for offset in islice(offsets, _PAGES_AHEAD))
    try:
        yield first
        while ahead:
            page = await ahead.popleft()
            ahead.extend(read(offset, end) for offset in islice(offsets, 1))
            yield page
    finally:
        for call in ahead:
            call.cancel()


async def _csv(
    first: pb.ListBatchResultsResponse,
    others: AsyncIterator[pb.ListBatchResultsResponse],
    write_text: Callable[[str], str],
) -> AsyncIterator[bytes]:
    call_context.set_time_left(None)  # however slowly the client reads; each page has its own limit
    yield _lines([CSV_HEADERS, *map(_row, first.results)], write_text).encode("utf-8-sig")
    async for page in others:
        yield _lines(map(_row, page.results), write_text).encode()


def _row(result: pb.BatchResult) -> list[Any]:
    inputs = _inputs(result.accident) if result.HasField("accident") else [None] * len(FIELD_NAMES)
    if result.HasField("error"):
        return [result.index + 1, *inputs, *[None] * 5, _why(from_prediction_error(result.error))]
    found = result.prediction
    eclo = (found.eclo, found.expected, found.interpretation, found.range.low, found.range.high)
    return [result.index + 1, *inputs, *eclo, ""]


def _why(error: ApiError) -> str:
    named = ((FIELD_NAMES.get(detail.field, detail.field), detail.message) for detail in error.details)
    return " ".join([error.sentence, *(f"{name}: {message}" if name else message for name, message in named)])


def _lines(rows: Iterable[Sequence[Any]], write_text: Callable[[str], str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([write_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()
