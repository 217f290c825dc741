"""The contract of leases: a dataset in use stays; what has run out counts no more."""

import asyncio
from datetime import UTC, datetime, timedelta

import grpc
import psycopg2
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal

CSV = b"a,b\n1,2\n"


async def acquire(client: DatasetClient, dataset_id: str, holder: str = "page", seconds: int = 0) -> datetime:
    request = pb.AcquireLeaseRequest(dataset_id=dataset_id, holder=holder, seconds=seconds)
    answer = await client.datasets.AcquireLease(request)
    return answer.expires_at.ToDatetime(UTC)


async def delete(client: DatasetClient, dataset_id: str, holder: str = "") -> None:
    await client.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=dataset_id, holder=holder))


def move_expiry(database_url: str, seconds_from_now: float) -> None:
    """Moves all leases so that they run out so many seconds from now, by the clock of the database."""
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dataset.leases SET expires_at = clock_timestamp() + make_interval(secs => %s)", (seconds_from_now,)
        )
    connection.close()


async def test_dataset_in_use_is_not_deleted_until_it_is_released(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    await acquire(client, dataset_id)

    error = await refusal(delete(client, dataset_id))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "DATASET_IN_USE")
    assert len(client.files()) == 2

    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder="page"))
    await delete(client, dataset_id)
    assert (client.files(), await client.total()) == (set(), 0)


async def test_own_lease_does_not_stand_in_the_way_but_anothers_does(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    await acquire(client, dataset_id, "mine")
    await acquire(client, dataset_id, "theirs")
    assert (await refusal(delete(client, dataset_id, "mine"))).reason == "DATASET_IN_USE"
    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder="theirs"))
    await delete(client, dataset_id, "mine")


async def test_lease_lives_90_seconds_or_as_asked_and_is_prolonged_by_repeating_it(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    for seconds, expected in ((0, 90), (1, 1), (600, 600)):
        before = datetime.now(UTC)
        until = await acquire(client, dataset_id, "page", seconds)
        assert before < until - timedelta(seconds=expected) < datetime.now(UTC)


@pytest.mark.parametrize(("seconds", "is_in_use"), [(-1.0, False), (0.0, False), (1.0, True)])
async def test_lease_ends_by_the_clock_of_the_database(
    client: DatasetClient, module_database: str, seconds: float, is_in_use: bool
) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    await acquire(client, dataset_id)
    move_expiry(module_database, seconds * (60 if is_in_use else 1))
    if is_in_use:
        assert (await refusal(delete(client, dataset_id))).reason == "DATASET_IN_USE"
    else:
        await delete(client, dataset_id)


async def test_releasing_what_is_not_held_is_no_error(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder="nobody"))
    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=new_id(), holder="nobody"))


async def test_unknown_datasets_and_unusable_requests_are_refused(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    assert (await refusal(acquire(client, new_id()))).reason == "DATASET_NOT_FOUND"
    assert (await refusal(delete(client, new_id()))).reason == "DATASET_NOT_FOUND"
    for holder, seconds in (("", 0), ("x" * 201, 0), ("a\0", 0), ("page", -1), ("page", 601)):
        assert (await refusal(acquire(client, dataset_id, holder, seconds))).reason == "REQUEST_INVALID"
    assert (await refusal(delete(client, "not an id"))).reason == "REQUEST_INVALID"


async def test_deletion_and_use_at_once_never_both_succeed(client: DatasetClient) -> None:
    for round_number in range(20):
        dataset_id = (await client.upload(CSV)).dataset.dataset_id
        outcomes = await asyncio.gather(
            *(acquire(client, dataset_id, f"page {number}") for number in range(3)),
            delete(client, dataset_id),
            *(acquire(client, dataset_id, f"late {number}") for number in range(3)),
            return_exceptions=True,
        )
        codes = {outcome.code() for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)}
        assert codes <= {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION}
        was_deleted = not isinstance(outcomes[3], BaseException)
        leases = [outcome for outcome in outcomes if isinstance(outcome, datetime)]
        assert was_deleted == (not leases), f"round {round_number}: {outcomes}"
        if not was_deleted:
            for number in range(3):
                for name in ("page", "late"):
                    holder = f"{name} {number}"
                    await client.datasets.ReleaseLease(pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder=holder))
            await delete(client, dataset_id)
    assert (client.files(), await client.total()) == (set(), 0)
