"""Datasets: large, concurrent and hostile uploads, the list, and the analyses; uploads compared with a naive design."""

import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dataset_service.settings import DatasetSettings
from scripts.benchmarks import analyses, conditions, our_stack, plain_pandas
from scripts.benchmarks.csv_files import FILE_BYTES, hostile_files, largest_csv
from scripts.benchmarks.processes import ProgramFailed, free_port, running
from scripts.benchmarks.result import Goal, Result, Table
from scripts.benchmarks.uploading import MIB, Upload, upload, upload_together, watched_memory
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

UPLOAD_PATH = "/api/datasets/upload"
OURS, NAIVE = "ours", "naive"
ENCODINGS = ("utf-8", "cp949")
_TOGETHER = 10
_LISTED = 200
_PAGE = 100
_LISTS = 300
_COMPARED_ROWS = 400_000
_READ = DatasetSettings.model_fields
_LONGEST_READ_SECONDS = float(_READ["read_seconds"].default) + 5.0
_MOST_READ_MIB = int(_READ["read_memory_bytes"].default) // MIB


@dataclass(frozen=True, slots=True)
class Single:
    """One upload of the largest file, and the CPU seconds of all programs of the design."""

    design: str
    encoding: str
    round: int
    seconds: float
    answer_seconds: float
    processor_seconds: float


