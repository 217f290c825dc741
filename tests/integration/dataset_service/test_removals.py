"""What one replica deletes is given up by all, also by one that was not listening at that moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from dataset_service.analysis.frame.frames import Frame, Frames
from dataset_service.storage.files import Storage
from dataset_service.storage.loose_file_store import FILES_REMOVED, LooseFileStore
from dataset_service.storage.removals import Removals
from dataset_service.storage.store import DatasetStore
from servicekit.notifications import notifications
from servicekit.settings import DatabaseSettings
from tests.eventually import eventually
from tests.integration.dataset_service.places import BucketPlace
from tests.integration.dataset_service.test_sweeper import Replica
from tests.real_bucket import BucketServer
from tests.real_servers import Postgres

FRAME = Frame(pa.table({"값": [1]}))


@pytest.fixture
async def storage(tmp_path: Path, bucket: BucketServer) -> AsyncIterator[Storage]:
    with (storage := BucketPlace(tmp_path, bucket).storage()).opened():
        yield storage


@pytest.fixture
def frames() -> Frames:
    return Frames(1 << 20, read=lambda _: FRAME)


@pytest.fixture
async def listening(storage: Storage, frames: Frames, engine: sa.Engine, database_url: str) -> AsyncIterator[None]:
    """A replica that keeps frames and copies, and listens."""
    removals = Removals(storage, frames, DatasetStore(engine), LooseFileStore(engine))
    settings = DatabaseSettings(DATABASE_URL=database_url)
    task = asyncio.create_task(removals.follow(notifications(settings, FILES_REMOVED)))
    await eventually(lambda: _listening(engine) == 1)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _listening(engine: sa.Engine) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    with engine.begin() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


async def test_deleted_dataset_is_given_up_and_others_are_kept(
    storage: Storage, frames: Frames, engine: sa.Engine, listening: None
) -> None:
    other = Replica(storage, engine)
    kept, deleted = [await asyncio.to_thread(other.stored) for _ in range(2)]
    for dataset in (kept, deleted):
        frames.get(dataset.id, dataset.content_hash, Path())

    await asyncio.to_thread(other.store.delete, deleted.id, "")

    await eventually(lambda: storage.copies() == set(kept.files))
    assert frames.kept() == {kept.id}
    frames.get(deleted.id, deleted.content_hash, Path())  # by one that had its row before
    assert frames.kept() == {kept.id}


async def test_what_was_deleted_while_the_database_was_away_is_given_up(
    storage: Storage, frames: Frames, engine: sa.Engine, listening: None, postgres: Postgres, database_url: str
) -> None:
    other = Replica(storage, engine)
    kept, deleted = [await asyncio.to_thread(other.stored) for _ in range(2)]
    for dataset in (kept, deleted):
        frames.get(dataset.id, dataset.content_hash, Path())

    with postgres.away(database_url):
        pass
    engine.dispose()
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM dataset.datasets WHERE id = :id"), {"id": deleted.id})

    await eventually(lambda: storage.copies() == set(kept.files))
    assert frames.kept() == {kept.id}
