"""Two replicas are restarted one after the other while datasets are uploaded and read: no call fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import dataset_pb2_grpc

from servicekit.channel import open_channel
from tests.contract.dataset_service.running_service import upload_messages
from tests.eventually import eventually
from tests.faults.dataset_service.dataset_process import DatasetProcess
from tests.patience import PATIENCE_SECONDS

CSV = "구,값\n".encode() + "중구,1\n동구,2\n".encode() * 5_000
READERS, UPLOADERS = 2, 2


@pytest.fixture
async def replicas(database_url: str, tmp_path: Path) -> AsyncIterator[list[DatasetProcess]]:
    settings = {"DATASET_DRAFT_SECONDS": "60", "DATASET_CONNECTION_SECONDS": "2"}
    replicas = [DatasetProcess(database_url, tmp_path, **settings) for _ in range(2)]
    await asyncio.gather(*(asyncio.to_thread(replica.start) for replica in replicas))
    yield replicas
    for replica in replicas:
        replica.end()


async def test_rolling_restart_fails_no_upload_and_no_download(replicas: list[DatasetProcess]) -> None:
    ids: list[str] = []
    reads = 0
    is_over = asyncio.Event()
    async with open_channel(",".join(replica.target for replica in replicas), cap_seconds=PATIENCE_SECONDS) as channel:
        stub = dataset_pb2_grpc.DatasetServiceStub(channel)

        async def upload() -> None:
            while not is_over.is_set():
                answer = await stub.UploadDataset(upload_messages(CSV, file_name="a.csv"))
                ids.append(answer.dataset.dataset_id)

        async def read() -> None:
            nonlocal reads
            await eventually(lambda: bool(ids))
            while not is_over.is_set():
                request = pb.ReadDatasetRequest(dataset_id=ids[reads % len(ids)], format=pb.DATA_FORMAT_CSV)
                data = b"".join([answer.chunk async for answer in stub.ReadDataset(request)])
                assert data.count("중구".encode()) == 5_000
                reads += 1

        async with AsyncExitStack() as stack:
            tasks = [asyncio.create_task(work()) for work in [upload] * UPLOADERS + [read] * READERS]
            stack.callback(is_over.set)
            for replica in replicas:
                before = len(ids), reads
                await eventually(lambda before=before: len(ids) > before[0] and reads > before[1])  # type: ignore[misc]
                assert replica.program
                assert await asyncio.to_thread(replica.program.stop) == 0
                await asyncio.to_thread(replica.start)
                await eventually(lambda program=replica.program: program.has_answered)  # type: ignore[misc]
        await asyncio.gather(*tasks)
    assert len(set(ids)) == len(ids) == len(replicas[0].rows())
    assert replicas[0].files_are_those_of_the_rows()
