"""A dataset service gone at any step leaves, once it is back, no row without files and no file without a row.

Starting is what takes the time here: the one that is back after a crash crashes next.
"""

from collections.abc import Callable

import grpc
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from tests.eventually import wait_until
from tests.faults.dataset_service.crashing_service import STEPS
from tests.faults.dataset_service.dataset_process import DatasetProcess

CSV = "구,값\n중구,1\n동구,2\n".encode("cp949")
NEXT_STEP = dict(zip(STEPS, [*list(STEPS)[1:], ""], strict=True))


@pytest.fixture
def process(shared_process: DatasetProcess, step: str) -> DatasetProcess:
    if shared_process.crash_at != step:
        shared_process.start(crash_at=step)
    return shared_process


def crash(process: DatasetProcess, call: Callable[..., object], *arguments: object, **named: object) -> None:
    """Has the service crash at its step during a call, and starts it again."""
    process.arm()
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments, **named)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_until(lambda: not process.is_running)
    process.start(crash_at=NEXT_STEP[process.crash_at])
    wait_until(process.files_are_those_of_the_rows)


@pytest.mark.parametrize("step", tuple(STEPS)[:7])
def test_crash_during_an_upload(process: DatasetProcess, step: str) -> None:
    kept = process.upload(CSV).dataset
    before = len(process.rows())

    crash(process, process.upload, CSV, idempotency_key=step)

    assert len(process.rows()) - before == (1 if step == "the row is committed" else 0)
    again = process.upload(CSV, idempotency_key=step).dataset
    assert len(process.rows()) - before == 1
    for dataset in (kept, again):
        assert "중구" in process.read(dataset.dataset_id).decode()
    assert process.files_are_those_of_the_rows()


@pytest.mark.parametrize("step", ["the row is deleted", "one of two files is removed"])
def test_crash_during_a_deletion(process: DatasetProcess, step: str) -> None:
    kept, deleted = process.upload(CSV).dataset, process.upload(CSV).dataset

    crash(process, process.call, "DeleteDataset", pb.DeleteDatasetRequest(dataset_id=deleted.dataset_id))

    ids = {row[0] for row in process.rows()}
    assert kept.dataset_id in ids
    assert deleted.dataset_id not in ids
    assert "중구" in process.read(kept.dataset_id).decode()


@pytest.mark.parametrize(
    ("step", "expected"), [("the new table has its name", "gb18030"), ("the new table is committed", "cp949")]
)
def test_crash_while_reading_again(process: DatasetProcess, step: str, expected: str) -> None:
    dataset_id = process.upload(CSV, encoding="gb18030").dataset.dataset_id

    crash(process, process.call, "RereadDataset", pb.RereadDatasetRequest(dataset_id=dataset_id, encoding="cp949"))

    dataset = process.call("GetDataset", pb.GetDatasetRequest(dataset_id=dataset_id)).dataset
    assert dataset.encoding == expected
    assert ("중구" in process.read(dataset_id).decode()) == (expected == "cp949")
