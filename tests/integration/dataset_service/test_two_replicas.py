"""Two dataset services on the same rows and files, as if each ran on a machine of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import NamedTuple

import grpc
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from dataset_service.demo.accidents import NAME
from dataset_service.demo.first_run import DEMO_MARK
from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.eventually import eventually
from tests.integration.dataset_service.places import Place

CSV = "구,값\n중구,1\n동구,2\n".encode("cp949")


class Replicas(NamedTuple):
    one: DatasetClient
    two: DatasetClient


async def start(stack: AsyncExitStack, database_url: str, place: Place, **settings: object) -> Replicas:
    return Replicas(
        *[
            await stack.enter_async_context(
                running_dataset_service(database_url, place.directory, **{**place.settings(machine), **settings})
            )
            for machine in Replicas._fields
        ]
    )


@pytest.fixture
async def replicas(database_url: str, place: Place) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        yield await start(stack, database_url, place)


async def read(client: DatasetClient, dataset_id: str) -> str:
    return (await client.read(dataset_id, format=pb.DATA_FORMAT_CSV)).decode()


async def test_what_one_stores_the_other_reads_changes_and_deletes(replicas: Replicas, place: Place) -> None:
    one, two = replicas
    dataset_id = (await one.upload(CSV, encoding="gb18030")).dataset.dataset_id
    misread = await read(two, dataset_id)
    await two.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=dataset_id, encoding="cp949"))
    assert "중구" in await read(one, dataset_id)
    assert misread != await read(one, dataset_id) == await read(two, dataset_id)

    await one.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=dataset_id))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await two.read(dataset_id)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    assert place.names() == set()
    for machine in Replicas._fields:
        await eventually(lambda machine=machine: not place.copies(machine))  # type: ignore[misc]


async def test_uploads_with_one_key_at_once_are_stored_once(replicas: Replicas, place: Place) -> None:
    uploads = [client.upload(CSV, idempotency_key="k") for client in replicas for _ in range(3)]
    assert len({answer.dataset.dataset_id for answer in await asyncio.gather(*uploads)}) == 1
    assert await replicas.one.total() == 1
    await eventually(lambda: len(place.names()) == 2)


async def test_rereading_at_once_leaves_one_table(replicas: Replicas, place: Place) -> None:
    dataset_id = (await replicas.one.upload(CSV)).dataset.dataset_id
    request = pb.RereadDatasetRequest(dataset_id=dataset_id, encoding="cp949")
    await asyncio.gather(*(client.datasets.RereadDataset(request) for client in replicas for _ in range(2)))
    assert await read(replicas.one, dataset_id) == await read(replicas.two, dataset_id)
    await eventually(lambda: len(place.names()) == 2)


async def test_table_that_both_find_damaged_is_rebuilt(replicas: Replicas, place: Place) -> None:
    dataset_id = (await replicas.one.upload(CSV)).dataset.dataset_id
    data = await read(replicas.one, dataset_id)
    (table,) = (name for name in place.names() if name.endswith(".parquet"))
    place.path(table).write_bytes(b"x" * place.path(table).stat().st_size)
    place.forget_copy(table)

    answers = await asyncio.gather(*(read(client, dataset_id) for client in replicas for _ in range(3)))

    assert answers == [data] * 6
    await eventually(lambda: len(place.names()) == 2)


async def test_example_of_two_that_start_at_once_is_stored_once(database_url: str, place: Place) -> None:
    async with AsyncExitStack() as stack:
        _, two = await start(stack, database_url, place, demo=True)
        await eventually(lambda: DEMO_MARK in place.names())
        (dataset,) = (await two.datasets.ListDatasets(pb.ListDatasetsRequest())).datasets
        assert dataset.name == NAME
        await eventually(lambda: len(place.names()) == 3)
