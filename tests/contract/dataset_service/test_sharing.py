"""The contract of share links: seven days by the clock of the database, and only the hash of a token is kept."""

import asyncio
import hashlib
from datetime import UTC, timedelta
from typing import Any

import grpc
import psycopg2
import pytest
from daegu.dataset.v1 import dataset_pb2, sharing_pb2
from daegu.dataset.v1 import sharing_pb2 as pb

from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal

CSV = b"a,b\n1,2\n"


async def share(client: DatasetClient, dataset_id: str) -> pb.CreateShareLinkResponse:
    return await client.sharing.CreateShareLink(pb.CreateShareLinkRequest(dataset_id=dataset_id))


async def open_link(client: DatasetClient, token: str) -> pb.OpenShareLinkResponse:
    return await client.sharing.OpenShareLink(pb.OpenShareLinkRequest(share_token=token))


async def links(client: DatasetClient, dataset_id: str) -> list[sharing_pb2.ShareLink]:
    listed = await client.sharing.ListShareLinks(pb.ListShareLinksRequest(dataset_id=dataset_id))
    return list(listed.links)


def execute(database_url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


async def test_link_opens_its_dataset_and_counts_its_views(client: DatasetClient) -> None:
    stored = await client.upload(CSV)
    new = await share(client, stored.dataset.dataset_id)

    opened = [await open_link(client, new.share_token) for _ in range(3)][-1]

    assert (opened.dataset, opened.profile) == (stored.dataset, stored.profile)
    assert (opened.link.link_id, opened.link.views) == (new.link.link_id, 3)
    lives = opened.link.expires_at.ToDatetime(UTC) - opened.link.created_at.ToDatetime(UTC)
    assert lives == timedelta(days=7)
    assert [link.views for link in await links(client, stored.dataset.dataset_id)] == [3]


async def test_look_whether_a_link_is_valid_counts_no_view(client: DatasetClient) -> None:
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    look = pb.OpenShareLinkRequest(share_token=new.share_token, is_look=True)

    opened = [await client.sharing.OpenShareLink(look) for _ in range(2)][-1]

    assert (opened.link.link_id, opened.link.views) == (new.link.link_id, 0)
    await client.sharing.RevokeShareLink(
        pb.RevokeShareLinkRequest(dataset_id=new.link.dataset_id, link_id=new.link.link_id)
    )
    assert (await refusal(client.sharing.OpenShareLink(look))).reason == "SHARE_LINK_EXPIRED"


async def test_views_at_once_are_all_counted(client: DatasetClient) -> None:
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    await asyncio.gather(*(open_link(client, new.share_token) for _ in range(20)))
    assert (await open_link(client, new.share_token)).link.views == 21


async def test_token_is_long_and_only_its_hash_is_stored(client: DatasetClient, module_database: str) -> None:
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    ((token_hash, row),) = execute(module_database, "SELECT token_hash, share_links::text FROM dataset.share_links")
    assert bytes(token_hash) == hashlib.sha256(new.share_token.encode()).digest()
    assert new.share_token not in str(row)
    assert len(new.share_token) >= 43


@pytest.mark.parametrize(("seconds", "opens"), [(1, True), (0, False), (-1, False)])
async def test_link_ends_by_the_clock_of_the_database(
    client: DatasetClient, module_database: str, seconds: int, opens: bool
) -> None:
    """At T-1 s it opens, at T and T+1 s it does not; the row is moved instead of the clock."""
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    margin = 30 if opens else 0  # so that a slow machine is no reason to fail
    execute(
        module_database,
        "UPDATE dataset.share_links SET expires_at = clock_timestamp() + make_interval(secs => %s)",
        seconds + margin,
    )
    if opens:
        assert (await open_link(client, new.share_token)).link.views == 1
        return
    error = await refusal(open_link(client, new.share_token))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SHARE_LINK_EXPIRED")
    assert [link.views for link in await links(client, new.link.dataset_id)] == [0]


async def test_expiry_is_the_same_moment_in_every_zone(client: DatasetClient, module_database: str) -> None:
    name = module_database.rsplit("/", 1)[1]
    execute(module_database, f'ALTER DATABASE "{name}" SET timezone TO %s', "Pacific/Kiritimati")
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    seconds = new.link.expires_at.seconds - new.link.created_at.seconds
    assert seconds == 7 * 24 * 3600
    assert (await open_link(client, new.share_token)).link.expires_at == new.link.expires_at


async def test_revoked_link_opens_no_more_and_says_when(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    new = await share(client, dataset_id)
    request = pb.RevokeShareLinkRequest(dataset_id=dataset_id, link_id=new.link.link_id)

    revoked = (await client.sharing.RevokeShareLink(request)).link
    assert revoked.HasField("revoked_at")
    assert (await refusal(open_link(client, new.share_token))).reason == "SHARE_LINK_EXPIRED"
    assert (await client.sharing.RevokeShareLink(request)).link == revoked
    assert await links(client, dataset_id) == [revoked]


async def test_links_are_listed_newest_first(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    made = [(await share(client, dataset_id)).link for _ in range(3)]
    assert await links(client, dataset_id) == made[::-1]


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 101, "é한\n", "' OR 1=1 --", "\0"])
async def test_unknown_token_is_not_found(client: DatasetClient, token: str) -> None:
    error = await refusal(open_link(client, token))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "SHARE_LINK_NOT_FOUND")


