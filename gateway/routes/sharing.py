"""Share links: anyone who has one can read its dataset for seven days."""

from typing import Annotated

from daegu.dataset.v1 import sharing_pb2 as pb
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import StringConstraints

from gateway.clients import clients_of
from gateway.envelope import answer
from gateway.json_route import JsonRoute
from gateway.routes.datasets import DatasetId
from gateway.schemas.common import After, errors
from gateway.schemas.prediction import Id
from gateway.views.dataset import NewLinkAnswer, link, links, shared

router = APIRouter(tags=["공유"], route_class=JsonRoute)


@router.post(
    "/api/datasets/{dataset_id}/share",
    status_code=201,
    summary="공유 링크 만들기",
    response_model=NewLinkAnswer,
    responses=errors(403, 404, 409, 415, 422, 503, 504),
)
async def share(dataset_id: DatasetId, request: Request) -> Response:
    """Creates a link that is valid for seven days. Only this answer has its token."""
    clients = clients_of(request)
    made = await clients.sharing.CreateShareLink(pb.CreateShareLinkRequest(dataset_id=str(dataset_id)))
    url = f"{clients.page_url}/?share={made.share_token}"
    return answer(link(made.link) | {"share_token": made.share_token, "share_url": url}, 201)


@router.get(
    "/api/datasets/{dataset_id}/share",
    summary="공유 링크 목록",
    response_model=links.answer,
    responses=errors(404, 422, 503, 504),
)
async def list_links(
    dataset_id: DatasetId,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="How many.")] = 200,
    after: After = "",
) -> Response:
    """Lists the links of a dataset, newest first."""
    order = pb.ListShareLinksRequest(dataset_id=str(dataset_id), limit=limit, after=after)
    listed = await clients_of(request).sharing.ListShareLinks(order)
    return answer(links(listed))


@router.delete(
    "/api/datasets/{dataset_id}/share/{link_id}",
    summary="공유 링크 끊기",
    response_model=link.answer,
    responses=errors(403, 404, 415, 422, 503, 504),
)
async def revoke_link(
    dataset_id: DatasetId, link_id: Annotated[Id, Path(description="Id of the link.")], request: Request
) -> Response:
    """Revokes a link."""
    revoked = await clients_of(request).sharing.RevokeShareLink(
        pb.RevokeShareLinkRequest(dataset_id=str(dataset_id), link_id=str(link_id))
    )
    return answer(link(revoked.link))


@router.get(
    "/api/shared/{token}",
    summary="공유 링크 열기",
    response_model=shared.answer,
    responses=errors(404, 410, 422, 503, 504),
)
async def open_link(
    token: Annotated[
        str,
        Path(description="Token of the link."),
        StringConstraints(min_length=1, max_length=200),
    ],
    request: Request,
    look: Annotated[bool, Query(description="Whether this only looks whether the link is still valid.")] = False,
) -> Response:
    """Returns the dataset of a link, read-only, and counts the view unless it is only a look."""
    order = pb.OpenShareLinkRequest(share_token=token, is_look=look)
    opened = await clients_of(request).sharing.OpenShareLink(order)
    return answer(shared(opened))
