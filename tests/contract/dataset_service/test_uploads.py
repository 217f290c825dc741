"""The contract of uploads, over a real port: what is taken, what is refused and why, and that nothing stays behind."""

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import grpc
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit import call_context
from servicekit.remote_errors import read_remote_error
from tests.contract.dataset_service.running_service import (
    CHUNK_BYTES,
    DatasetClient,
    refusal,
    running_dataset_service,
    upload_messages,
)
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS
from tests.unit.dataset_service.reading.csv_seeds import SEEDS, Refused

CSV = "구,사고수\n중구,1\n동구,2\n".encode()
LIMIT = 52_428_800


def large_csv(size_bytes: int) -> bytes:
    """Returns a CSV file of exactly this size."""
    row = b"2019-01-01 00,35.871,128.601,abcdefghij\n"
    header = b"when,lat,lng,word\n"
    whole, rest = divmod(size_bytes - len(header), len(row))
    if rest < 5:
        whole, rest = whole - 1, rest + len(row)
    return header + row * whole + b"," * 3 + b"x" * (rest - 4) + b"\n"


async def test_file_is_stored_or_refused_with_its_reason_and_facts(client: DatasetClient) -> None:
    one_of_each = {seed.expected.facts[:1]: seed for seed in SEEDS if isinstance(seed.expected, Refused)}
    for seed in one_of_each.values():
        assert isinstance(seed.expected, Refused)
        error = await refusal(client.upload(seed.content))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, seed.expected.reason)
        assert dict(seed.expected.facts).items() <= error.facts.items()
        assert (client.files(), await client.total()) == (set(), 0)
    assert (await client.upload(CSV)).dataset.rows == 2


async def test_file_of_52428800_bytes_is_taken_and_one_byte_more_is_not(client: DatasetClient) -> None:
    content = large_csv(LIMIT)
    assert len(content) == LIMIT
    stored = await client.upload(content)
    assert stored.dataset.size_bytes == LIMIT

    error = await refusal(client.upload(content + b"\n"))
    assert (error.code, error.reason) == (grpc.StatusCode.OUT_OF_RANGE, "FILE_TOO_LARGE")
    assert error.facts == {"limit": str(LIMIT)}
    assert (await client.total(), len(client.files())) == (1, 2)


@pytest.mark.parametrize("file_name", ["사고.xlsx", "사고.json", "사고", "사고.csv.gz", "csv", ""])
async def test_file_with_another_ending_is_not_csv(client: DatasetClient, file_name: str) -> None:
    if file_name == "":
        for given, shown in (("", "data.csv"), ("사고.TSV", "사고.TSV"), ("사고.txt", "사고.txt")):
            assert (await client.upload(CSV, given)).dataset.file_name == shown
        return
    error = await refusal(client.upload(CSV, file_name))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NOT_CSV")


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("cp949", "cp949"), ("EUC-KR", "cp949"), ("ms949", "cp949"), ("utf-8", None), ("utf-16", None)],
)
async def test_encoding_can_be_forced(client: DatasetClient, encoding: str, expected: str | None) -> None:
    content = CSV.decode().encode("cp949")
    if expected is None:
        error = await refusal(client.upload(content, encoding=encoding))
        assert (error.reason, error.facts["problem"]) == ("CSV_UNREADABLE", "ENCODING")
    else:
        assert (await client.upload(content, encoding=encoding)).dataset.encoding == expected


@pytest.mark.parametrize("encoding", ["klingon", "zip", "idna", "../../etc", "unicode_escape", "a" * 40])
async def test_unknown_encoding_is_refused(client: DatasetClient, encoding: str) -> None:
    error = await refusal(client.upload(CSV, encoding=encoding))
    assert (error.reason, error.facts["problem"]) == ("CSV_UNREADABLE", "ENCODING_UNKNOWN")


