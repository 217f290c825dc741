"""The contract of reading the untouched file again with another encoding."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import grpc
import pyarrow as pa
from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal

TEXT = "이름,값\n데이터,1\n분석,2\n"


async def test_file_that_was_forced_wrong_is_read_right_and_keeps_its_id(client: DatasetClient) -> None:
    wrong = await client.upload(TEXT.encode("cp949"), encoding="big5", name="이름표")
    assert wrong.profile.columns[0].name != "이름"

    right = await client.datasets.RereadDataset(
        pb.RereadDatasetRequest(dataset_id=wrong.dataset.dataset_id, encoding="cp949")
    )

    assert [column.name for column in right.profile.columns] == ["이름", "값"]
    assert right.dataset.dataset_id == wrong.dataset.dataset_id
    assert (right.dataset.name, right.dataset.encoding) == ("이름표", "cp949")
    assert right.dataset.content_hash != wrong.dataset.content_hash
    data = pa.ipc.open_stream(await client.read(right.dataset.dataset_id)).read_all()
    assert data.column("이름").to_pylist() == ["데이터", "분석"]
    assert len(client.files()) == 2


async def test_encoding_that_is_given_back_is_found_out_again(client: DatasetClient) -> None:
    wrong = await client.upload(TEXT.encode("cp949"), encoding="big5")
    change = pb.ReadingChange(found_again=["encoding"])
    request = pb.RereadDatasetRequest(dataset_id=wrong.dataset.dataset_id, change=change)
    found = await client.datasets.RereadDataset(request)
    assert found.dataset.encoding == "cp949"


async def test_encoding_that_does_not_fit_changes_nothing(client: DatasetClient) -> None:
    stored = await client.upload(TEXT.encode("cp949"))
    request = pb.RereadDatasetRequest(dataset_id=stored.dataset.dataset_id, encoding="utf-8")

    error = await refusal(client.datasets.RereadDataset(request))

    assert (error.reason, error.facts["problem"]) == ("CSV_UNREADABLE", "ENCODING")
    got = await client.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=stored.dataset.dataset_id))
    assert got.dataset == stored.dataset
    assert len(client.files()) == 2


async def test_unknown_dataset_is_not_found(client: DatasetClient) -> None:
    error = await refusal(client.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=new_id(), encoding="utf-8")))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "DATASET_NOT_FOUND")


async def test_rereading_reading_and_deleting_at_once_end_in_known_ways(client: DatasetClient) -> None:
    stored = await client.upload(TEXT.encode("cp949"))
    dataset_id = stored.dataset.dataset_id

    calls: list[Awaitable[Any]] = []
    for encoding in ("cp949", "euc-kr", "big5", "cp949"):
        calls.append(client.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=dataset_id, encoding=encoding)))
        calls += [client.read(dataset_id) for _ in range(3)]
    calls.append(client.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=dataset_id)))
    *outcomes, deleted = await asyncio.gather(*calls, return_exceptions=True)

    assert deleted == pb.DeleteDatasetResponse()
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(error, grpc.aio.AioRpcError) for error in errors)
    assert {error.code() for error in errors if isinstance(error, grpc.aio.AioRpcError)} <= {grpc.StatusCode.NOT_FOUND}
    assert (client.files(), await client.total()) == (set(), 0)
