"""Batch predictions: create, follow, read, cancel."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Annotated, Literal, NamedTuple

import grpc
from daegu.dataset.v1 import dataset_pb2
from daegu.prediction.v1 import batch_pb2 as pb
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from gateway.batch_results import find_source, get_source, read_results, read_rows, write_csv
from gateway.clients import Clients, clients_of
from gateway.convert import accident_to_proto, malformed_to_proto
from gateway.dataset_upload import store_dataset
from gateway.envelope import answer
from gateway.errors import ApiError, FieldDetail
from gateway.json_route import JsonRoute
from gateway.routes.datasets import attachment
from gateway.schemas.common import After, Guard, errors
from gateway.schemas.prediction import MOST_ROWS, AccidentBody, BatchBody, Id, MalformedAccident
from gateway.texts import BATCH_NAME, PREDICTED_DESCRIPTION, PREDICTED_NAME, field_text
from gateway.views.dataset import profiled
from gateway.views.prediction import BatchAnswer, BatchListAnswer, BatchResultsAnswer, batch_fields, batch_result
from servicekit import call_context
from servicekit.batch_lease import LEASE_SECONDS, lease_holder
from servicekit.ids import new_id
from servicekit.prediction_inputs import lacks_hours
from servicekit.remote_errors import read_remote_error

BATCH_PATH = "/api/predict/eclo/batch"
# A gRPC message is limited to 4 MB: this many accidents fit with the longest accepted texts.
_MOST_IN_PART = 500
_MOST_BY_DEFAULT, _MOST_IN_JSON = 100, 1000
_MOST_NAMED = 20
_LONGEST_NAME = 200 - len(PREDICTED_NAME.format(name=""))


class _ResultFile(NamedTuple):
    """A file of results: its name without an ending, the model that predicted, and its bytes."""

    name: str
    model_version: str
    chunks: AsyncIterator[bytes]


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
async def create_batch(
    body: BatchBody,
    request: Request,
    idempotency_key: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
        Header(description="Repeating a request with the same key returns its batch; another request is refused."),
    ] = None,
) -> Response:
    """Predicts 1 to 20,000 accidents, or the rows of a dataset, in the background. An unusable one is an item error."""
    if body.accidents is None and body.dataset_id is None:
        raise ApiError("FIELDS_INVALID", [FieldDetail("accidents", field_text("MISSING"))])
    clients = clients_of(request)
    await clients.check_working("prediction")
    if body.accidents is None:
        created = await _create_from_rows(clients, body, idempotency_key or "")
    else:
        await clients.check_dataset(body.dataset_id)
        created = await clients.patient_batches.CreateBatch(_parts(body, idempotency_key or ""))
    fields = batch_fields(created.batch, clients.base_path)
    return answer(fields, 202, {"Location": f"{clients.base_path}/api/predict/batch/{created.batch.batch_id}"})


@router.get("/api/predict/batch", summary="최근 배치 목록", response_model=BatchListAnswer, responses=errors(422, 504))
async def list_batches(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    after: After = "",
) -> Response:
    """Lists the batches, newest first."""
    clients = clients_of(request)
    listed = await clients.batches.ListBatches(pb.ListBatchesRequest(page_size=limit, after=after))
    batches = [batch_fields(batch, clients.base_path) for batch in listed.batches]
    return answer({"batches": batches, "next": listed.next or None})


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
    limit: Annotated[
        int | None, Query(ge=1, le=MOST_ROWS, description="How many; JSON has 100, and never more than 1,000.")
    ] = None,
    offset: Annotated[int, Query(ge=0, le=MOST_ROWS, description="Index of the first; not beside `after`.")] = 0,
    after: After = "",
    format: Annotated[Literal["json", "csv"], Query(description="`csv` answers with all results.")] = "json",  # noqa: A002
    guard: Guard = "on",
) -> Response:
    """Returns the results so far, by index, each with its row if the batch has a dataset.

    CSV has all of them unless a limit is given, in UTF-8 with BOM for Korean Excel.
    """
    clients = clients_of(request)
    asked = pb.ReadBatchResultsRequest(batch_id=str(batch_id), offset=offset, after=after)
    if format == "csv":
        batch = await _get_batch(clients, batch_id)
        source = await find_source(clients, batch)
        asked.limit = limit or MOST_ROWS
        results = await _open_csv(clients, asked, source, is_guarded=guard == "on")
        headers = {"Content-Disposition": attachment(f"{results.name}.csv")}
        return StreamingResponse(results.chunks, 200, headers, "text/csv; charset=utf-8")
    asked.limit, asked.without_accidents = min(limit or _MOST_BY_DEFAULT, _MOST_IN_JSON), True
    parts = [part async for part in read_results(clients.patient_batches, asked)]
    batch, items = parts[0].batch, [batch_result(result) | {"row": None} for part in parts for result in part.results]
    source = await find_source(clients, batch)
    if source is not None and items:
        rows = await read_rows(clients, source, items[0]["index"], len(items))
        for item, row in zip(items, rows, strict=True):
            item["row"] = row
    has_more = items and items[-1]["index"] + 1 < batch.done
    following = str(items[-1]["index"] + 1) if has_more else None
    return answer(batch_fields(batch, clients.base_path) | {"results": items, "next": following})


@router.post(
    "/api/predict/batch/{batch_id}/dataset",
    status_code=201,
    summary="배치 결과를 데이터셋으로 보관",
    response_model=profiled.answer,
    responses=errors(403, 404, 409, 413, 415, 422, 429, 504),
)
async def keep_results(batch_id: BatchId, request: Request) -> Response:
    """Stores the results of an ended batch as a dataset: with the rows they belong to, or with the inputs.

    Repeating it returns the same dataset.
    """
    clients = clients_of(request)
    batch = await _get_batch(clients, batch_id)
    if not batch.HasField("finished_at"):
        raise ApiError("BATCH_UNFINISHED")
    source = await get_source(clients, batch) if batch.columns else None  # not without its rows
    asked = pb.ReadBatchResultsRequest(batch_id=batch.batch_id, limit=MOST_ROWS)
    results = await _open_csv(clients, asked, source, is_guarded=True)
    # The name of the source may change, and with it the upload.
    key = f"batch.{batch_id}.{hashlib.sha256(results.name.encode()).hexdigest()[:16]}"
    description = dataset_pb2.UploadDescription(
        file_name=f"{results.name}.csv",
        name=results.name,
        description=PREDICTED_DESCRIPTION.format(model=results.model_version),
        encoding="utf-8-sig",
        idempotency_key=key,
    )
    try:
        stored = await store_dataset(clients, description, results.chunks)
    except grpc.aio.AioRpcError as error:
        # Their size is known once they are written beside their rows.
        if read_remote_error(error).reason == "FILE_TOO_LARGE":
            raise ApiError("RESULTS_TOO_LARGE") from None
        raise
    location = {"Location": f"{clients.base_path}/api/datasets/{stored.dataset.dataset_id}"}
    return answer(profiled(stored), 201, location)


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


async def _create_from_rows(clients: Clients, body: BatchBody, key: str) -> pb.CreateBatchResponse:
    columns, dataset = await _rows(clients, body)
    batch_id = new_id()
    # In use from now on: the worker takes over what is held under this name, and releases it.
    held = {"dataset_id": dataset.dataset_id, "holder": lease_holder(batch_id)}
    await clients.datasets.AcquireLease(dataset_pb2.AcquireLeaseRequest(**held, seconds=LEASE_SECONDS))
    rows = pb.DatasetRows(total=min(dataset.rows, 2**31 - 1), columns=columns, content_hash=dataset.content_hash)
    part = pb.CreateBatchRequest(batch_id=batch_id, dataset_id=dataset.dataset_id, rows=rows, idempotency_key=key)
    created: pb.CreateBatchResponse | None = None
    try:
        created = await clients.batches.CreateBatch(iter([part]))
        return created
    finally:
        if created is None or created.batch.batch_id != batch_id:  # refused, or made by an earlier request
            with suppress(grpc.aio.AioRpcError):
                await clients.datasets.ReleaseLease(dataset_pb2.ReleaseLeaseRequest(**held))


def _parts(body: BatchBody, key: str) -> Iterator[pb.CreateBatchRequest]:
    batch_id, dataset_id = new_id(), str(body.dataset_id or "")
    every = body.accidents or []
    for start in range(0, len(every), _MOST_IN_PART):
        items = every[start : start + _MOST_IN_PART]
        accidents = [accident_to_proto(item) for item in items if isinstance(item, AccidentBody)]
        malformed = [
            malformed_to_proto(index, item) for index, item in enumerate(items) if isinstance(item, MalformedAccident)
        ]
        yield pb.CreateBatchRequest(
            accidents=accidents,
            malformed_items=malformed,
            dataset_id=dataset_id,
            batch_id=batch_id,
            idempotency_key=key,
        )


async def _get_batch(clients: Clients, batch_id: Id) -> pb.Batch:
    await clients.check_working("prediction")
    batch: pb.Batch = (await clients.batches.GetBatch(pb.GetBatchRequest(batch_id=str(batch_id)))).batch
    return batch


async def _open_csv(
    clients: Clients,
    asked: pb.ReadBatchResultsRequest,
    source: dataset_pb2.Dataset | None,
    *,
    is_guarded: bool,
) -> _ResultFile:
    """Returns the results as a file. Raises before anything is written, if they cannot be read."""
    # With a long timeout: a late file is better than half a file.
    call_context.set_time_left(None)
    asked.without_accidents = source is not None
    parts = read_results(clients.batch_results, asked)
    first = await anext(parts)  # while a refusal is still possible
    chunks = write_csv(clients, source, first, parts, most=asked.limit, is_guarded=is_guarded)
    name = PREDICTED_NAME.format(name=source.name[:_LONGEST_NAME]) if source else BATCH_NAME
    models = (result.prediction.model_version for result in first.results if result.HasField("prediction"))
    return _ResultFile(name, next(models, ""), chunks)


async def _rows(clients: Clients, body: BatchBody) -> tuple[list[pb.InputColumn], dataset_pb2.Dataset]:
    """Returns the columns to predict and their dataset. Raises `COLUMN_NOT_FOUND`, which names those it does not have.

    Which inputs are needed is checked by the service.
    """
    request = dataset_pb2.GetDatasetProfileRequest(dataset_id=str(body.dataset_id))
    found = await clients.datasets.GetDatasetProfile(request)
    known = {column.name: column for column in found.profile.columns}
    recognised = {column.input: column.column for column in found.profile.prediction_columns}
    named = {name: column for name, column in {**recognised, **(body.columns or {})}.items() if column is not None}
    unknown = [name for name, column in (body.columns or {}).items() if column is not None and column not in known]
    if unknown:
        details = [
            FieldDetail(f"columns.{name}", field_text("COLUMN_UNKNOWN"), [*known][:_MOST_NAMED]) for name in unknown
        ]
        raise ApiError("COLUMN_NOT_FOUND", details)
    columns = [
        pb.InputColumn(input=name, column=column, is_date_only=_is_date_only(known.get(column)))
        for name, column in named.items()
    ]
    return columns, found.dataset


def _is_date_only(column: dataset_pb2.Column | None) -> bool:
    return column is not None and lacks_hours(
        is_date=column.kind == dataset_pb2.COLUMN_KIND_DATE, minimum=column.minimum
    )
