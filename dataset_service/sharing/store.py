"""All SQL about share links. The database's clock decides what has expired."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dataset_service.reading.columns.profile import Profile
from dataset_service.storage.store import DATASET_COLUMNS, Dataset, split_profile
from dataset_service.storage.tables import datasets, share_links
from servicekit.database import connected, is_behind
from servicekit.errors import Refused
from servicekit.paging import Place


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link without its token."""

    id: str
    dataset_id: str
    created_at: datetime
    expires_at: datetime
    views: int
    revoked_at: datetime | None


_LINK_COLUMNS = [share_links.c[name] for name in ShareLink.__slots__]
_IS_LIVE = sa.and_(share_links.c.revoked_at.is_(None), share_links.c.expires_at > sa.func.clock_timestamp())


class ShareStore:
    """Reads and writes rows of links. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def create(self, link_id: str, dataset_id: str, token_hash: bytes, *, days: int, most_live: int) -> ShareLink:
        """Stores a link. Raises `DATASET_NOT_FOUND`, or `TOO_MANY_SHARE_LINKS` at the limit of the dataset."""
        now = sa.func.statement_timestamp()  # one moment for both; clock_timestamp() goes on within a statement
        insert = (
            sa.insert(share_links)
            .values(
                id=link_id,
                dataset_id=dataset_id,
                token_hash=token_hash,
                created_at=now,
                expires_at=now + sa.func.make_interval(0, 0, 0, days),
                views=0,
            )
            .returning(*_LINK_COLUMNS)
        )
        # In the order of the index of links that were not revoked, which reads none that has expired.
        live = (
            sa.select(share_links.c.id)
            .where(share_links.c.dataset_id == dataset_id, share_links.c.revoked_at.is_(None))
            .where(share_links.c.expires_at > now)
            .order_by(share_links.c.expires_at)
            .limit(most_live)
        )
        with connected(self._engine) as connection:
            self._require_dataset(connection, dataset_id)
            if len(connection.scalars(live).all()) >= most_live:
                raise Refused(
                    "TOO_MANY_SHARE_LINKS", f"Dataset {dataset_id} has {most_live} live links.", limit=str(most_live)
                )
            return ShareLink(**connection.execute(insert).mappings().one())

    def list_newest(
        self, dataset_id: str, limit: int, after: Place | None = None
    ) -> tuple[list[ShareLink], Place | None]:
        """Returns a page of the links of a dataset, newest first, from behind a place on, and where the next begins.

        Raises `DATASET_NOT_FOUND`.
        """
        query = (
            sa.select(*_LINK_COLUMNS)
            .where(share_links.c.dataset_id == dataset_id)
            .order_by(share_links.c.created_at.desc(), share_links.c.id.desc())
            .limit(limit + 1)
        )
        if after is not None:
            query = query.where(is_behind(after, share_links.c.created_at, share_links.c.id))
        with connected(self._engine) as connection:
            self._require_dataset(connection, dataset_id)
            links = [ShareLink(**row) for row in connection.execute(query).mappings()]
        page = links[:limit]
        return page, Place(page[-1].created_at, page[-1].id) if len(links) > limit else None

    def revoke(self, dataset_id: str, link_id: str) -> ShareLink:
        """Revokes a link; one revoked before keeps its time. Raises `SHARE_LINK_NOT_FOUND`."""
        # As text, so that no index reads all links of the dataset in search of this one.
        is_of_dataset = sa.cast(share_links.c.dataset_id, sa.Text) == dataset_id
        change = (
            sa.update(share_links)
            .where(share_links.c.id == link_id, is_of_dataset)
            .values(revoked_at=sa.func.coalesce(share_links.c.revoked_at, sa.func.clock_timestamp()))
            .returning(*_LINK_COLUMNS)
        )
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
        if row is None:
            raise Refused("SHARE_LINK_NOT_FOUND", f"Dataset {dataset_id} has no link {link_id}.", link_id=link_id)
        return ShareLink(**row)

    def open(self, token_hash: bytes, *, is_look: bool = False) -> tuple[ShareLink, Dataset, Profile]:
        """Counts a view, unless it is only a look, and returns the link's dataset.

        Raises `SHARE_LINK_NOT_FOUND` or `SHARE_LINK_EXPIRED`.
        """
        is_it = share_links.c.token_hash == token_hash
        look = sa.select(*_LINK_COLUMNS).where(is_it, _IS_LIVE)
        view = (
            sa.update(share_links)
            .where(is_it, _IS_LIVE)
            .values(views=share_links.c.views + 1)
            .returning(*_LINK_COLUMNS)
        )
        with connected(self._engine) as connection:
            row = connection.execute(look if is_look else view).mappings().one_or_none()
            if row is None:
                if connection.scalar(sa.select(sa.func.count()).where(is_it)):
                    raise Refused("SHARE_LINK_EXPIRED", "The link has run out or was revoked.")
                raise Refused("SHARE_LINK_NOT_FOUND", "There is no such link.")
            link = ShareLink(**row)
            query = sa.select(*DATASET_COLUMNS, datasets.c.profile).where(datasets.c.id == link.dataset_id)
            return link, *split_profile(connection.execute(query).mappings().one())

    @staticmethod
    def _require_dataset(connection: sa.Connection, dataset_id: str) -> None:
        # The lock keeps the dataset from being deleted, and serialises the counting of its links.
        query = sa.select(datasets.c.id).where(datasets.c.id == dataset_id).with_for_update()
        if connection.scalar(query) is None:
            raise Refused("DATASET_NOT_FOUND", f"There is no dataset {dataset_id}.", dataset_id=dataset_id)