@dataclass(frozen=True, slots=True)
class Together:
    """Concurrent uploads: seconds until the last answer, and memory growth of the receiving process and in total."""

    design: str
    seconds: float
    door_growth_mib: float
    growth_mib: float


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile file: the answer, its time, and the memory growth of the dataset service."""

    kind: str
    status: int
    code: str
    seconds: float
    growth_mib: float


@dataclass(frozen=True, slots=True)
class Design:
    """Where files are sent, the process that receives them, and all processes involved."""

    name: str
    url: str
    door: int
    processes: tuple[int, ...]


def run(*, rounds: int, seconds: float, state: Path) -> Result:  # noqa: ARG001 - uploads are not timed by duration
    """Measures and returns the result."""
    state.mkdir(parents=True, exist_ok=True)
    before = conditions.read()
    with tempfile.TemporaryDirectory(dir=state, prefix="benchmark-") as made:
        directory = Path(made)
        facts = conditions.machine() | conditions.speed(directory)
        with running_whole_stack(directory) as stack, _naive(directory) as naive:
            ours = _ours(stack)
            lists = _lists(stack)
            singles = list(_singles((ours, naive), rounds))
            together = [_together(design) for design in (ours, naive)]
            hostile = list(_hostile(ours, stack))
    timings = analyses.measure(rounds)
    comparisons = plain_pandas.compare(_COMPARED_ROWS, rounds)
    shares = conditions.shares_since(before)
    facts |= {
        "versions": conditions.versions("pandas", "pyarrow", "numpy", "grpcio", "fastapi", "uvicorn"),
        "processor used by others meanwhile": f"{shares['others']:.0%}",
        "processor taken by the host meanwhile": f"{shares['stolen']:.0%}",
    }
    return Result(
        "data",
        "Datasets",
        facts,
        (
            f"Uploads are files of {FILE_BYTES:,} bytes at most with {analyses.COLUMNS} columns, each another one, sent"
            f" in turns to both designs; figures are medians of {rounds} rounds.",
            "The naive design reads the whole file in one process, describes it with pandas and keeps CSV and Parquet;"
            " it checks nothing, keeps no metadata, and does not wait for the disk.",
            "Hostile files have the same size. Memory is what processes had more than before, looked at every 20 ms.",
            f"The list is one page of {_PAGE} of {_LISTED} datasets, asked {_LISTS} times on one connection.",
            f"Analyses run in one thread on random accidents. First: on a fresh frame. Then: median of {rounds} calls"
            " after it. Goals are held against processor time after the first call.",
        ),
        [
            _single_table(singles),
            _together_table(together),
            _hostile_table(hostile),
            _list_table(lists),
            *analyses.tables(timings),
            plain_pandas.table(comparisons, _COMPARED_ROWS),
        ],
        [*_goals(singles, together, hostile, lists), *analyses.goals(timings)],
        {
            "singles": [asdict(single) for single in singles],
            "together": [asdict(found) for found in together],
            "hostile": [asdict(found) for found in hostile],
            "lists_ms": lists,
            "analyses": [asdict(timing) for timing in timings],
            "comparisons": [asdict(comparison) for comparison in comparisons],
        },
    )


def _ours(stack: WholeStack) -> Design:
    gateway, dataset, postgres = (stack.process_id(name) for name in ("gateway", "dataset", "postgres"))
    return Design(OURS, f"{stack.api}{UPLOAD_PATH}", gateway, (gateway, dataset, postgres))


@contextmanager
def _naive(directory: Path) -> Iterator[Design]:
    files, port = directory / "naive", free_port()
    files.mkdir()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", "scripts.benchmarks.naive_upload:create_app"]
    with running(
        [*command, "--port", str(port)], lambda: our_stack.answers(f"{url}/openapi.json"),
        log=directory / "naive.log", environment={"UPLOAD_DIRECTORY": str(files)},
    ) as process:  # fmt: skip
        yield Design(NAIVE, f"{url}{UPLOAD_PATH}", process.pid, (process.pid,))


def _singles(designs: tuple[Design, ...], rounds: int) -> Iterator[Single]:
    numbers = iter(range(1, 1000))
    for encoding in ENCODINGS:
        for design in designs:  # warm-up
            _taken(upload(design.url, largest_csv(next(numbers), encoding)))
        for number in range(rounds):
            for design in designs:
                content = largest_csv(next(numbers), encoding)
                used_before = conditions.processor_seconds(design.processes)
                done = _taken(upload(design.url, content))
                used = conditions.processor_seconds(design.processes) - used_before
                single = Single(design.name, encoding, number, done.seconds, done.answer_seconds, used)
                _say(f"{design.name:5} {encoding:5} {done.seconds:6.2f} s, {done.answer_seconds:.2f} s after the end")
                yield single


def _together(design: Design) -> Together:
    contents = [largest_csv(2000 + number) for number in range(_TOGETHER)]
    with watched_memory(design.door) as door, watched_memory(*design.processes) as whole:
        started = time.perf_counter()
        for done in upload_together(design.url, contents):
            _taken(done)
        seconds = time.perf_counter() - started
    found = Together(design.name, seconds, door.growth / MIB, whole.growth / MIB)
    _say(f"{design.name:5} {_TOGETHER} at once: {seconds:.1f} s, memory of the door +{found.door_growth_mib:.0f} MiB")
    return found


def _hostile(ours: Design, stack: WholeStack) -> Iterator[Hostile]:
    for kind, content in hostile_files().items():
        with watched_memory(stack.process_id("dataset")) as memory:
            done = upload(ours.url, content)
        found = Hostile(kind, done.status, done.answer.get("code", ""), done.seconds, memory.growth / MIB)
        _say(f"{kind}: {found.status} {found.code} in {found.seconds:.1f} s, +{found.growth_mib:.0f} MiB")
        yield found


def _lists(stack: WholeStack) -> list[float]:
    """Returns the time of each answer, in milliseconds."""
    for number in range(_LISTED):
        _taken(upload(f"{stack.api}{UPLOAD_PATH}", f"번호,값\n{number},1\n".encode()))
    connection = http.client.HTTPConnection(urlsplit(stack.api).netloc, timeout=10)
    taken = []
    for _ in range(_LISTS):
        started = time.perf_counter()
        connection.request("GET", f"/api/datasets?limit={_PAGE}")
        found = json.loads(connection.getresponse().read())
        taken.append((time.perf_counter() - started) * 1000)
        if len(found["datasets"]) != _PAGE:
            raise ProgramFailed(f"The list has {len(found['datasets'])} datasets.")
    connection.close()
    return taken


def _taken(done: Upload) -> Upload:
    if done.status >= 300:
        raise ProgramFailed(f"An upload was refused: {done.status} {done.answer}")
    return done


def _goals(
    singles: list[Single], together: list[Together], hostile: list[Hostile], lists: list[float]
) -> Iterator[Goal]:
    for encoding in ENCODINGS:
        answer = _median(singles, OURS, encoding, lambda single: single.answer_seconds)
        name = f"50 MB, {encoding}, from the last byte to the answer"
        yield Goal(name, "at most 1.0 s", f"{answer:.2f} s", answer <= 1.0)
    ours = next(found for found in together if found.design == OURS)
    name = f"memory of the gateway, {_TOGETHER} uploads at once"
    yield Goal(name, "at most +100 MiB", f"+{ours.door_growth_mib:.0f} MiB", ours.door_growth_mib <= 100)
    slowest = max(hostile, key=lambda found: found.seconds)
    measured = f"{slowest.seconds:.1f} s ({slowest.kind})"
    yield Goal(
        "hostile file, longest", f"at most {_LONGEST_READ_SECONDS:.0f} s", measured,
        slowest.seconds <= _LONGEST_READ_SECONDS,
    )  # fmt: skip
    dearest = max(hostile, key=lambda found: found.growth_mib)
    measured = f"+{dearest.growth_mib:.0f} MiB ({dearest.kind})"
    name = "hostile file, most memory"
    yield Goal(name, f"at most +{_MOST_READ_MIB} MiB", measured, dearest.growth_mib <= _MOST_READ_MIB)
    p50 = statistics.median(lists)
    yield Goal(f"list with {_LISTED} datasets, p50", "at most 4 ms", f"{p50:.1f} ms", p50 <= 4)


def _single_table(singles: list[Single]) -> Table:
    rows = [
        (
            f"{design}, {encoding}",
            f"{_median(singles, design, encoding, lambda single: single.seconds):.2f}",
            f"{_median(singles, design, encoding, lambda single: single.answer_seconds):.2f}",
            f"{_median(singles, design, encoding, lambda single: single.processor_seconds):.2f}",
            f"{_ratio(singles, encoding, design):.2f}",
        )
        for encoding in ENCODINGS
        for design in (OURS, NAIVE)
    ]
    columns = ("design", "whole", "after the last byte", "processor", "naive / this, whole")
    return Table("Upload of 50 MB, seconds", columns, rows)


def _ratio(singles: list[Single], encoding: str, design: str) -> float:
    def of(name: str) -> dict[int, float]:
        return {it.round: it.seconds for it in singles if (it.design, it.encoding) == (name, encoding)}

    naive = of(NAIVE)
    return statistics.median(naive[number] / seconds for number, seconds in of(design).items())


def _together_table(together: list[Together]) -> Table:
    rows = [
        (found.design, f"{found.seconds:.1f}", f"+{found.door_growth_mib:.0f}", f"+{found.growth_mib:.0f}")
        for found in together
    ]
    columns = ("design", "seconds", "MiB where the body comes in", "MiB in all")
    return Table(f"{_TOGETHER} uploads of 50 MB at once", columns, rows)


def _hostile_table(hostile: list[Hostile]) -> Table:
    rows = [
        (found.kind, f"{found.status} {found.code}".strip(), f"{found.seconds:.1f}", f"+{found.growth_mib:.0f}")
        for found in hostile
    ]
    return Table("Hostile files of 50 MB", ("file", "answer", "seconds", "MiB"), rows)


def _list_table(lists: list[float]) -> Table:
    ordered = sorted(lists)
    p99 = ordered[int(len(ordered) * 0.99)]
    row = (f"{_PAGE} of {_LISTED}", f"{statistics.median(ordered):.1f}", f"{p99:.1f}")
    return Table("List of datasets at the gateway, ms", ("page", "p50", "p99"), [row])


def _median(singles: list[Single], design: str, encoding: str, figure: Callable[[Single], float]) -> float:
    return statistics.median(figure(it) for it in singles if (it.design, it.encoding) == (design, encoding))


def _say(line: str) -> None:
    print(line, flush=True)
