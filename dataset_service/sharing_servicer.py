"""The gRPC door to share links: proto in, one domain call, proto out."""

import asyncio

from daegu.dataset.v1 import sharing_pb2 as pb
from daegu.dataset.v1 import sharing_pb2_grpc

from dataset_service.convert import dataset_to_proto, link_to_proto, profile_to_proto
from dataset_service.sharing.links import Sharing
from dataset_service.sharing.store import ShareStore
from servicekit.ids import parse_id
from servicekit.paging import Place, page_size
from servicekit.server import Context

_MOST_LISTED = 200


class SharingServicer(sharing_pb2_grpc.SharingServiceServicer):
    """Serves `daegu.dataset.v1.SharingService`."""

    def __init__(self, sharing: Sharing, store: ShareStore) -> None:
        self._sharing = sharing
        self._store = store

    async def CreateShareLink(self, request: pb.CreateShareLinkRequest, context: Context) -> pb.CreateShareLinkResponse:
        """Creates a link."""
        new = await self._sharing.create(_id(request.dataset_id, "dataset_id"))
        return pb.CreateShareLinkResponse(link=link_to_proto(new.link), share_token=new.token)

    async def ListShareLinks(self, request: pb.ListShareLinksRequest, context: Context) -> pb.ListShareLinksResponse:
        """Lists the links of a dataset."""
        dataset_id, after = _id(request.dataset_id, "dataset_id"), Place.read(request.after)
        limit = page_size(request.limit, most=_MOST_LISTED, default=_MOST_LISTED)
        page, behind = await asyncio.to_thread(self._store.list_newest, dataset_id, limit, after)
        return pb.ListShareLinksResponse(links=[link_to_proto(link) for link in page], next=behind and behind.cursor())

    async def RevokeShareLink(self, request: pb.RevokeShareLinkRequest, context: Context) -> pb.RevokeShareLinkResponse:
        """Revokes a link."""
        dataset_id, link_id = _id(request.dataset_id, "dataset_id"), _id(request.link_id, "link_id")
        return pb.RevokeShareLinkResponse(link=link_to_proto(await self._sharing.revoke(dataset_id, link_id)))

    async def OpenShareLink(self, request: pb.OpenShareLinkRequest, context: Context) -> pb.OpenShareLinkResponse:
        """Returns the dataset of a token."""
        link, dataset, profile = await self._sharing.open(request.share_token, is_look=request.is_look)
        return pb.OpenShareLinkResponse(
            link=link_to_proto(link), dataset=dataset_to_proto(dataset), profile=profile_to_proto(profile)
        )


def _id(text: str, field: str) -> str:
    return str(parse_id(text, field))
