"""The processes that read CSV files live and die with their service."""

import psutil

from tests.eventually import wait_until
from tests.faults.dataset_service.dataset_process import DatasetProcess

CSV = "구,값\n중구,1\n동구,2\n".encode()


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_service_that_is_killed_leaves_no_process_behind(process: DatasetProcess) -> None:
    process.start()
    children = process.children()
    assert children
    process.end()
    wait_until(lambda: not any(map(lives, children)))


def test_killed_reader_is_replaced_and_a_stop_in_order_ends_all(process: DatasetProcess) -> None:
    process.start()
    (killed,) = process.children()
    killed.kill()
    wait_until(lambda: not lives(killed))
    assert process.upload(CSV).dataset.rows == 2

    assert process.upload(CSV).dataset.rows == 2

    children = process.children()
    assert process.program
    assert process.program.stop() == 0
    assert not any(map(lives, children))
