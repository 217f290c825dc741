"""A dataset service in a process of its own, with its database and its folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.dataset_service.dataset_process import DatasetProcess
from tests.real_servers import Postgres


@pytest.fixture
def process(database_url: str, tmp_path: Path) -> Iterator[DatasetProcess]:
    """The process, not started yet."""
    process = DatasetProcess(database_url, tmp_path)
    yield process
    process.end()


@pytest.fixture(scope="module")
def shared_process(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatasetProcess]:
    """One process for the tests of a file, one after another on the same rows and files; not started yet."""
    url = postgres.new_database()
    process = DatasetProcess(url, tmp_path_factory.mktemp("crash"))
    yield process
    process.end()
    postgres.drop_database(url)
