"""Share links: the token is returned once, and only its hash is stored."""

import asyncio
import hashlib
import secrets
from typing import NamedTuple

import structlog

from dataset_service.reading.columns.profile import Profile
from dataset_service.sharing.store import ShareLink, ShareStore
from dataset_service.storage.store import Dataset
from servicekit.errors import Refused
from servicekit.ids import new_id

DAYS = 7
MOST_LIVE = 100
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 100

log = structlog.get_logger()


class NewLink(NamedTuple):
    """A link and the token that opens it."""

    link: ShareLink
    token: str


class Sharing:
    """Creates, revokes and opens links."""

    def __init__(self, store: ShareStore) -> None:
        self._store = store

    async def create(self, dataset_id: str) -> NewLink:
        """Creates a link that is valid for seven days. Raises `DATASET_NOT_FOUND` or `TOO_MANY_SHARE_LINKS`."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        link = await asyncio.to_thread(
            self._store.create, new_id(), dataset_id, _hash(token), days=DAYS, most_live=MOST_LIVE
        )
        log.info("share_link_created", dataset_id=dataset_id, link_id=link.id)
        return NewLink(link, token)

    async def revoke(self, dataset_id: str, link_id: str) -> ShareLink:
        """Revokes a link. Raises `SHARE_LINK_NOT_FOUND`."""
        link = await asyncio.to_thread(self._store.revoke, dataset_id, link_id)
        log.info("share_link_revoked", dataset_id=dataset_id, link_id=link_id)
        return link

    async def open(self, token: str, *, is_look: bool = False) -> tuple[ShareLink, Dataset, Profile]:
        """Counts a view, unless it is only a look, and returns the link's dataset.

        Raises `SHARE_LINK_NOT_FOUND` or `SHARE_LINK_EXPIRED`.
        """
        if not 0 < len(token) <= _LONGEST_TOKEN:
            raise Refused("SHARE_LINK_NOT_FOUND", "There is no such link.")
        return await asyncio.to_thread(self._store.open, _hash(token), is_look=is_look)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
