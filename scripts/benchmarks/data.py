"""Datasets: large, concurrent and hostile uploads, the list, and the analyses; uploads compared with a naive design."""

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from dataset_service.settings import DatasetSettings
from scripts.benchmarks import analyses, columns, conditions, questions, reading
from scripts.benchmarks.csv_files import FILE_BYTES, hostile_files, largest_csv
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.naive import running_naive
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table, at_most, percentile
from scripts.benchmarks.uploading import MIB, Upload, upload, upload_together, watched_memory
from scripts.benchmarks.whole_stack import WholeStack, running_whole_stack

UPLOAD_PATH = "/api/datasets/upload"
OURS, NAIVE = "ours", "naive"
ENCODINGS = ("utf-8", "cp949")
_TOGETHER = 10
_LISTED = 200
_PAGE = 100
_LISTS = 300
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


def measure(bench: Bench) -> Result:
    """Measures the reader, uploads, the list and the analyses; `bench.seconds` is not used."""
    reads = reading.measure(bench.rounds, bench.directory)
    column_seconds = columns.measure(bench.rounds)
    with running_whole_stack(bench.directory) as stack, running_naive(bench.directory, stack.database_url) as naive:
        programs = stack.pids("gateway", "dataset", "postgres")
        ours = Design(OURS, f"{stack.api}{UPLOAD_PATH}", programs[0], programs)
        designs = ours, Design(NAIVE, f"{naive.url}{UPLOAD_PATH}", naive.process_ids[0], naive.process_ids)
        lists = _lists(stack)
        singles = list(_singles(designs, bench.rounds))
        together = [_together(design) for design in designs]
        hostile = list(_hostile(ours, *stack.pids("dataset")))
    timings, comparisons = analyses.measure(bench.rounds), analyses.compare(bench.rounds)
    answered = questions.measure(bench.rounds)
    return Result(
        title="Datasets",
        method=(
            *reading.METHOD,
            *columns.METHOD,
            f"Uploads are files of {FILE_BYTES:,} bytes at most with {analyses.COLUMNS} columns, each another one, sent"
            f" in turns to both designs; figures are medians of {bench.rounds} rounds.",
            "The naive design reads the whole file in one process, describes it with pandas and keeps CSV and Parquet;"
            " it checks nothing, keeps no metadata, and does not wait for the disk.",
            "Hostile files have the same size. Memory is what processes had more than before, looked at every 20 ms.",
            f"The list is one page of {_PAGE} of {_LISTED} datasets, asked {_LISTS} times on one connection.",
            f"Analyses run in one thread on random accidents. First: on a fresh frame. Then: median of {bench.rounds}"
            " calls after it. Goals are held against processor time after the first call.",
            *questions.METHOD,
        ),
        tables=[
            *reading.tables(reads),
            *columns.tables(column_seconds),
            _single_table(singles),
            _together_table(together),
            _hostile_table(hostile),
            _list_table(lists),
            *analyses.tables(timings, comparisons),
            *questions.tables(answered),
        ],
        goals=[
            *reading.goals(reads),
            *columns.goals(column_seconds),
            *_goals(singles, together, hostile, lists),
            *analyses.goals(timings),
            *questions.goals(answered),
        ],
        figures={
            "reads": reads,
            "columns": column_seconds,
            "singles": singles,
            "together": together,
            "hostile": hostile,
            "lists_ms": lists,
            "analyses": timings,
            "comparisons": comparisons,
            "questions": answered,
        },
        packages=("pandas", "pyarrow", "numpy", "grpcio", "fastapi", "uvicorn"),
    )


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
    _say(f"{design.name:5} {_TOGETHER} at once: {seconds:.1f} s, memory of the door +{door.growth_mib:.0f} MiB")
    return Together(design.name, seconds, door.growth_mib, whole.growth_mib)


def _hostile(ours: Design, dataset_pid: int) -> Iterator[Hostile]:
    for kind, content in hostile_files().items():
        with watched_memory(dataset_pid) as memory:
            done = upload(ours.url, content)
        hostile = Hostile(kind, done.status, done.answer.get("code", ""), done.seconds, memory.growth_mib)
        _say(f"{kind}: {hostile.status} {hostile.code} in {hostile.seconds:.1f} s, +{hostile.growth_mib:.0f} MiB")
        yield hostile


def _lists(stack: WholeStack) -> list[float]:
    """Returns the time of each answer, in milliseconds."""
    for number in range(_LISTED):
        _taken(upload(f"{stack.api}{UPLOAD_PATH}", f"번호,값\n{number},1\n".encode()))
    connection = http.client.HTTPConnection(urlsplit(stack.api).netloc, timeout=10)
    taken = []
    for _ in range(_LISTS):
        started = time.perf_counter()
        connection.request("GET", f"/api/datasets?limit={_PAGE}")
        page = json.loads(connection.getresponse().read())
        taken.append((time.perf_counter() - started) * 1000)
        if len(page["datasets"]) != _PAGE:
            raise ProgramFailed(f"The list has {len(page['datasets'])} datasets.")
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
        yield at_most(f"50 MB, {encoding}, from the last byte to the answer", 1, answer, "s", 2)
    growth = next(it.door_growth_mib for it in together if it.design == OURS)
    yield at_most(f"memory of the gateway, {_TOGETHER} uploads at once, more by", 100, growth, "MiB", 0)
    slowest, dearest = max(hostile, key=lambda it: it.seconds), max(hostile, key=lambda it: it.growth_mib)
    yield at_most("hostile file, longest", _LONGEST_READ_SECONDS, slowest.seconds, "s", note=f" ({slowest.kind})")
    note = f" ({dearest.kind})"
    yield at_most("hostile file, memory, more by", _MOST_READ_MIB, dearest.growth_mib, "MiB", 0, note)
    yield at_most(f"list with {_LISTED} datasets, p50", 4, statistics.median(lists), "ms")


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
    heads = ("design", "whole", "after the last byte", "processor", "naive / this, whole")
    return Table("Upload of 50 MB, seconds", heads, rows)


def _ratio(singles: list[Single], encoding: str, design: str) -> float:
    def of(name: str) -> dict[int, float]:
        return {it.round: it.seconds for it in singles if (it.design, it.encoding) == (name, encoding)}

    naive = of(NAIVE)
    return statistics.median(naive[number] / seconds for number, seconds in of(design).items())


def _together_table(together: list[Together]) -> Table:
    rows = [(it.design, f"{it.seconds:.1f}", f"+{it.door_growth_mib:.0f}", f"+{it.growth_mib:.0f}") for it in together]
    heads = ("design", "seconds", "MiB where the body comes in", "MiB in all")
    return Table(f"{_TOGETHER} uploads of 50 MB at once", heads, rows)


def _hostile_table(hostile: list[Hostile]) -> Table:
    rows = [(it.kind, f"{it.status} {it.code}".strip(), f"{it.seconds:.1f}", f"+{it.growth_mib:.0f}") for it in hostile]
    return Table("Hostile files of 50 MB", ("file", "answer", "seconds", "MiB"), rows)


def _list_table(lists: list[float]) -> Table:
    row = (f"{_PAGE} of {_LISTED}", f"{statistics.median(lists):.1f}", f"{percentile(lists, 0.99):.1f}")
    return Table("List of datasets at the gateway, ms", ("page", "p50", "p99"), [row])


def _median(singles: list[Single], design: str, encoding: str, figure: Callable[[Single], float]) -> float:
    return statistics.median(figure(it) for it in singles if (it.design, it.encoding) == (design, encoding))


def _say(line: str) -> None:
    print(line, flush=True)
