"""PostgreSQL goes and comes back: quick refusals meanwhile, and afterwards files are rows again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
from daegu.dataset.v1 import dataset_pb2 as pb

from tests.contract.dataset_service.running_service import refusal, running_dataset_service, upload_messages
from tests.eventually import eventually
from tests.patience import no_limit_passed
from tests.real_servers import running_postgres

CSV = "구,값\n중구,1\n".encode()


async def test_database_that_is_killed_during_an_upload(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as postgres:
        url = postgres.new_database()
        async with running_dataset_service(url, tmp_path / "d", sweep_seconds=0.5, draft_seconds=2) as client:
            kept = (await client.upload(CSV)).dataset.dataset_id
            may_go_on = asyncio.Event()

            async def upload() -> AsyncIterator[pb.UploadDatasetRequest]:
                first, *others = upload_messages(CSV, file_name="a.csv")
                yield first
                await may_go_on.wait()
                for message in others:
                    yield message

            uploading = asyncio.ensure_future(client.datasets.UploadDataset(upload()))
            await eventually(lambda: len(client.files()) == 3)
            await asyncio.to_thread(postgres.process.kill)
            may_go_on.set()

            for call in (
                uploading,
                client.upload(CSV, idempotency_key="k"),
                client.read(kept),
                client.datasets.ListDatasets(pb.ListDatasetsRequest()),
            ):
                with no_limit_passed():
                    error = await refusal(call)
                assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")

            await asyncio.to_thread(postgres.process.start)
            await eventually(lambda: len(client.files()) == 2)
            assert await client.total() == 1
            again = await client.upload(CSV, idempotency_key="k")
            assert await client.read(kept) == await client.read(again.dataset.dataset_id)
            assert (await client.total(), len(client.files())) == (2, 4)
