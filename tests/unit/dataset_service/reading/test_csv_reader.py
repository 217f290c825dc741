"""Processes that read files: several at once, bounded, without secrets, and replaced when they are lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from dataset_service.errors import CsvRefused, StorageUnavailable
from dataset_service.reading.csv_reader import CsvReader
from dataset_service.reading.reading import Reading
from servicekit.errors import Refused
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS

MEMORY = 1 << 30


@pytest.fixture
async def reader(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CsvReader]:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    async with CsvReader(workers=1, seconds=20, memory_bytes=MEMORY) as reader:
        yield reader


def csv_file(directory: Path, content: bytes = b"a,b\n1,x\n2,y\n") -> Path:
    path = directory / "source.csv"
    path.write_bytes(content)
    return path


def slow_csv(directory: Path) -> Path:
    """A file that takes a while: many different texts."""
    return csv_file(directory, b"a,b\n" + b"".join(b"word number %d,%d\n" % (n, n) for n in range(300_000)))


async def test_file_is_read_and_its_table_written(reader: CsvReader, tmp_path: Path) -> None:
    reading = await reader.read(csv_file(tmp_path), tmp_path / "t.parquet", Reading(), wait_seconds=PATIENCE_SECONDS)
    assert (reading.rows, reading.reading.encoding, reading.reading.delimiter) == (2, "utf-8", ",")
    assert [column.name for column in reading.profile.columns] == ["a", "b"]
    assert pq.read_table(tmp_path / "t.parquet").column("a").to_pylist() == [1, 2]


async def test_units_below_the_names_are_known_of_the_columns(reader: CsvReader, tmp_path: Path) -> None:
    file = csv_file(tmp_path, "구군,면적,인구\n(단위),㎢,명\n중구,7.06,91\n동구,182.1,340\n".encode())
    read = await reader.read(file, tmp_path / "t.parquet", Reading(), wait_seconds=PATIENCE_SECONDS)
    assert [(column.unit, column.meaning) for column in read.profile.columns[1:]] == [("㎢", ""), ("명", "count")]


async def test_process_that_read_a_file_never_loaded_pandas(reader: CsvReader, tmp_path: Path) -> None:
    await reader.read(csv_file(tmp_path), tmp_path / "t.parquet", Reading(), wait_seconds=PATIENCE_SECONDS)
    (worker,) = reader._workers
    loaded = {mapped.path for mapped in psutil.Process(worker.process.pid).memory_maps()}
    assert any("/pyarrow/" in path for path in loaded)
    assert not any("/pandas/" in path for path in loaded)  # half of the start-up time, and 40 MB


async def test_refusals_come_back_as_they_were_raised(reader: CsvReader, tmp_path: Path) -> None:
    with pytest.raises(CsvRefused, match="NOT_CSV") as not_csv:
        await reader.read(csv_file(tmp_path, b"%PDF"), tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)
    assert not_csv.value.facts == {"found": "pdf"}
    with pytest.raises(CsvRefused, match="CSV_UNREADABLE") as without_rows:
        await reader.read(csv_file(tmp_path, b"a,b\n"), tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)
    assert without_rows.value.facts == {"problem": "NO_ROWS"}


async def test_missing_source_and_a_target_that_cannot_be_written_are_told_apart(
    reader: CsvReader, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await reader.read(tmp_path / "none.csv", tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        await reader.read(csv_file(tmp_path), tmp_path / "file" / "t", Reading(), wait_seconds=PATIENCE_SECONDS)
    assert (await reader.read(csv_file(tmp_path), tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)).rows == 2


async def test_caller_without_a_free_process_in_time_is_refused(reader: CsvReader, tmp_path: Path) -> None:
    first = asyncio.create_task(
        reader.read(slow_csv(tmp_path), tmp_path / "t1", Reading(), wait_seconds=PATIENCE_SECONDS)
    )
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="UPLOADS_BUSY"):
        await reader.read(tmp_path / "source.csv", tmp_path / "t2", Reading(), wait_seconds=0.05)
    assert (await first).rows == 300_000


async def test_cancelled_reading_stops_and_the_next_one_works(reader: CsvReader, tmp_path: Path) -> None:
    (worker,) = reader._workers
    first = asyncio.create_task(
        reader.read(slow_csv(tmp_path), tmp_path / "t1", Reading(), wait_seconds=PATIENCE_SECONDS)
    )
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await worker.process.wait() == -9
    assert (await reader.read(csv_file(tmp_path), tmp_path / "t2", Reading(), wait_seconds=PATIENCE_SECONDS)).rows == 2


async def test_process_that_was_killed_while_idle_is_replaced(reader: CsvReader, tmp_path: Path) -> None:
    (worker,) = reader._workers
    worker.process.kill()  # and it has not been noticed yet
    assert (await reader.read(csv_file(tmp_path), tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)).rows == 2


async def test_process_that_dies_at_work_is_a_refusal(reader: CsvReader, tmp_path: Path) -> None:
    (worker,) = reader._workers
    memory = psutil.Process(worker.process.pid).memory_info
    before = memory().rss
    reading = asyncio.create_task(
        reader.read(slow_csv(tmp_path), tmp_path / "t", Reading(), wait_seconds=PATIENCE_SECONDS)
    )
    await eventually(lambda: memory().rss > before + 5_000_000)
    worker.process.kill()
    with pytest.raises(CsvRefused, match="CSV_UNREADABLE") as refused:
        await reading
    assert refused.value.facts == {"problem": "TOO_COMPLEX"}


async def test_processes_know_no_secrets_and_no_grpc_and_end_with_the_reader(reader: CsvReader) -> None:
    (worker,) = reader._workers
    libraries = await asyncio.to_thread(Path(f"/proc/{worker.process.pid}/maps").read_text)
    assert "pyarrow" in libraries
    assert "grpc" not in libraries
    environment = await asyncio.to_thread(Path(f"/proc/{worker.process.pid}/environ").read_bytes)
    assert b"DATABASE_URL" not in environment
    assert b"PATH=" in environment
    await reader.__aexit__(None, None, None)
    assert worker.process.returncode is not None
