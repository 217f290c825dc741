"""All SQL about loose files: those that no dataset has, because they are being written or are to be removed.

Every stored file is named by a row, of a dataset or of a loose file, before its first byte is written and until it is
removed. So a file changes hands in one transaction, and a crash at any moment leaves a row that tells what to remove.
"""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dataset_service.errors import StorageUnavailable
from dataset_service.storage.tables import datasets, loose_files
from servicekit.database import connected

_NOW = sa.func.statement_timestamp()
_OF_DATASETS = (datasets.c.original_file, datasets.c.table_file)
_AT_ONCE = sa.text("'-infinity'::timestamptz")
FILES_REMOVED = "dataset_files_removed"
"""Channel of notifications: the id of a deleted dataset, or `-`, and the names of its files, separated by spaces."""


class LooseFileStore:
    """Reads and writes rows of loose files. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin(self, names: Sequence[str], seconds: float) -> None:
        """Names files that are about to be written, and protects them for so long."""
        rows = [{"name": name, "expires_at": _in(seconds)} for name in names]
        with connected(self._engine) as connection:
            connection.execute(sa.insert(loose_files).values(rows))

    def renew(self, names: Collection[str], seconds: float) -> None:
        """Protects files for so long from now on, except those that are to be removed."""
        are_live = loose_files.c.name.in_(names) & (loose_files.c.expires_at > _AT_ONCE)
        with connected(self._engine) as connection:
            connection.execute(sa.update(loose_files).where(are_live).values(expires_at=_in(seconds)))

    def doom(self, names: Collection[str]) -> None:
        """Marks loose files as to be removed."""
        are_they = loose_files.c.name.in_(names)
        with connected(self._engine) as connection:
            connection.execute(sa.update(loose_files).where(are_they).values(expires_at=_AT_ONCE))

    def doom_expired(self, limit: int) -> list[str]:
        """Marks files whose protection has ended as to be removed; returns up to `limit` of all that are marked.

        A file that a dataset is taking over at this moment is skipped.
        """
        expired = (
            sa.select(loose_files.c.name)
            .where(loose_files.c.expires_at <= _NOW)
            .order_by(loose_files.c.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte()
        )
        doom = (
            sa.update(loose_files)
            .where(loose_files.c.name == expired.c.name)
            .values(expires_at=_AT_ONCE)
            .returning(loose_files.c.name)
        )
        with connected(self._engine) as connection:
            return list(connection.scalars(doom))

    def forget(self, names: Collection[str]) -> None:
        """Deletes the rows of files that are to be removed, and have been."""
        are_gone = loose_files.c.name.in_(names) & (loose_files.c.expires_at == _AT_ONCE)
        with connected(self._engine) as connection:
            connection.execute(sa.delete(loose_files).where(are_gone))

    def unknown(self, names: Collection[str]) -> set[str]:
        """Returns the names of which there is no row, neither of a dataset nor of a loose file.

        Each file has its row before it is there, so one that was found before the call has none only if left behind.
        """
        return self._without(names, *_OF_DATASETS, loose_files.c.name)

    def unowned(self, names: Collection[str]) -> set[str]:
        """Returns the names of files that no dataset has."""
        return self._without(names, *_OF_DATASETS)

    def _without(self, names: Collection[str], *columns: sa.Column[str]) -> set[str]:
        name = _each(names)
        # As scalars each is one look into an index; as NOT EXISTS the planner might read whole tables.
        rows = [sa.select(sa.literal(1)).where(column == name).limit(1).scalar_subquery() for column in columns]
        with connected(self._engine) as connection:
            return set(connection.scalars(sa.select(name).where(*(row.is_(None) for row in rows))))


def take_over(connection: sa.Connection, names: Collection[str]) -> None:
    """Lets a dataset have files that were written, within its transaction.

    Raises `StorageUnavailable` if their protection ended and they may be removed.
    """
    are_whole = loose_files.c.name.in_(names) & (loose_files.c.expires_at > _AT_ONCE)
    if connection.execute(sa.delete(loose_files).where(are_whole)).rowcount < len(names):
        raise StorageUnavailable("STORAGE_UNAVAILABLE", f"Writing {names} took longer than the files were protected.")


def doom(connection: sa.Connection, files: Mapping[str, Sequence[str]]) -> None:
    """Marks files that datasets had as to be removed, within the transaction; its commit tells all replicas.

    The keys are the ids of datasets that are deleted, or `-` for files of one that stays.
    """
    if files:
        rows = [{"name": name, "expires_at": _AT_ONCE} for names in files.values() for name in names]
        connection.execute(sa.insert(loose_files).values(rows))
        told = [" ".join((dataset_id, *names)) for dataset_id, names in files.items()]
        connection.execute(sa.select(sa.func.pg_notify(FILES_REMOVED, _each(told))))


def _each(texts: Collection[str]) -> sa.ColumnElement[str]:
    return sa.func.unnest(sa.cast(list(texts), postgresql.ARRAY(sa.Text))).table_valued("text").c.text


def _in(seconds: float) -> sa.ColumnElement[object]:
    return _NOW + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
