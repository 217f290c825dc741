"""All SQL about datasets that are older than they are to be kept. They are deleted as a person's deletion does it."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from dataset_service.storage.tables import datasets, leases, share_links
from servicekit.database import connected
from servicekit.paging import Place

_KEPT_SINCE = sa.func.coalesce(datasets.c.kept_at, datasets.c.uploaded_at)
_NOW = sa.func.clock_timestamp()


class OldDataset(NamedTuple):
    """A dataset that was uploaded or kept long ago; `is_used` while it is leased or has a live link."""

    id: str
    kept_since: datetime
    is_used: bool


def is_used() -> sa.ColumnElement[bool]:
    """Whether the dataset of a row is leased or has a live share link."""
    lease = sa.select(sa.true()).where(leases.c.dataset_id == datasets.c.id, leases.c.expires_at > _NOW)
    link = sa.select(sa.true()).where(
        share_links.c.dataset_id == datasets.c.id, share_links.c.revoked_at.is_(None), share_links.c.expires_at > _NOW
    )
    # With EXISTS in place of the last row, PostgreSQL may read the leases and the links of all datasets; without the
    # order, all links of one.
    rows = (lease, link.order_by(share_links.c.expires_at.desc()))
    return sa.func.coalesce(*(row.limit(1).scalar_subquery() for row in rows), sa.false())


def is_old(days: int) -> sa.ColumnElement[bool]:
    """Whether the dataset of a row has no end of its own and was uploaded and last kept more than so many days ago."""
    end = _NOW - sa.func.make_interval(0, 0, 0, days)
    return sa.and_(datasets.c.expires_at.is_(None), end > _KEPT_SINCE)


class DatasetRetentionStore:
    """Finds old datasets. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def list_old(self, days: int, after: Place | None, limit: int) -> list[OldDataset]:
        """Returns datasets that were uploaded or kept more than so many days ago, oldest first."""
        query = sa.select(sa.cast(datasets.c.id, sa.Text), _KEPT_SINCE, is_used()).where(is_old(days))
        if after is not None:
            query = query.where(sa.tuple_(_KEPT_SINCE, datasets.c.id) > sa.tuple_(*map(sa.literal, after)))
        with connected(self._reading) as connection:
            rows = connection.execute(query.order_by(_KEPT_SINCE, datasets.c.id).limit(limit))
            return [OldDataset._make(row) for row in rows]
