"""Datasets: upload, list, read, change, delete."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from urllib.parse import quote

from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.prediction.v1 import batch_pb2
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from gateway.clients import clients_of
from gateway.convert import reading_change_to_proto
from gateway.dataset_upload import store_dataset
from gateway.envelope import answer, enveloped
from gateway.errors import ApiError, FieldDetail
from gateway.json_route import JsonRoute
from gateway.schemas.common import After, FileRefusal, Guard, Offset, errors
from gateway.schemas.dataset import DESCRIPTION_LENGTH, NAME_LENGTH, DatasetChange, Encoding, ReadingChange
from gateway.schemas.prediction import Id
from gateway.texts import field_text
from gateway.upload import DESCRIPTION_FIELD, FILE_FIELD, NAME_FIELD, UploadForm
from gateway.views.dataset import dataset, datasets, lease, preview, profiled, regions
from servicekit import call_context

UPLOAD_PATH = "/api/datasets/upload"
FORMATS = {
    "arrow": (pb.DATA_FORMAT_ARROW, "application/vnd.apache.arrow.stream"),
    "csv": (pb.DATA_FORMAT_CSV, "text/csv; charset=utf-8"),
    "json": (pb.DATA_FORMAT_JSON, "application/json"),
}
_UPLOAD_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FILE_FIELD],
                "properties": {
                    FILE_FIELD: {"type": "string", "format": "binary", "description": "The CSV file, at most 50 MB."},
                    NAME_FIELD: {"type": "string", "maxLength": NAME_LENGTH, "description": "Name; else the file's."},
                    DESCRIPTION_FIELD: {
                        "type": "string",
                        "maxLength": DESCRIPTION_LENGTH,
                        "description": "Free text.",
                    },
                },
            }
        }
    },
}

DatasetId = Annotated[Id, Path(description="Id of the dataset.")]
ClientId = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None,
    Header(alias="X-Client-Id", description="Anonymous id of the browser."),
]
router = APIRouter(tags=["데이터셋"], route_class=JsonRoute)


@router.post(
    UPLOAD_PATH,
    status_code=201,
    summary="CSV 업로드",
    response_model=profiled.answer,
    responses=errors(400, 403, 408, 409, 413, 415, 422, 429, 503, 504, model=FileRefusal),
    openapi_extra={"requestBody": _UPLOAD_FORM},
)
async def upload(
    request: Request,
    idempotency_key: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
        Header(
            description="Repeating an upload with the same key returns the first dataset; "
            "a different file or different fields are refused."
        ),
    ] = None,
    encoding: Annotated[Encoding | None, Query(description="Encoding to read it with; detected if omitted.")] = None,
    temporary: Annotated[
        bool, Query(description="Deletes it after a day unless it is kept; it is not listed.")
    ] = False,
) -> Response:
    """Stores a CSV file and describes it. The file is streamed to the dataset service."""
    clients = clients_of(request)
    await clients.check_working("dataset")
    body = request.stream()

    async def read() -> bytes:
        while (part := await anext(body, None)) is not None:
            if part:
                return part
        return b""

    form = UploadForm(request.headers.get("content-type", "").encode("latin-1"), read)
    file_name = await form.wait_for_file()
    _check_form(form)
    description = pb.UploadDescription(
        file_name=file_name,
        **_named(form),
        encoding=encoding or "",
        idempotency_key=idempotency_key or "",
        temporary=temporary,
    )

    def finish() -> dict[str, str]:
        _check_form(form)  # fields that came after the file
        return _named(form)

    stored = await store_dataset(clients, description, form.chunks(), finish)
    location = {"Location": f"{clients.base_path}/api/datasets/{stored.dataset.dataset_id}"}
    return answer(profiled(stored), 201, location)


@router.api_route(UPLOAD_PATH, methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def refuse_to_take_upload_for_an_id() -> Response:
    """Answers 405 here, where `/{dataset_id}` would match."""
    raise ApiError("METHOD_NOT_ALLOWED", headers={"Allow": "POST"})


@router.get(
    "/api/datasets",
    summary="데이터셋 목록 (최신순)",
    response_model=datasets.answer,
    responses=errors(422, 503, 504),
)
async def list_datasets(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    offset: Offset = 0,
    after: After = "",
) -> Response:
    """Lists the datasets that are kept, newest first."""
    order = pb.ListDatasetsRequest(limit=limit, offset=offset, after=after)
    page = await clients_of(request).datasets.ListDatasets(order)
    return answer(datasets(page))


@router.get(
    "/api/datasets/{dataset_id}",
    summary="데이터셋 하나",
    response_model=dataset.answer,
    responses=errors(404, 422, 503, 504),
)
async def get_dataset(dataset_id: DatasetId, request: Request) -> Response:
    """Returns a dataset without its rows."""
    found = await clients_of(request).datasets.GetDataset(pb.GetDatasetRequest(dataset_id=str(dataset_id)))
    return answer(dataset(found.dataset))


@router.patch(
    "/api/datasets/{dataset_id}",
    summary="이름·설명 바꾸기, 계속 보관하기",
    response_model=dataset.answer,
    responses=errors(400, 403, 404, 408, 413, 415, 422, 503, 504),
)
async def change_dataset(dataset_id: DatasetId, body: DatasetChange, request: Request) -> Response:
    """Changes the name or the description, or keeps a dataset that would expire."""
    change = body.model_dump(exclude_none=True)
    changed = await clients_of(request).datasets.UpdateDataset(
        pb.UpdateDatasetRequest(dataset_id=str(dataset_id), **change)
    )
    return answer(dataset(changed.dataset))


@router.delete(
    "/api/datasets/{dataset_id}",
    summary="데이터셋 삭제",
    response_model=dataset.answer,
    responses=errors(403, 404, 409, 415, 422, 503, 504),
)
async def delete_dataset(dataset_id: DatasetId, request: Request) -> Response:
    """Deletes a dataset, its files and its links; refused while it is in use, for example by a running batch."""
    clients = clients_of(request)
    unfinished = await clients.batches.ListBatches(
        batch_pb2.ListBatchesRequest(page_size=1, dataset_id=str(dataset_id), unfinished_only=True)
    )
    if unfinished.batches:
        raise ApiError("DATASET_IN_USE")
    found = await clients.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=str(dataset_id)))
    await clients.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=str(dataset_id)))
    return answer(dataset(found.dataset))


@router.get(
    "/api/datasets/{dataset_id}/profile",
    summary="열 정보와 품질",
    response_model=profiled.answer,
    responses=errors(404, 422, 503, 504),
)
async def get_profile(dataset_id: DatasetId, request: Request) -> Response:
    """Returns the columns and their data quality."""
    found = await clients_of(request).datasets.GetDatasetProfile(
        pb.GetDatasetProfileRequest(dataset_id=str(dataset_id))
    )
    return answer(profiled(found))


@router.post(
    "/api/datasets/{dataset_id}/reread",
    summary="다르게 다시 읽기",
    response_model=profiled.answer,
    responses=errors(400, 403, 404, 408, 409, 413, 415, 422, 429, 503, 504, model=FileRefusal),
)
async def reread_dataset(dataset_id: DatasetId, body: ReadingChange, request: Request) -> Response:
    """Reads the original file again, with other choices of how, and replaces the table."""
    clients = clients_of(request)
    await clients.check_working("dataset")
    reread = await clients.dataset_intake.RereadDataset(
        pb.RereadDatasetRequest(dataset_id=str(dataset_id), change=reading_change_to_proto(body))
    )
    return answer(profiled(reread))


@router.get(
    "/api/datasets/{dataset_id}/reading",
    summary="원본을 어떻게 읽었는지 보기",
    response_model=preview.answer,
    responses=errors(404, 409, 422, 429, 503, 504, model=FileRefusal),
)
async def get_reading(dataset_id: DatasetId, request: Request) -> Response:
    """Returns how the original file is read, beside its lines and the first rows of the table."""
    return await _preview(request, pb.PreviewReadingRequest(dataset_id=str(dataset_id)))


@router.post(
    "/api/datasets/{dataset_id}/reading/preview",
    summary="다르게 읽으면 어떻게 되는지 보기",
    response_model=preview.answer,
    responses=errors(400, 403, 404, 408, 409, 413, 415, 422, 429, 503, 504, model=FileRefusal),
)
async def preview_reading(dataset_id: DatasetId, body: ReadingChange, request: Request) -> Response:
    """Returns the same as it would be after reading the file again with these choices, and stores nothing."""
    change = reading_change_to_proto(body)
    return await _preview(request, pb.PreviewReadingRequest(dataset_id=str(dataset_id), change=change))


@router.get(
    "/api/datasets/{dataset_id}/data",
    summary="데이터 내려받기 (Arrow, CSV, JSON)",
    response_class=Response,
    responses={
        200: {
            "description": "The data",
            "content": {
                media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for name, (_, media_type) in FORMATS.items()
                if name != "json"
            }
            | {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {"rows": {"type": "array", "items": {"type": "object"}}},
                    }
                }
            },
        },
        **errors(404, 422, 503, 504),
    },
)
async def read_data(
    dataset_id: DatasetId,
    request: Request,
    format: Annotated[Literal["arrow", "csv", "json"], Query(description="Format.")] = "json",  # noqa: A002
    columns: Annotated[
        list[Annotated[str, StringConstraints(max_length=500)]] | None,
        Query(max_length=2000, description="Names of the columns, repeated; all if omitted."),
    ] = None,
    limit: Annotated[int, Query(ge=0, le=2**53, description="How many rows; 0 means all.")] = 0,
    offset: Annotated[int, Query(ge=0, le=2**53, description="How many rows to skip.")] = 0,
    region_codes: Annotated[
        bool, Query(description="Adds a column with the code of the region that each row names, or none.")
    ] = False,
    guard: Guard = "on",
) -> Response:
    """Streams the data, or some columns and rows of it.

    Dates are text in CSV and JSON: `2019-01-02`, with a time if the column has any, or `2019`, `2019-Q1`, `2019-01`.
    """
    clients = clients_of(request)
    await clients.check_working("dataset")
    kind, media_type = FORMATS[format]
    headers = {}
    if format == "csv":
        found = await clients.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=str(dataset_id)))
        headers["Content-Disposition"] = attachment(f"{found.dataset.name}.csv")
        kind = kind if guard == "on" else pb.DATA_FORMAT_UNGUARDED_CSV
    order = pb.ReadDatasetRequest(
        dataset_id=str(dataset_id),
        format=kind,
        columns=columns or (),
        limit=limit,
        offset=offset,
        region_codes=region_codes,
    )
    call_context.set_time_left(None)  # however slowly the client reads; the channel's cap is the limit
    parts = aiter(clients.dataset_upload.ReadDataset(order))
    first = await anext(parts, None)  # while a refusal is still possible
    chunks = _chunks(first, parts)
    return StreamingResponse(enveloped("rows", chunks) if format == "json" else chunks, 200, headers, media_type)


@router.get(
    "/api/datasets/{dataset_id}/regions",
    summary="지역별 행 수",
    response_model=regions.answer,
    responses=errors(404, 422, 503, 504),
)
async def count_regions(
    dataset_id: DatasetId,
    request: Request,
    level: Annotated[
        Literal["sido", "sigungu", "eupmyeondong"] | None, Query(description="Level; that of most rows if omitted.")
    ] = None,
) -> Response:
    """Returns the rows of each region of Korea, with a point inside it, and the texts that name no single region."""
    number = pb.RegionLevel.Value(f"REGION_LEVEL_{level.upper()}") if level else pb.REGION_LEVEL_UNSPECIFIED
    order = pb.GetDatasetRegionsRequest(dataset_id=str(dataset_id), level=number)
    return answer(regions(await clients_of(request).datasets.GetDatasetRegions(order)))


@router.put(
    "/api/datasets/{dataset_id}/lease",
    summary="사용 중임을 알리기",
    response_model=lease.answer,
    responses=errors(403, 404, 415, 422, 503, 504),
)
async def acquire_lease(dataset_id: DatasetId, request: Request, client_id: ClientId = None) -> Response:
    """Marks the dataset as in use for 90 seconds; repeat while using it."""
    held = await clients_of(request).datasets.AcquireLease(
        pb.AcquireLeaseRequest(dataset_id=str(dataset_id), holder=_holder(client_id))
    )
    return answer(lease(held))


@router.delete(
    "/api/datasets/{dataset_id}/lease",
    summary="사용을 마쳤음을 알리기",
    response_model=dataset.answer,
    responses=errors(403, 404, 415, 422, 503, 504),
)
async def release_lease(dataset_id: DatasetId, request: Request, client_id: ClientId = None) -> Response:
    """Removes the mark that the dataset is in use."""
    clients = clients_of(request)
    await clients.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=str(dataset_id), holder=_holder(client_id)))
    found = await clients.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=str(dataset_id)))
    return answer(dataset(found.dataset))


async def _preview(request: Request, asked: pb.PreviewReadingRequest) -> Response:
    clients = clients_of(request)
    await clients.check_working("dataset")
    return answer(preview(await clients.dataset_intake.PreviewReading(asked)))


def attachment(file_name: str) -> str:
    """Returns a Content-Disposition header with the file name, which may be Korean."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _holder(client_id: str | None) -> str:
    return f"browser:{client_id or 'unknown'}"


def _check_form(form: UploadForm) -> None:
    for field, longest in ((NAME_FIELD, NAME_LENGTH), (DESCRIPTION_FIELD, DESCRIPTION_LENGTH)):
        if len(form.fields.get(field, "")) > longest:
            raise ApiError("FIELDS_INVALID", [FieldDetail(field, field_text("TEXT_TOO_LONG", [str(longest)]))])


def _named(form: UploadForm) -> dict[str, str]:
    return {"name": form.fields.get(NAME_FIELD, ""), "description": form.fields.get(DESCRIPTION_FIELD, "")}


async def _chunks(
    first: pb.ReadDatasetResponse | None, others: AsyncIterator[pb.ReadDatasetResponse]
) -> AsyncIterator[bytes]:
    if first is not None:
        yield first.chunk
    async for part in others:
        yield part.chunk