async def test_unknown_datasets_and_links_are_not_found(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    other_id = (await client.upload(CSV)).dataset.dataset_id
    link_id = (await share(client, other_id)).link.link_id
    assert (await refusal(share(client, new_id()))).reason == "DATASET_NOT_FOUND"
    assert (await refusal(links(client, new_id()))).reason == "DATASET_NOT_FOUND"
    for wrong in (link_id, new_id()):
        request = pb.RevokeShareLinkRequest(dataset_id=dataset_id, link_id=wrong)
        assert (await refusal(client.sharing.RevokeShareLink(request))).reason == "SHARE_LINK_NOT_FOUND"
    request = pb.RevokeShareLinkRequest(dataset_id=dataset_id, link_id="x")
    assert [v.field for v in (await refusal(client.sharing.RevokeShareLink(request))).violations] == ["link_id"]


async def test_each_page_of_links_begins_behind_the_one_before(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    ids = [(await share(client, dataset_id)).link.link_id for _ in range(3)]

    first = await client.sharing.ListShareLinks(pb.ListShareLinksRequest(dataset_id=dataset_id, limit=2))
    await share(client, dataset_id)
    rest = await client.sharing.ListShareLinks(
        pb.ListShareLinksRequest(dataset_id=dataset_id, limit=2, after=first.next)
    )

    assert [[link.link_id for link in page.links] for page in (first, rest)] == [[ids[2], ids[1]], [ids[0]]]
    assert not rest.HasField("next")


async def test_links_go_with_their_dataset(client: DatasetClient) -> None:
    new = await share(client, (await client.upload(CSV)).dataset.dataset_id)
    await client.datasets.DeleteDataset(dataset_pb2.DeleteDatasetRequest(dataset_id=new.link.dataset_id))
    assert (await refusal(open_link(client, new.share_token))).reason == "SHARE_LINK_NOT_FOUND"


async def test_a_dataset_has_at_most_a_hundred_live_links(client: DatasetClient, module_database: str) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    first = await share(client, dataset_id)
    execute(
        module_database,
        "INSERT INTO dataset.share_links (id, dataset_id, token_hash, expires_at) SELECT gen_random_uuid(), %s, "
        "sha256(number::text::bytea), now() + interval '1 day' FROM generate_series(1, 98) AS number",
        dataset_id,
    )
    outcomes = await asyncio.gather(*(share(client, dataset_id) for _ in range(5)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert [error.code() for error in refused] == [grpc.StatusCode.FAILED_PRECONDITION] * 4
    await client.sharing.RevokeShareLink(pb.RevokeShareLinkRequest(dataset_id=dataset_id, link_id=first.link.link_id))
    await share(client, dataset_id)
