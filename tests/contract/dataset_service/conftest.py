"""One dataset service for the tests of a file; each begins with no dataset."""

from collections.abc import AsyncIterator, Iterator

import psycopg2
import pytest

from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.real_servers import Postgres


@pytest.fixture(scope="module")
def module_database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="module")
async def service(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DatasetClient]:
    async with running_dataset_service(module_database, tmp_path_factory.mktemp("datasets")) as client:
        yield client


@pytest.fixture
def client(service: DatasetClient, module_database: str) -> DatasetClient:
    with psycopg2.connect(module_database) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE dataset.datasets CASCADE")
    connection.close()
    for name in service.files():
        (service.storage / name).unlink()
    return service
