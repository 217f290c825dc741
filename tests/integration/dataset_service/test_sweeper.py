"""The sweeper takes what is left behind, and nothing that is being written or was stored."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.profile import ColumnProfile, Profile
from dataset_service.reading.csv_reader import NewTable
from dataset_service.reading.reading import Reading
from dataset_service.storage.files import Draft, Storage
from dataset_service.storage.store import DatasetStore, NewDataset
from dataset_service.storage.sweeper import Sweeper
from servicekit.ids import new_id
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS

COLUMN = ColumnProfile("값", ColumnKind.INTEGER, 1, 0, ("1",))
TABLE = NewTable("", 1, Reading("utf-8", ","), Profile((COLUMN,), 0, 0, (), None, "", (), ()))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg2://"))
    yield engine
    engine.dispose()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = Storage(tmp_path / "datasets")
    with storage.owned():
        yield storage


@pytest.fixture
def forgotten() -> list[str]:
    return []


@pytest.fixture
def sweeper(storage: Storage, engine: sa.Engine, forgotten: list[str]) -> Sweeper:
    return Sweeper(storage, DatasetStore(engine), forgotten.append, every_seconds=60)


def written(storage: Storage) -> Draft:
    draft = storage.new_draft(".csv", ".parquet")
    for name in draft.names:
        storage.part_path(name).write_text("x")
    return draft


def row(draft: Draft, kept_seconds: int | None = None) -> NewDataset:
    original, table = draft.names
    return NewDataset(new_id(), "이름", "", "a.csv", original, table, 1, "h", "h", None, "", kept_seconds)


def test_files_without_a_row_go_and_files_with_one_stay(storage: Storage, engine: sa.Engine, sweeper: Sweeper) -> None:
    kept, left, unfinished = (written(storage) for _ in range(3))
    storage.publish(kept)
    storage.publish(left)
    DatasetStore(engine).create(row(kept), TABLE)
    for draft in (kept, left, unfinished):
        storage.let_go(draft)

    assert sweeper.sweep() == 4
    assert storage.names() == set(kept.names)
    assert sweeper.sweep() == 0


def test_files_that_are_being_written_stay(storage: Storage, sweeper: Sweeper) -> None:
    draft, published = written(storage), written(storage)
    storage.publish(published)
    assert sweeper.sweep() == 0
    assert len(storage.names()) == 4
    storage.let_go(draft)
    storage.let_go(published)
    assert sweeper.sweep() == 4


def test_sweep_waits_for_a_commit_that_is_under_way(
    storage: Storage, sweeper: Sweeper, engine: sa.Engine, database_url: str
) -> None:
    """Also for one whose process is gone: only the database knows of it then."""
    draft = written(storage)
    storage.publish(draft)
    storage.let_go(draft)
    store, swept = DatasetStore(engine), []
    inserted, may_commit = threading.Event(), threading.Event()

    def hold(_connection: sa.Connection) -> None:
        inserted.set()
        assert may_commit.wait(PATIENCE_SECONDS)

    sa.event.listen(engine, "commit", hold, once=True)
    committing = threading.Thread(target=lambda: store.create(row(draft), TABLE))
    committing.start()
    assert inserted.wait(PATIENCE_SECONDS)
    sweeping = threading.Thread(target=lambda: swept.append(sweeper.sweep()))
    sweeping.start()
    wait_until(lambda: _waiting_for_a_lock(database_url) == 1)
    may_commit.set()
    committing.join()
    sweeping.join()

    assert swept == [0]
    assert storage.names() == set(draft.names)


def _waiting_for_a_lock(database_url: str) -> int:
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        is_waiting = "datname = current_database() AND wait_event_type = 'Lock'"
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {is_waiting}")
        (count,) = cursor.fetchone() or (0,)
    connection.close()
    return int(count)


def test_leases_that_have_run_out_are_forgotten(storage: Storage, sweeper: Sweeper, engine: sa.Engine) -> None:
    store, draft = DatasetStore(engine), written(storage)
    storage.publish(draft)
    (dataset, *_), _ = store.create(row(draft), TABLE)
    for holder in ("live", "over"):
        store.acquire_lease(dataset.id, holder, 60)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE dataset.leases SET expires_at = clock_timestamp() WHERE holder = 'over'"))

    sweeper.sweep()

    with engine.begin() as connection:
        assert list(connection.scalars(sa.text("SELECT holder FROM dataset.leases"))) == ["live"]


def test_dataset_that_has_expired_goes_with_its_files_unless_it_is_in_use_or_kept(
    storage: Storage, sweeper: Sweeper, engine: sa.Engine, forgotten: list[str]
) -> None:
    store = DatasetStore(engine)
    drafts = [written(storage) for _ in range(4)]
    for draft in drafts:
        storage.publish(draft)
        storage.let_go(draft)
    lifetimes = (-1, -1, -1, 3600)
    over, used, kept, _ = (
        store.create(row(draft, seconds), TABLE)[0].dataset.id for draft, seconds in zip(drafts, lifetimes, strict=True)
    )
    store.acquire_lease(used, "batch", 60)
    store.update(kept, name=None, description=None, keep=True)

    assert sweeper.sweep() == 2
    assert forgotten == [over]
    assert storage.names() == {name for draft in drafts[1:] for name in draft.names}
    store.release_lease(used, "batch")
    assert sweeper.sweep() == 2
    assert [dataset.id for dataset in store.list_newest(limit=10, offset=0)[0]] == [kept]


def test_dataset_that_comes_into_use_while_it_is_swept_stays(
    storage: Storage, sweeper: Sweeper, engine: sa.Engine, database_url: str
) -> None:
    store, draft = DatasetStore(engine), written(storage)
    storage.publish(draft)
    dataset = store.create(row(draft, -1), TABLE)[0].dataset
    lease = "INSERT INTO dataset.leases VALUES (:id, 'batch', clock_timestamp() + interval '1 minute')"
    with engine.begin() as connection:
        connection.execute(sa.text(lease), {"id": dataset.id})
        sweeping = threading.Thread(target=sweeper.sweep)
        sweeping.start()
        wait_until(lambda: _waiting_for_a_lock(database_url) == 1)
    sweeping.join(PATIENCE_SECONDS)

    assert store.get(dataset.id) == dataset
