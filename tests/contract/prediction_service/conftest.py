"""One service for the tests of a file, on a database of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.prediction_service.running_service import RunningService, running_service
from tests.real_servers import Postgres, ServerProcess


@pytest.fixture(scope="module")
async def service(postgres: Postgres, valkey: ServerProcess) -> AsyncIterator[RunningService]:
    """The running service."""
    database_url = postgres.new_database()
    async with running_service(database_url, valkey.url) as service:
        yield service
    postgres.drop_database(database_url)
