"""Health tells the truth about the database and the storage."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.remote_errors import read_remote_error
from tests.contract.dataset_service.running_service import (
    DatasetClient,
    refusal,
    running_dataset_service,
    upload_messages,
)
from tests.eventually import eventually
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


@pytest.mark.parametrize("is_empty_one_left", [False, True])
async def test_lost_folder_is_not_taken_for_damage_and_nothing_is_stored_beside_it(
    database_url: str, tmp_path: Path, is_empty_one_left: bool
) -> None:
    folder, elsewhere = tmp_path / "d", tmp_path / "elsewhere"
    async with running_dataset_service(database_url, folder) as client:
        kept = await client.upload(b"a,b\n1,2\n")

        def lose() -> None:
            folder.rename(elsewhere)
            if is_empty_one_left:
                folder.mkdir()

        async def lost_midway() -> AsyncIterator[pb.UploadDatasetRequest]:
            *first, last = upload_messages(b"a,b\n5,6\n")
            for message in first:
                yield message
            await eventually(lambda: bool(list(folder.glob("*.part"))))
            lose()
            yield last

        for call in (
            client.datasets.UploadDataset(lost_midway()),
            client.upload(b"a,b\n3,4\n"),
            client.read(kept.dataset.dataset_id),
        ):
            assert (await refusal(call)).reason == "STORAGE_UNAVAILABLE"
        if is_empty_one_left:
            folder.rmdir()  # nothing was written there
        elsewhere.rename(folder)
        assert await client.read(kept.dataset.dataset_id) != b""
        assert await client.total() == 1


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
