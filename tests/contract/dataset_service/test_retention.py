"""Datasets that were uploaded or kept long ago leave with their files; those in use or shared stay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import sharing_pb2
from daegu.retention.v1 import retention_pb2, retention_pb2_grpc

from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service
from tests.contract.prediction_service.running_service import rows
from tests.eventually import eventually

CSV = "구,건수\n중구,1\n동구,2\n".encode()


@pytest.fixture
async def client(database_url: str, tmp_path: Path) -> AsyncIterator[DatasetClient]:
    async with running_dataset_service(database_url, tmp_path / "datasets") as client:
        yield client


async def upload(client: DatasetClient, count: int) -> list[str]:
    return [(await client.upload(CSV)).dataset.dataset_id for _ in range(count)]


def age(database_url: str, *dataset_ids: str, days: int = 40) -> None:
    change = (
        "UPDATE dataset.datasets SET uploaded_at = uploaded_at - make_interval(days => %s) WHERE id = ANY(%s::uuid[])"
    )
    rows(database_url, change, days, list(dataset_ids))


async def forget(client: DatasetClient, days: int = 30, **fields: Any) -> retention_pb2.ForgetResponse:
    request = retention_pb2.ForgetRequest(kind=retention_pb2.KIND_DATASETS, days=days, **fields)
    response: retention_pb2.ForgetResponse = await retention_pb2_grpc.RetentionServiceStub(client.channel).Forget(
        request
    )
    return response


def left(database_url: str) -> set[str]:
    return {str(dataset_id) for (dataset_id,) in rows(database_url, "SELECT id FROM dataset.datasets")}


def waiting_for_a_lock(database_url: str) -> int:
    waiting = "datname = current_database() AND wait_event_type = 'Lock'"
    return len(rows(database_url, f"SELECT pid FROM pg_stat_activity WHERE {waiting}"))


async def test_old_datasets_go_with_their_files_and_young_ones_stay(client: DatasetClient, database_url: str) -> None:
    old, older, young = await upload(client, 3)
    files = client.files()
    age(database_url, old)
    age(database_url, older, days=400)
    age(database_url, young, days=29)
    answer = await forget(client)
    assert (answer.forgotten, answer.is_done) == (2, True)
    assert left(database_url) == {young}
    assert len(files - client.files()) == 4
    await client.read(young)
    assert (await forget(client)).forgotten == 0


async def test_dataset_that_is_leased_shared_or_was_kept_later_stays(client: DatasetClient, database_url: str) -> None:
    leased, shared, kept, expired_link = await upload(client, 4)
    age(database_url, leased, shared, kept, expired_link)
    await client.datasets.AcquireLease(pb.AcquireLeaseRequest(dataset_id=leased, holder="batch"))
    links = [
        (await client.sharing.CreateShareLink(sharing_pb2.CreateShareLinkRequest(dataset_id=dataset_id))).link
        for dataset_id in (shared, expired_link)
    ]
    await client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=kept, keep=True))
    rows(database_url, "UPDATE dataset.share_links SET expires_at = now() WHERE dataset_id = %s", expired_link)

    assert (await forget(client)).forgotten == 1
    assert left(database_url) == {leased, shared, kept}

    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=leased, holder="batch"))
    revoke = sharing_pb2.RevokeShareLinkRequest(dataset_id=shared, link_id=links[0].link_id)
    await client.sharing.RevokeShareLink(revoke)
    assert (await forget(client)).forgotten == 2
    assert left(database_url) == {kept}


async def test_dataset_that_comes_into_use_while_it_is_deleted_stays(client: DatasetClient, database_url: str) -> None:
    (dataset_id,) = await upload(client, 1)
    age(database_url, dataset_id)
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        lease = "INSERT INTO dataset.leases VALUES (%s, 'batch', clock_timestamp() + interval '1 minute')"
        cursor.execute(lease, (dataset_id,))  # it is listed as unused until this is committed
        deleting = asyncio.create_task(forget(client))
        await eventually(lambda: waiting_for_a_lock(database_url) == 1)
        connection.commit()
    assert (await deleting).forgotten == 0
    assert left(database_url) == {dataset_id}


async def test_more_datasets_than_a_call_looks_at_are_walked_through_although_some_stay(
    client: DatasetClient, database_url: str
) -> None:
    (dataset_id,) = await upload(client, 1)
    columns = "name, description, file_name, table_hash, rows, columns, size_bytes, encoding, delimiter, bytes_hash"
    columns += ", content_hash, profile, reading, chosen, request_hash"
    copies = f"""
        INSERT INTO dataset.datasets (id, original_file, table_file, uploaded_at, {columns})
        SELECT gen_random_uuid(), n || '.csv', n || '.parquet', now() - n * interval '1 day', {columns}
          FROM dataset.datasets, generate_series(40, 89) AS n
    """
    rows(database_url, copies)
    used = "INSERT INTO dataset.leases SELECT id, 'batch', now() + interval '1 minute' FROM dataset.datasets"
    rows(database_url, f"{used} WHERE original_file ~ '^[0-9]*[5-9]\\.csv$'")
    answers = [await forget(client)]
    while not answers[-1].is_done:
        answers.append(await forget(client, after=answers[-1].next))
    assert [answer.forgotten for answer in answers] == [10, 10, 5]
    assert len(left(database_url)) == 26
    assert dataset_id in left(database_url)


async def test_place_must_be_one_of_an_answer(client: DatasetClient) -> None:
    assert (await refusal(forget(client, after="somewhere"))).reason == "REQUEST_INVALID"
