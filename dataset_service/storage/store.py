"""All SQL about datasets and leases. That of share links is in sharing/store.py."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from dataset_service.errors import TableReplaced
from dataset_service.reading.columns.profile import Profile
from dataset_service.reading.csv_reader import NewTable
from dataset_service.reading.places.systems import NONE
from dataset_service.reading.reading import ColumnReading, Reading
from dataset_service.storage.loose_file_store import doom, take_over
from dataset_service.storage.retention_store import is_old, is_used
from dataset_service.storage.tables import datasets, leases
from servicekit.database import connected, count_some, is_behind
from servicekit.errors import Refused
from servicekit.paging import Place


class Dataset(NamedTuple):
    """A dataset without its profile."""

    id: str
    name: str
    description: str
    file_name: str
    original_file: str
    table_file: str
    table_hash: str
    rows: int
    columns: int
    size_bytes: int
    encoding: str
    delimiter: str
    bytes_hash: str
    content_hash: str
    uploaded_at: datetime
    expires_at: datetime | None

    @property
    def files(self) -> tuple[str, str]:
        """The names of its files."""
        return self.original_file, self.table_file


@dataclass(frozen=True, slots=True)
class NewDataset:
    """What is stored of an upload besides the result of reading it."""

    id: str
    name: str
    description: str
    file_name: str
    original_file: str
    table_file: str
    size_bytes: int
    bytes_hash: str
    content_hash: str
    idempotency_key: str | None
    request_hash: str
    kept_seconds: int | None = None
    """How long it is kept; None without limit."""
    chosen: Reading = field(default_factory=Reading)
    """The parts of its reading that a person chose."""


class Stored(NamedTuple):
    """A dataset, its profile, how its file is read, and the parts of that which a person chose."""

    dataset: Dataset
    profile: Profile
    reading: Reading
    chosen: Reading


# Cast in PostgreSQL: psycopg2 would create a UUID and SQLAlchemy convert it to text, a third of the time of a long
# list.
_ID_AS_TEXT = sa.cast(datasets.c.id, sa.Text).label("id")
DATASET_COLUMNS = [_ID_AS_TEXT, *(datasets.c[name] for name in Dataset._fields[1:])]
_STORED_COLUMNS = [*DATASET_COLUMNS, *(datasets.c[name] for name in Stored._fields[1:])]


class DatasetStore:
    """Reads and writes rows of datasets and leases. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # A single statement needs no transaction, which would add two round trips.
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def create(self, new: NewDataset, table: NewTable) -> tuple[Stored, str]:
        """Stores a dataset. Returns it with its request hash, those of the first upload with its key.

        Its files are loose until then: see `take_over`.
        """
        values = {
            **{name: getattr(new, name) for name in NewDataset.__slots__ if name != "kept_seconds"},
            **_table_values(table, new.chosen),
        }
        if new.kept_seconds is not None:
            values["expires_at"] = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, new.kept_seconds)
        insert = (
            postgresql.insert(datasets)
            .values(values)
            .on_conflict_do_nothing(index_elements=[datasets.c.idempotency_key])
            .returning(*DATASET_COLUMNS)
        )
        with connected(self._engine) as connection:
            row = connection.execute(insert).mappings().one_or_none()
            if row is not None:
                take_over(connection, (new.original_file, new.table_file))
                return Stored(Dataset(**row), table.profile, table.reading, new.chosen), new.request_hash
        first = self.find_by_key(new.idempotency_key or "")
        if first is None:  # deleted meanwhile
            return self.create(new, table)
        return first

    def find_by_key(self, idempotency_key: str) -> tuple[Stored, str] | None:
        """Returns the dataset that was uploaded with a key, and its request hash."""
        query = sa.select(*_STORED_COLUMNS, datasets.c.request_hash)
        query = query.where(datasets.c.idempotency_key == idempotency_key)
        with connected(self._reading) as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        values = dict(row)
        request_hash = values.pop("request_hash")
        return _stored(values), request_hash

    def get(self, dataset_id: str) -> Dataset:
        """Returns the dataset. Raises `DATASET_NOT_FOUND`."""
        query = sa.select(*DATASET_COLUMNS).where(datasets.c.id == dataset_id)
        with connected(self._reading) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _not_found(dataset_id)
        return Dataset._make(row)

    def get_stored(self, dataset_id: str) -> Stored:
        """Returns the dataset with its profile and its reading. Raises `DATASET_NOT_FOUND`."""
        query = sa.select(*_STORED_COLUMNS).where(datasets.c.id == dataset_id)
        with connected(self._reading) as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise _not_found(dataset_id)
        return _stored(row)

    def list_newest(
        self, *, limit: int, offset: int = 0, after: Place | None = None
    ) -> tuple[list[Dataset], Place | None, int]:
        """Returns a page of the datasets that are kept, newest first, from behind a place on.

        Beside it, the place where the next page begins, and their total number up to `MOST_COUNTED`.
        """
        newest = datasets.c.uploaded_at.desc(), datasets.c.id.desc()
        is_kept = datasets.c.expires_at.is_(None)
        # In the order of the list, which only the index of the datasets that are kept has.
        count = count_some(sa.select(datasets.c.id).where(is_kept).order_by(*newest))
        query = sa.select(*DATASET_COLUMNS, count.scalar_subquery()).where(is_kept).order_by(*newest)
        if after is not None:
            query = query.where(is_behind(after, datasets.c.uploaded_at, datasets.c.id))
        with connected(self._reading) as connection:
            rows = connection.execute(query.limit(limit + 1).offset(offset)).all()
            total = rows[0][-1] if rows else connection.scalar(count)
        page = [Dataset._make(row[:-1]) for row in rows[:limit]]
        has_more = len(rows) > limit
        return page, Place(page[-1].uploaded_at, page[-1].id) if has_more else None, int(total or 0)

    def update(self, dataset_id: str, *, name: str | None, description: str | None, keep: bool = False) -> Dataset:
        """Changes what is not None; `keep` lets it not expire. Raises `DATASET_NOT_FOUND`."""
        texts = {"name": name, "description": description}
        changes: dict[str, Any] = {key: value for key, value in texts.items() if value is not None}
        if keep:
            changes |= {"expires_at": None, "kept_at": sa.func.clock_timestamp()}
        if not changes:
            return self.get(dataset_id)
        change = sa.update(datasets).where(datasets.c.id == dataset_id).values(changes).returning(*DATASET_COLUMNS)
        with connected(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
        if row is None:
            raise _not_found(dataset_id)
        return Dataset(**row)

    def replace_table(
        self,
        dataset_id: str,
        table_file: str,
        content_hash: str,
        table: NewTable,
        chosen: Reading,
        *,
        only_for: str | None = None,
    ) -> tuple[Dataset, str]:
        """Stores another reading of the same file; returns the dataset and the name of the Parquet file it had.

        With `only_for`, raises `TableReplaced` if the dataset has a different Parquet file now.
        """
        is_it = datasets.c.id == dataset_id
        values = {"table_file": table_file, "content_hash": content_hash, **_table_values(table, chosen)}
        with connected(self._engine) as connection:
            former = connection.scalar(sa.select(datasets.c.table_file).where(is_it).with_for_update())
            if former is None:
                raise _not_found(dataset_id)
            if only_for not in (None, former):
                raise TableReplaced(f"Dataset {dataset_id} has been read again meanwhile.")
            take_over(connection, (table_file,))
            change = sa.update(datasets).where(is_it).values(values).returning(*DATASET_COLUMNS)
            row = connection.execute(change).mappings().one()
            doom(connection, {"-": (former,)})
        return Dataset(**row), former

    def keep_table_hash(self, dataset_id: str, table_file: str, table_hash: str) -> None:
        """Stores the hash of a Parquet file if it is still the dataset's."""
        is_it = (datasets.c.id == dataset_id) & (datasets.c.table_file == table_file)
        with connected(self._engine) as connection:
            connection.execute(sa.update(datasets).where(is_it).values(table_hash=table_hash))

    def delete(self, dataset_id: str, holder: str, *, older_than_days: int | None = None) -> Dataset:
        """Deletes a dataset with its leases and links; returns the deleted dataset.

        Raises `DATASET_NOT_FOUND`, or `DATASET_IN_USE` while anyone but `holder` has a valid lease; with
        `older_than_days` also if it has a live link, or is not that old. The row lock makes a lease or a link acquired
        concurrently either come first or find no dataset.
        """
        is_in_use: sa.ColumnElement[bool] = _is_leased(leases.c.holder != holder)
        if older_than_days is not None:
            is_in_use = is_used() | ~is_old(older_than_days)
        with connected(self._engine) as connection:
            row = (
                connection.execute(sa.select(*DATASET_COLUMNS).where(datasets.c.id == dataset_id).with_for_update())
                .mappings()
                .one_or_none()
            )
            if row is None:
                raise _not_found(dataset_id)
            if connection.scalar(sa.select(is_in_use).where(datasets.c.id == dataset_id)):
                raise Refused("DATASET_IN_USE", f"Dataset {dataset_id} is in use.", dataset_id=dataset_id)
            connection.execute(sa.delete(datasets).where(datasets.c.id == dataset_id))
            deleted = Dataset(**row)
            doom(connection, {deleted.id: deleted.files})
        return deleted

    def delete_expired(self, limit: int) -> list[Dataset]:
        """Deletes up to `limit` datasets that have expired and are not leased; returns them.

        Locks them as `delete` does, but skips those that are locked: they come into use, or another replica is here.
        """
        expired = (
            sa.select(datasets.c.id)
            .where(datasets.c.expires_at <= sa.func.statement_timestamp(), ~_is_leased())
            .order_by(datasets.c.expires_at)
            .limit(limit)
            .with_for_update(of=datasets, skip_locked=True)
        )
        with connected(self._engine) as connection:
            ids = connection.scalars(expired).all()
            ending = sa.delete(datasets).where(datasets.c.id.in_(ids), ~_is_leased()).returning(*DATASET_COLUMNS)
            deleted = [Dataset._make(row) for row in connection.execute(ending)]
            doom(connection, {dataset.id: dataset.files for dataset in deleted})
        return deleted

    def acquire_lease(self, dataset_id: str, holder: str, seconds: int) -> datetime:
        """Acquires a lease, or renews the holder's own; returns when it expires. Raises `DATASET_NOT_FOUND`."""
        expires_at = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        insert = postgresql.insert(leases).values(dataset_id=dataset_id, holder=holder, expires_at=expires_at)
        upsert = insert.on_conflict_do_update(
            index_elements=[leases.c.dataset_id, leases.c.holder], set_={"expires_at": insert.excluded.expires_at}
        ).returning(leases.c.expires_at)
        try:
            with connected(self._engine) as connection:
                return cast(datetime, connection.execute(upsert).scalar_one())
        except IntegrityError as error:
            raise _not_found(dataset_id) from error

    def release_lease(self, dataset_id: str, holder: str) -> None:
        """Releases a lease, if held."""
        ending = sa.delete(leases).where(leases.c.dataset_id == dataset_id, leases.c.holder == holder)
        with connected(self._engine) as connection:
            connection.execute(ending)

    def forget_expired_leases(self, limit: int) -> int:
        """Deletes up to `limit` expired leases; returns how many."""
        expired = (
            sa.select(leases.c.dataset_id, leases.c.holder)
            .where(leases.c.expires_at <= sa.func.statement_timestamp())
            .order_by(leases.c.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with connected(self._engine) as connection:
            keys = [tuple(row) for row in connection.execute(expired)]
            ending = sa.delete(leases).where(sa.tuple_(leases.c.dataset_id, leases.c.holder).in_(keys))
            return connection.execute(ending).rowcount

    def missing(self, dataset_ids: Collection[str]) -> set[str]:
        """Returns those of the ids that no dataset has."""
        query = sa.select(_ID_AS_TEXT).where(datasets.c.id.in_(dataset_ids))
        with connected(self._reading) as connection:
            return set(dataset_ids).difference(connection.scalars(query))


def split_profile(row: sa.RowMapping | dict[str, Any]) -> tuple[Dataset, Profile]:
    """Splits a row into dataset and profile."""
    values = dict(row)
    profile = Profile.from_document(values.pop("profile"))
    return Dataset(**values), profile


def _stored(row: sa.RowMapping | dict[str, Any]) -> Stored:
    values = dict(row)
    reading, chosen = (Reading.from_document(values.pop(name)) for name in ("reading", "chosen"))
    dataset, profile = split_profile(values)
    if not reading.encoding:  # an earlier version wrote the row after migration 0009, which says how that version read
        kinds = {column.name: ColumnReading(column.kind) for column in profile.columns}
        reading = Reading(dataset.encoding, dataset.delimiter, '"', "", 1, 1, 0, 0, (), (), kinds)
        chosen = Reading(encoding=dataset.encoding)
    if not reading.crs:  # an earlier version, which calculated no positions
        reading = replace(reading, crs=NONE)
    return Stored(dataset, profile, reading, chosen)


def _table_values(table: NewTable, chosen: Reading) -> dict[str, Any]:
    return {
        "table_hash": table.table_hash,
        "rows": table.rows,
        "columns": len(table.profile.columns),
        "encoding": table.reading.encoding,
        "delimiter": table.reading.delimiter,
        "profile": table.profile.to_document(),
        "reading": table.reading.to_document(),
        "chosen": chosen.to_document(),
    }


def _is_leased(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    """Whether the dataset of a row has a valid lease that meets the conditions."""
    is_valid = leases.c.expires_at > sa.func.clock_timestamp()
    return sa.exists().where(leases.c.dataset_id == datasets.c.id, is_valid, *conditions)


def _not_found(dataset_id: str) -> Refused:
    return Refused("DATASET_NOT_FOUND", f"There is no dataset {dataset_id}.", dataset_id=dataset_id)
