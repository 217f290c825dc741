"""Health tells the truth about the database and the storage."""

from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.remote_errors import read_remote_error
from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.real_servers import Postgres

SERVICES = {f"daegu.dataset.v1.{name}Service" for name in ("Dataset", "Sharing", "Analysis")}


async def not_serving(client: DatasetClient) -> set[str]:
    answer = await health_pb2_grpc.HealthStub(client.channel).List(health_pb2.HealthListRequest())
    serving = health_pb2.HealthCheckResponse.SERVING
    assert set(answer.statuses) == {"", "database", "storage", *SERVICES}
    return {name for name, status in answer.statuses.items() if status.status != serving}


async def test_lost_folder_is_told(database_url: str, tmp_path: Path) -> None:
    async with running_dataset_service(database_url, tmp_path / "d") as client:
        (tmp_path / "d").rename(tmp_path / "elsewhere")
        assert await not_serving(client) == {"storage", *SERVICES}


async def test_full_disk_is_told_and_refused_in_words_while_reading_goes_on(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_dataset_service(database_url, tmp_path / "d") as client:
        kept = await client.upload(b"a,b\n1,2\n")
        with monkeypatch.context() as full:
            full.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await client.upload(b"a,b\n3,4\n")
            error = read_remote_error(refused.value)
            assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "STORAGE_FULL")
            assert await not_serving(client) == {"storage"}
            assert await client.read(kept.dataset.dataset_id) != b""
        await client.upload(b"a,b\n5,6\n")
        while await not_serving(client):
            pass
        assert len(client.files()) == 4  # health leaves none behind


async def test_lost_database_is_told(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    async with running_dataset_service(url, tmp_path / "d") as client:
        postgres.drop_database(url)
        assert await not_serving(client) == {"database", *SERVICES}
