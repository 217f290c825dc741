"""Places for files that several replicas share: a folder, and a bucket of a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.integration.dataset_service.places import BucketPlace, FolderPlace, Place
from tests.real_bucket import BucketServer, running_bucket


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    with running_bucket(tmp_path_factory.mktemp("bucket")) as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return FolderPlace(tmp_path)
    return BucketPlace(tmp_path, request.getfixturevalue("bucket"))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg2://"))
    yield engine
    engine.dispose()
