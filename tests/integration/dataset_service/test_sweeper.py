"""The sweepers of all replicas take what is left behind, and nothing that is being written or was stored."""

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dataset_service.errors import StorageUnavailable
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.profile import ColumnProfile, Profile
from dataset_service.reading.csv_reader import NewTable
from dataset_service.reading.reading import Reading
from dataset_service.storage.files import Storage, new_names
from dataset_service.storage.loose_file_store import LooseFileStore, take_over
from dataset_service.storage.loose_files import Draft, LooseFiles
from dataset_service.storage.store import Dataset, DatasetStore, NewDataset
from dataset_service.storage.sweeper import Sweeper
from servicekit.ids import new_id
from tests.eventually import eventually
from tests.integration.dataset_service.places import Place

COLUMN = ColumnProfile("값", ColumnKind.INTEGER, 1, 0, ("1",))
TABLE = NewTable("", 1, Reading("utf-8", ","), Profile((COLUMN,), 0, 0, (), None, "", (), ()))


@pytest.fixture
def storage(place: Place) -> Iterator[Storage]:
    with (storage := place.storage()).opened():
        yield storage


class Replica:
    """What sweeps, and what it sweeps, in one process."""

    def __init__(self, storage: Storage, engine: sa.Engine, lease_seconds: float = 600.0) -> None:
        self.storage, self.store, loose_store = storage, DatasetStore(engine), LooseFileStore(engine)
        self.loose_files = LooseFiles(storage, loose_store, lease_seconds=lease_seconds)
        self.sweeper = Sweeper(storage, self.store, loose_store, self.loose_files, every_seconds=60)

    def written(self) -> Draft:
        """Returns a draft whose files are published."""
        draft = self.loose_files.begin(".csv", ".parquet")
        for name in draft.names:
            self.storage.part_path(name).write_text("x")
        self.storage.publish(draft.names)
        return draft

    def stored(self, kept_seconds: int | None = None) -> Dataset:
        """Returns a dataset that is stored with its files."""
        draft = self.written()
        dataset = self.store.create(row(draft, kept_seconds), TABLE)[0].dataset
        self.loose_files.let_go(draft)
        return dataset


@pytest.fixture
def replica(storage: Storage, engine: sa.Engine) -> Replica:
    return Replica(storage, engine)


@pytest.fixture
def over(storage: Storage, engine: sa.Engine) -> Replica:
    """A replica whose leases have run out when they begin, as if it were gone."""
    return Replica(storage, engine, lease_seconds=-1)


def row(draft: Draft, kept_seconds: int | None = None) -> NewDataset:
    original, table = draft.names
    return NewDataset(new_id(), "이름", "", "a.csv", original, table, 1, "h", "h", None, "", kept_seconds)


def test_files_of_a_writer_that_is_gone_go_and_those_of_datasets_stay(
    place: Place, replica: Replica, over: Replica
) -> None:
    kept = replica.stored()
    over.written()
    half = over.loose_files.begin(".csv")
    replica.storage.part_path(half.names[0]).write_text("x")

    assert replica.sweeper.sweep() == 3
    assert place.names() == set(kept.files)
    assert replica.sweeper.sweep() == replica.sweeper.sweep_unknown() == 0


def test_files_that_are_being_written_stay(place: Place, replica: Replica, over: Replica) -> None:
    draft = replica.written()
    assert over.sweeper.sweep() == over.sweeper.sweep_unknown() == 0
    assert place.names() == set(draft.names)
    replica.loose_files.discard(draft)
    assert place.names() == set()


async def test_lease_is_renewed_while_its_process_lives(storage: Storage, engine: sa.Engine) -> None:
    replica = Replica(storage, engine, lease_seconds=0.02)
    draft = await asyncio.to_thread(replica.loose_files.begin, ".csv")

    def lease() -> object:
        with engine.begin() as connection:
            return connection.scalar(sa.text("SELECT expires_at FROM dataset.loose_files"))

    begun = lease()
    renewing = asyncio.create_task(replica.loose_files.renew_on())
    await eventually(lambda: lease() != begun)
    renewing.cancel()
    replica.loose_files.let_go(draft)


def test_dataset_whose_files_may_be_swept_is_not_stored(replica: Replica, over: Replica) -> None:
    draft = over.written()
    replica.sweeper.sweep()
    with pytest.raises(StorageUnavailable):
        over.store.create(row(draft), TABLE)
    assert over.store.list_newest(limit=10)[0] == []


def test_sweep_passes_over_files_that_a_dataset_is_taking_over(place: Place, over: Replica, engine: sa.Engine) -> None:
    """Also of a process that is gone: only the database knows of it then."""
    draft, swept = over.written(), []

    def sweep(_connection: sa.Connection) -> None:
        swept.append(over.sweeper.sweep())

    with engine.begin() as connection:
        take_over(connection, draft.names)
        sweep(connection)
    assert swept == [0]
    assert place.names() == set(draft.names)


def test_what_could_not_be_removed_is_swept_later(
    place: Place, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = replica.stored()
    replica.store.delete(dataset.id, "")
    with monkeypatch.context() as away:
        away.setattr(replica.storage, "remove", _refuse)
        replica.loose_files.remove(dataset.files)
    assert place.names() == set(dataset.files)
    assert replica.sweeper.sweep() == 2
    assert place.names() == set()


def _refuse(_names: object) -> None:
    raise StorageUnavailable("STORAGE_UNAVAILABLE", "away")


def test_files_that_no_row_knows_go_unless_their_names_are_not_ours(place: Place, replica: Replica) -> None:
    dataset, strangers = replica.stored(), [*new_names(".csv", ".parquet"), "report.csv"]
    for name in strangers:
        place.path(name).write_text("x")
    replica.storage.mark("demo.done")

    assert replica.sweeper.sweep_unknown() == 2
    assert place.names() == {*dataset.files, "report.csv", "demo.done"}


def test_leases_that_have_run_out_are_forgotten(replica: Replica, engine: sa.Engine) -> None:
    dataset = replica.stored()
    for holder in ("live", "over"):
        replica.store.acquire_lease(dataset.id, holder, 60)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE dataset.leases SET expires_at = clock_timestamp() WHERE holder = 'over'"))

    replica.sweeper.sweep()

    with engine.begin() as connection:
        assert list(connection.scalars(sa.text("SELECT holder FROM dataset.leases"))) == ["live"]


def test_dataset_that_has_expired_goes_with_its_files_unless_it_is_in_use_or_kept(
    place: Place, replica: Replica
) -> None:
    over, used, kept, young = (replica.stored(seconds) for seconds in (-1, -1, -1, 3600))
    replica.store.acquire_lease(used.id, "batch", 60)
    replica.store.update(kept.id, name=None, description=None, keep=True)

    assert replica.sweeper.sweep() == 2
    assert place.names() == {name for dataset in (used, kept, young) for name in dataset.files}
    assert replica.store.missing([over.id, used.id]) == {over.id}
    replica.store.release_lease(used.id, "batch")
    assert replica.sweeper.sweep() == 2
    assert [dataset.id for dataset in replica.store.list_newest(limit=10)[0]] == [kept.id]


def test_dataset_that_comes_into_use_while_it_is_swept_stays(replica: Replica, engine: sa.Engine) -> None:
    dataset = replica.stored(-1)
    lease = "INSERT INTO dataset.leases VALUES (:id, 'batch', clock_timestamp() + interval '1 minute')"
    with engine.begin() as connection:
        connection.execute(sa.text(lease), {"id": dataset.id})
        assert replica.sweeper.sweep() == 0

    assert replica.store.get(dataset.id) == dataset