async def test_repeated_key_answers_with_the_first_dataset(client: DatasetClient) -> None:
    answers = await asyncio.gather(*(client.upload(CSV, idempotency_key="schlüssel-1") for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert (await client.total(), len(client.files())) == (1, 2)
    first = answers[0].dataset.dataset_id
    await client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=first, name="다른 이름"))
    assert (await client.upload(CSV, idempotency_key="schlüssel-1")).dataset.dataset_id == first


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (CSV + b"\n", {}),
        (CSV, {"file_name": "anders.csv"}),
        (CSV, {"name": "anders"}),
        (CSV, {"description": "anders"}),
        (CSV, {"encoding": "utf-8"}),
        (CSV, {"temporary": True}),
    ],
)
async def test_key_of_another_upload_is_refused(client: DatasetClient, content: bytes, fields: dict[str, Any]) -> None:
    first = {"file_name": "a.csv", "idempotency_key": "k"}
    await client.upload(CSV, **first)
    for _ in range(2):
        assert (await refusal(client.upload(content, **(first | fields)))).reason == "IDEMPOTENCY_KEY_REUSED"
    assert (await client.total(), len(client.files())) == (1, 2)


async def test_names_that_come_behind_the_bytes_count_as_those_before(client: DatasetClient) -> None:
    def upload(name: str) -> Any:
        *messages, end = upload_messages(CSV, file_name="a.csv", idempotency_key="k")
        end.end.MergeFrom(pb.UploadEnd(name=name, description="설명"))
        return client.datasets.UploadDataset(iter([*messages, end]))

    first = (await upload("이름")).dataset
    assert (first.name, first.description) == ("이름", "설명")
    before = {"name": "이름", "description": "설명", "idempotency_key": "k"}
    assert (await client.upload(CSV, file_name="a.csv", **before)).dataset == first
    assert (await refusal(upload("anders"))).reason == "IDEMPOTENCY_KEY_REUSED"


async def test_key_at_once_for_several_files_stores_the_first(client: DatasetClient) -> None:
    contents = [CSV + b"\n" * number for number in range(6)]
    uploads = [client.upload(content, idempotency_key="k") for content in contents]
    answers = await asyncio.gather(*uploads, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert {read_remote_error(error).reason for error in refused} == {"IDEMPOTENCY_KEY_REUSED"}
    assert (len(refused), await client.total(), len(client.files())) == (5, 1, 2)


async def test_key_of_a_deleted_dataset_is_free_again(client: DatasetClient) -> None:
    first = (await client.upload(CSV, idempotency_key="k")).dataset.dataset_id
    await client.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=first))
    assert (await client.upload(CSV, idempotency_key="k")).dataset.dataset_id != first


async def test_ten_uploads_at_once_are_all_stored(client: DatasetClient) -> None:
    contents = [large_csv(2_000_000 + number) for number in range(10)]
    answers = await asyncio.gather(*(client.upload(content) for content in contents))
    assert {answer.dataset.size_bytes for answer in answers} == {len(content) for content in contents}
    assert (await client.total(), len(client.files())) == (10, 20)


def end(size_bytes: int) -> pb.UploadDatasetRequest:
    return pb.UploadDatasetRequest(end=pb.UploadEnd(size_bytes=size_bytes))


DESCRIPTION = pb.UploadDatasetRequest(description=pb.UploadDescription(file_name="a.csv"))
CHUNK = pb.UploadDatasetRequest(chunk=CSV)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "REQUEST_INVALID"),
        ([CHUNK, end(len(CSV))], "REQUEST_INVALID"),
        ([pb.UploadDatasetRequest()], "REQUEST_INVALID"),
        ([DESCRIPTION, DESCRIPTION, CHUNK, end(len(CSV))], "REQUEST_INVALID"),
        ([DESCRIPTION, pb.UploadDatasetRequest(), CHUNK], "REQUEST_INVALID"),
        ([DESCRIPTION], "UPLOAD_INCOMPLETE"),
        ([DESCRIPTION, CHUNK], "UPLOAD_INCOMPLETE"),
        ([DESCRIPTION, CHUNK, end(len(CSV) - 1)], "UPLOAD_INCOMPLETE"),
        ([DESCRIPTION, CHUNK, CHUNK, end(len(CSV))], "UPLOAD_INCOMPLETE"),
        ([DESCRIPTION, end(0)], "CSV_UNREADABLE"),
    ],
)
async def test_stream_out_of_order_or_broken_off_stores_nothing(
    client: DatasetClient, messages: list[pb.UploadDatasetRequest], reason: str
) -> None:
    error = await refusal(client.datasets.UploadDataset(iter(messages)))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert (client.files(), await client.total()) == (set(), 0)


