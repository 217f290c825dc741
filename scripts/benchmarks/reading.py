"""Reading a file into a table: beside the reader of an earlier commit, and what finding how to read it costs."""

import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv

from dataset_service.reading.detect import detect
from dataset_service.reading.reading import Reading
from scripts.benchmarks.conditions import processor_seconds
from scripts.benchmarks.csv_files import largest_csv
from scripts.benchmarks.frames import large_table
from scripts.benchmarks.processes import REPOSITORY, ProgramFailed
from scripts.benchmarks.result import Goal, Table, at_most
from scripts.benchmarks.uploading import watched_memory

Worker = subprocess.Popen[bytes]

_BEFORE = "4668ec8"
"""The last commit whose reader found no more of a column than its type."""
_ROWS = (15_000, 400_000)
_ENCODINGS = ("utf-8", "cp949")
_TIMES, _FINDING_SECONDS = 1.2, 0.15
_CPU_LIMIT_SECONDS, _MEMORY_LIMIT_BYTES = "100000", str(8 << 30)
METHOD = (
    "The reader reads files of 28 columns into tables in a process of the dataset service, in turns with the reader of"
    f" {_BEFORE}, after one that does not count. Finding is what reading 50 MB takes longer than if all had been"
    " chosen.",
)


@dataclass(frozen=True, slots=True)
class Reads:
    """Medians of one reader and one file: seconds, seconds of the processor, and the peak of memory."""

    reader: str
    rows: int
    seconds: float
    processor: float
    mib: float


@dataclass(frozen=True, slots=True)
class Measured:
    """All readers and files, and the seconds of the processor that finding takes by encoding."""

    reads: Sequence[Reads]
    finding: dict[str, float]

    def ratio(self, rows: int, figure: Callable[[Reads], float]) -> float:
        """Returns this reader's figure as a multiple of the earlier one's."""
        now, before = ([figure(it) for it in self.reads if it.rows == rows][index] for index in (0, 1))
        return now / before


def measure(rounds: int, directory: Path) -> Measured:
    """Reads files in turns with both readers. Raises `ProgramFailed`."""
    reads: list[Reads] = []
    trees = {"this": REPOSITORY, f"that of {_BEFORE}": _earlier_tree(directory / "earlier")}
    for rows in _ROWS:
        file = directory / f"{rows}.csv"
        pyarrow.csv.write_csv(large_table(rows), file)
        with ExitStack() as stack:
            workers = {reader: stack.enter_context(_worker(tree)) for reader, tree in trees.items()}
            turns = [{reader: _read(worker, file) for reader, worker in workers.items()} for _ in range(rounds + 1)]
        for reader in trees:
            seconds, processor, mib = map(statistics.median, zip(*(turn[reader] for turn in turns[1:]), strict=True))
            reads.append(Reads(reader, rows, seconds, processor, mib))
    return Measured(reads, {encoding: _finding(largest_csv(1, encoding), rounds) for encoding in _ENCODINGS})


def tables(measured: Measured) -> Iterator[Table]:
    """Yields the table of readers, and that of finding."""
    rows = [
        (f"{it.reader}, {it.rows:,} rows", f"{it.seconds:.3f}", f"{it.processor:.3f}", f"{it.mib:.0f}")
        for it in measured.reads
    ]
    yield Table("Reading 28 columns", ("reader", "seconds", "processor, s", "MiB at most"), rows)
    found = [(encoding, f"{seconds:.3f}") for encoding, seconds in measured.finding.items()]
    yield Table("Finding how to read 50 MB", ("encoding", "processor, s"), found)


def goals(measured: Measured) -> Iterator[Goal]:
    """Yields the goals of time, memory and finding."""
    for rows in _ROWS:
        for name, figure in ("time", lambda it: it.processor), ("memory", lambda it: it.mib):
            ratio = measured.ratio(rows, figure)
            yield at_most(f"{rows:,} rows, {name} of the earlier reader's", _TIMES, ratio, "x", 2)
    for encoding in _ENCODINGS:
        yield at_most(f"50 MB, {encoding}, finding", _FINDING_SECONDS, measured.finding[encoding], "s", 3)


def _earlier_tree(directory: Path) -> Path:
    command = ["git", "archive", _BEFORE, "dataset_service", "servicekit"]
    archive = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False)
    if archive.returncode:
        raise ProgramFailed(f"The history of the repository is needed: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(directory, filter="data")
    return directory


@contextmanager
def _worker(tree: Path) -> Iterator[Worker]:
    """Yields a process that reads files, as the dataset service has them."""
    command = [sys.executable, "-m", "dataset_service.reading.csv_worker"]
    limits = [_CPU_LIMIT_SECONDS, _MEMORY_LIMIT_BYTES, str(os.getpid())]
    with subprocess.Popen([*command, *limits], cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process


def _read(worker: Worker, file: Path) -> tuple[float, float, float]:
    """Returns seconds, seconds of the processor, and the peak of memory in MiB."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    # The earlier reader takes an encoding, this one a reading; each passes over the other's.
    choices: dict[str, object] = {"encoding": "", "wanted": {}, "told": None}
    job = choices | {"source": str(file), "target": f"{file}.parquet"}
    with watched_memory(worker.pid) as memory:
        processor, started = processor_seconds([worker.pid]), time.perf_counter()
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.flush()
        answer = next((line for line in worker.stdout if line.startswith(b"{")), b"")
        figures = time.perf_counter() - started, processor_seconds([worker.pid]) - processor
    if not answer.startswith(b'{"done"'):
        raise ProgramFailed(f"{file.name} cannot be read.\n{answer[-2000:].decode()}")
    return *figures, memory.peak_mib


def _finding(content: bytes, rounds: int) -> float:
    """Returns the seconds of the processor that reading takes longer if nothing is known of the file."""
    unknown = Reading()
    known = detect(content, unknown).reading

    def taken(wanted: Reading) -> float:
        started = time.process_time()
        detect(content, wanted)
        return time.process_time() - started

    turns = [(taken(unknown), taken(known)) for _ in range(rounds)]
    return min(turn[0] for turn in turns) - min(turn[1] for turn in turns)
