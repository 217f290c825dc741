"""Files that changed on the disk never give other data: the table is rebuilt from the upload, or it is told."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import grpc
import psycopg2
import pytest
from daegu.dataset.v1 import analysis_pb2
from daegu.dataset.v1 import dataset_pb2 as pb
from structlog.testing import capture_logs

from tests.contract.dataset_service.running_service import DatasetClient, refusal

FLIPS = 40
CSV = "구,번호,날짜,값,비고,맞음\n" + "".join(
    f"{'중구' if number % 3 else '달서구'},{number},2019-01-{1 + number % 28:02},{number / 7:.3f},설명 {number},"
    f"{'true' if number % 2 else 'false'}\n"
    for number in range(300)
)
MIXED = "값\n" + "".join(f"{number if number % 10 else '없음'}\n" for number in range(300))


def file_of(client: DatasetClient, ending: str) -> Path:
    (path,) = client.storage.glob(f"*{ending}")
    return path


def flip(path: Path, bit: int) -> None:
    """Turns over one bit, and leaves the times as they were."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


async def upload(client: DatasetClient, content: str = CSV) -> str:
    return (await client.upload(content.encode())).dataset.dataset_id


async def count_rows(client: DatasetClient, dataset_id: str) -> str:
    request = analysis_pb2.RunToolRequest(dataset_id=dataset_id, name="get_dataframe_info")
    return (await client.analysis.RunTool(request)).text


@pytest.mark.parametrize("content", [CSV, MIXED], ids=["each-kind", "text-or-number"])
async def test_flipped_bits_all_over_the_table_change_nothing(client: DatasetClient, content: str) -> None:
    dataset_id = await upload(client, content)
    data = await client.read(dataset_id, format=pb.DATA_FORMAT_CSV)
    bits = 8 * file_of(client, ".parquet").stat().st_size
    for number in range(FLIPS):
        flip(file_of(client, ".parquet"), number * (bits - 1) // (FLIPS - 1))
        assert await client.read(dataset_id, format=pb.DATA_FORMAT_CSV) == data


@pytest.mark.parametrize("damage", [cut, empty, Path.unlink], ids=["cut", "empty", "missing"])
async def test_incomplete_table_is_rebuilt_and_logged_once(
    client: DatasetClient, damage: Callable[[Path], None]
) -> None:
    dataset_id = await upload(client)
    profile = await client.datasets.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
    data = await client.read(dataset_id)
    damage(file_of(client, ".parquet"))

    with capture_logs() as logs:
        answers = await asyncio.gather(*(client.read(dataset_id) for _ in range(6)), count_rows(client, dataset_id))

    assert all(answer == data for answer in answers[:-1])
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["dataset_table_damaged"]
    assert len(client.files()) == 2
    assert await client.datasets.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id)) == profile


async def test_damaged_upload_refuses_to_be_read_again_while_its_table_still_serves(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    data = await client.read(dataset_id)
    flip(file_of(client, ".csv"), 8 * 500)

    error = await refusal(client.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=dataset_id)))

    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "DATASET_DAMAGED")
    assert await client.read(dataset_id) == data


@pytest.mark.parametrize("damage", [lambda path: flip(path, 8 * 500), Path.unlink], ids=["flipped", "missing"])
async def test_damage_of_both_files_is_refused_in_words_and_told_once(
    client: DatasetClient, damage: Callable[[Path], None]
) -> None:
    dataset_id = await upload(client)
    damage(file_of(client, ".csv"))
    flip(file_of(client, ".parquet"), 8 * 500)

    with capture_logs() as logs:
        for call in (client.read, lambda dataset_id: count_rows(client, dataset_id), client.read):
            assert (await refusal(call(dataset_id))).reason == "DATASET_DAMAGED"

    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["dataset_damaged"]


@pytest.mark.parametrize(
    "damage", [lambda path: None, lambda path: flip(path, 8 * 500), cut], ids=["whole", "flipped", "cut"]
)
async def test_table_of_an_earlier_version_is_rebuilt(
    client: DatasetClient, module_database: str, damage: Callable[[Path], None]
) -> None:
    dataset_id = await upload(client)
    data = await client.read(dataset_id)
    forget_hashes(module_database)
    damage(file_of(client, ".parquet"))

    assert await client.read(dataset_id) == data
    assert all(hashes(module_database))


async def test_rebuilt_table_has_the_same_months_and_rows_of_periods(client: DatasetClient) -> None:
    dataset_id = await upload(client, "계약년월,2023 건수,2024 건수\n200101,1,2\n200112,3,4\n")
    change = pb.ReadingChange(reading=pb.Reading(is_long=True, chosen=["is_long"]))
    await client.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=dataset_id, change=change))
    data = await client.read(dataset_id, format=pb.DATA_FORMAT_JSON)
    assert data.startswith('[\n{"계약년월":"2001-01","기준연도":"2023","건수":1}'.encode())
    cut(file_of(client, ".parquet"))
    assert await client.read(dataset_id, format=pb.DATA_FORMAT_JSON) == data


async def test_table_of_an_earlier_version_whose_upload_is_lost_serves_on_and_is_watched(
    client: DatasetClient, module_database: str
) -> None:
    dataset_id = await upload(client)
    data = await client.read(dataset_id)
    forget_hashes(module_database)
    file_of(client, ".csv").unlink()

    assert await client.read(dataset_id) == data
    flip(file_of(client, ".parquet"), 8 * 500)
    assert (await refusal(client.read(dataset_id))).reason == "DATASET_DAMAGED"


async def test_warning_of_a_guessed_encoding_survives_a_rebuild(client: DatasetClient) -> None:
    stored = await client.upload("名前,値\nデータ分析,1\nカタカナ,2\n".encode("cp932"))
    assert stored.profile.warnings
    file_of(client, ".parquet").unlink()

    await client.read(stored.dataset.dataset_id)

    request = pb.GetDatasetProfileRequest(dataset_id=stored.dataset.dataset_id)
    assert (await client.datasets.GetDatasetProfile(request)).profile == stored.profile


def forget_hashes(database: str) -> None:
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE dataset.datasets SET table_hash = ''")
    connection.close()


def hashes(database: str) -> list[str]:
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_hash FROM dataset.datasets")
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    return found