async def test_caller_that_is_still_sending_learns_why_it_is_refused(client: DatasetClient) -> None:
    async def slowly() -> AsyncIterator[pb.UploadDatasetRequest]:
        for message in upload_messages(large_csv(3_000_000), file_name="a.xlsx"):
            await asyncio.sleep(0.01)  # more slowly than it is refused
            yield message

    assert (await refusal(client.datasets.UploadDataset(slowly()))).reason == "NOT_CSV"


async def test_upload_aborted_midway_leaves_nothing(client: DatasetClient) -> None:
    sent = asyncio.Event()

    async def half() -> AsyncIterator[pb.UploadDatasetRequest]:
        for message in islice(upload_messages(large_csv(30 * CHUNK_BYTES), file_name="a.csv"), 16):
            yield message
        sent.set()
        await asyncio.Event().wait()

    call = client.datasets.UploadDataset(half())
    await sent.wait()
    await eventually(lambda: bool(client.files()))
    call.cancel()

    await eventually(lambda: not client.files())
    assert await client.total() == 0


async def test_upload_aborted_while_it_is_read_leaves_nothing_and_the_next_one_works(client: DatasetClient) -> None:
    call = asyncio.ensure_future(client.upload(large_csv(40_000_000)))
    await eventually(lambda: any(name.endswith(".parquet.part") for name in client.files()) or call.done())
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    await eventually(lambda: not client.files())
    assert await client.total() == 0
    assert (await client.upload(CSV)).dataset.rows == 2


async def test_upload_that_stalls_is_given_up(module_database: str, tmp_path: Any) -> None:
    async def stalling() -> AsyncIterator[pb.UploadDatasetRequest]:
        yield DESCRIPTION
        yield CHUNK
        await asyncio.Event().wait()

    async with running_dataset_service(module_database, tmp_path / "d", stall_seconds=0.1) as client:
        error = await refusal(client.datasets.UploadDataset(stalling()))
        assert (error.code, error.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED")
        assert client.files() == set()


async def test_more_uploads_than_are_taken_are_refused_at_once(module_database: str, tmp_path: Any) -> None:
    may_end = asyncio.Event()

    async def waiting() -> AsyncIterator[pb.UploadDatasetRequest]:
        first, *others = upload_messages(CSV, file_name="a.csv")
        yield first
        await may_end.wait()
        for message in others:
            yield message

    async with running_dataset_service(module_database, tmp_path / "d", max_uploads=2) as client:
        waiting_calls = [asyncio.ensure_future(client.datasets.UploadDataset(waiting())) for _ in range(2)]
        await eventually(lambda: len(client.files()) == 2)
        error = await refusal(client.upload(CSV))
        assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "UPLOADS_BUSY")
        may_end.set()
        assert [(await call).dataset.rows for call in waiting_calls] == [2, 2]
        assert (await client.upload(CSV)).dataset.rows == 2


async def test_deadline_that_passes_during_the_upload_leaves_nothing(client: DatasetClient) -> None:
    async def dripping() -> AsyncIterator[pb.UploadDatasetRequest]:
        yield DESCRIPTION
        yield CHUNK
        await asyncio.Event().wait()

    call_context.set_time_left(0.3)
    try:
        error = await refusal(client.datasets.UploadDataset(dripping()))
    finally:
        call_context.set_time_left(None)
    assert error.code == grpc.StatusCode.DEADLINE_EXCEEDED
    await eventually(lambda: not client.files())
    assert await client.total() == 0


@pytest.mark.parametrize(
    ("settings", "content"),
    [
        (
            {"read_seconds": 1},
            b'a,b\n1,"x\n' + b'1,"y"z"\n' * 4_500_000,
        ),  # lines that have to be mended one by one
        ({"read_memory_bytes": 60_000_000}, large_csv(50_000_000)),
    ],
    ids=["time", "memory"],
)
async def test_file_that_takes_too_much_time_or_memory_is_refused_and_the_next_one_works(
    module_database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], content: bytes
) -> None:
    monkeypatch.setattr("dataset_service.reading.csv_reader._CROWDED", PATIENCE_SECONDS)
    async with running_dataset_service(module_database, tmp_path / "d", **settings) as client:
        before = await client.total()
        error = await refusal(client.upload(content))
        assert (error.reason, error.facts["problem"]) == ("CSV_UNREADABLE", "TOO_COMPLEX")
        assert client.files() == set()
        assert await client.total() == before
        assert (await client.upload(CSV)).dataset.rows == 2
