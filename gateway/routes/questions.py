"""Questions put to a dataset: its rows, measures by group, and the values of its columns."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from urllib.parse import quote

from daegu.dataset.v1 import analysis_pb2, dataset_pb2
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.clients import clients_of
from gateway.convert import question_to_proto
from gateway.envelope import answer, enveloped
from gateway.json_route import JsonRoute
from gateway.routes.datasets import FORMATS, DatasetId, attachment
from gateway.schemas.common import Guard, errors
from gateway.texts import CHOSEN_ROWS
from gateway.views.question import Rows, aggregate, facets, rows_fields
from servicekit import call_context
from servicekit.question import Question

_FORMATS = FORMATS | {"json": (dataset_pb2.DATA_FORMAT_JSON_ROWS, "application/json")}
_HEADERS = {
    "X-Total-Rows": {"description": "Arrow and CSV: rows that meet the conditions.", "schema": {"type": "integer"}},
    "X-Next": {
        "description": "Arrow and CSV: `after` of the next request, percent-encoded; absent at the end.",
        "schema": {"type": "string"},
    },
}
_ERRORS = errors(400, 403, 404, 408, 409, 413, 415, 422, 503, 504)
router = APIRouter(tags=["질문"], route_class=JsonRoute)


@router.post(
    "/api/datasets/{dataset_id}/query",
    summary="조건에 맞는 행 (JSON, Arrow, CSV)",
    response_model=Rows,
    responses={
        200: {
            "description": "The rows",
            "headers": _HEADERS,
            "content": {
                media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for name, (_, media_type) in FORMATS.items()
                if name != "json"
            },
        },
        **_ERRORS,
    },
)
async def query_rows(
    dataset_id: DatasetId,
    body: Question,
    request: Request,
    format: Annotated[Literal["arrow", "csv", "json"], Query(description="Format.")] = "json",  # noqa: A002
    guard: Guard = "on",
) -> Response:
    """Returns the rows that meet the conditions.

    Uses `define`, `where`, `search`, `columns`, `sort`, `limit` (1 to 1,000, 100 if omitted; with Arrow and CSV 0 means
    all), `offset`, `after` and `sample`.
    """
    clients = clients_of(request)
    await clients.check_working("dataset")
    kind, media_type = _FORMATS[format]
    kind = dataset_pb2.DATA_FORMAT_UNGUARDED_CSV if (format, guard) == ("csv", "off") else kind
    order = analysis_pb2.QueryRowsRequest(dataset_id=str(dataset_id), question=question_to_proto(body), format=kind)
    if format == "json":
        parts = aiter(clients.analyses.QueryRows(order))
        rows = (await anext(parts)).rows  # while a refusal is still possible
        return StreamingResponse(enveloped("rows", _chunks(parts), rows_fields(rows)), media_type=media_type)

    found = await clients.datasets.GetDataset(dataset_pb2.GetDatasetRequest(dataset_id=str(dataset_id)))
    call_context.set_time_left(None)  # however slowly the client reads; the channel's cap is the limit
    parts = aiter(clients.row_streams.QueryRows(order))
    rows = (await anext(parts)).rows
    headers = {
        "Content-Disposition": attachment(f"{CHOSEN_ROWS.format(name=found.dataset.name)}.{format}"),
        "X-Total-Rows": str(rows.total),
    }
    if rows.next:
        headers["X-Next"] = quote(rows.next, safe="")
    return StreamingResponse(_chunks(parts), 200, headers, media_type)


@router.post(
    "/api/datasets/{dataset_id}/aggregate",
    summary="묶어서 계산하기",
    response_model=aggregate.answer,
    responses=_ERRORS,
)
async def aggregate_rows(dataset_id: DatasetId, body: Question, request: Request) -> Response:
    """Works out measures by group.

    Uses `define`, `where`, `search`, `groups`, `measures`, `region_codes`, `sort` and `limit` (1 to 2,000, 200 if
    omitted).
    """
    clients = clients_of(request)
    await clients.check_working("dataset")
    order = analysis_pb2.AggregateRequest(dataset_id=str(dataset_id), question=question_to_proto(body))
    return answer(aggregate(await clients.analyses.Aggregate(order)))


@router.post(
    "/api/datasets/{dataset_id}/facets",
    summary="열마다 값과 건수",
    response_model=facets.answer,
    responses=_ERRORS,
)
async def count_facets(dataset_id: DatasetId, body: Question, request: Request) -> Response:
    """Counts the values of columns, each under the conditions on the other columns.

    Uses `define`, `where`, `search`, `columns`, and `limit` for the most values of each column.
    """
    clients = clients_of(request)
    await clients.check_working("dataset")
    order = analysis_pb2.CountFacetsRequest(dataset_id=str(dataset_id), question=question_to_proto(body))
    return answer(facets(await clients.analyses.CountFacets(order)))


async def _chunks(parts: AsyncIterator[analysis_pb2.QueryRowsResponse]) -> AsyncIterator[bytes]:
    async for part in parts:
        yield part.chunk
