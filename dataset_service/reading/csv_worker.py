"""A process that reads CSV files for the service, so that no file can exhaust the service's time or memory.

Jobs arrive as lines of JSON on standard input, and each is answered with a line on standard output. Resource limits
are set beforehand; the system ends the process if a job exceeds them.
"""

import ctypes
import math
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from dataset_service.errors import CsvRefused
from dataset_service.reading.preview import first_rows, original_lines
from dataset_service.reading.reading import Reading
from dataset_service.reading.table_file import to_table, write_table
from dataset_service.reading.text.candidates import preview_facts
from dataset_service.reading.typed_table import TypedTable, read_typed_table
from dataset_service.reading.warning import DatasetWarning, warning_from_document

_PR_SET_PDEATHSIG = 1
# Arrow reserves several times the memory that it uses.
_ADDRESSES = 4
# Reading keeps all cores busy for a while: what takes milliseconds, such as a prediction, goes first.
_NICENESS = 10


def read_into_table(job: Mapping[str, Any], threads: Executor) -> dict[str, Any]:
    """Reads the file `source`, writes the Parquet file `target`, returns `NewTable` fields. Raises `CsvRefused`."""
    table = _read(job, threads)
    writing = threads.submit(write_table, to_table(table.columns), Path(job["target"]))
    profile = table.profile()
    return {
        "table_hash": writing.result(),
        "rows": len(table.columns[0].codes),
        "reading": table.reading.to_document(),
        "profile": profile.to_document(),
    }


def show(job: Mapping[str, Any], threads: Executor) -> dict[str, Any]:
    """Reads the file `source`, returns `Preview` fields. Raises `CsvRefused`."""
    table = _read(job, threads)
    profile = table.profile()
    return {
        "reading": table.reading.to_document(),
        "profile": profile.to_document(),
        "lines": _lines(job, table.reading, profile.warnings),
        "table": first_rows(to_table(table.columns), len(table.columns[0].codes)),
    }


def show_lines(job: Mapping[str, Any], threads: Executor) -> dict[str, Any]:  # noqa: ARG001 - as the others
    """Returns lines of the file `source`, which was read as `reading` with the warnings `told`."""
    told = map(warning_from_document, job["told"])
    return {"lines": _lines(job, Reading.from_document(job["reading"]), told)}


def _lines(job: Mapping[str, Any], reading: Reading, warnings: Iterable[DatasetWarning]) -> list[list[Any]]:
    return list(map(list, original_lines(Path(job["source"]).read_bytes(), reading, warnings)))


def _read(job: Mapping[str, Any], threads: Executor) -> TypedTable:
    content = Path(job["source"]).read_bytes()
    try:
        return read_typed_table(content, Reading.from_document(job["wanted"]), threads)
    except CsvRefused as refusal:
        if refusal.facts.get("problem") == "ENCODING":
            refusal.facts |= preview_facts(content)
        raise


def answer(job: Mapping[str, Any], threads: Executor) -> dict[str, Any]:
    """Returns the outcome of a job.

    `done`, `refused` with the facts, `missing` without the source, `unavailable` for a disk error, or `failed` with the
    traceback.
    """
    try:
        work = read_into_table if "target" in job else show_lines if "told" in job else show
        return {"done": work(job, threads)}
    except CsvRefused as refusal:
        return _refused(refusal)
    except MemoryError as error:  # also raised by Arrow
        return _refused(CsvRefused("CSV_UNREADABLE", f"Reading takes too much memory: {error}", problem="TOO_COMPLEX"))
    except FileNotFoundError as error:
        return {"missing": str(error)}
    except OSError as error:
        return {"unavailable": str(error), "errno": error.errno}
    except Exception:  # noqa: BLE001 - handled by the service
        return {"failed": traceback.format_exc()}


def _refused(refusal: CsvRefused) -> dict[str, Any]:
    violations = list(map(asdict, refusal.violations))
    return {
        "refused": {
            "reason": refusal.reason,
            "message": refusal.message,
            "facts": refusal.facts,
            "violations": violations,
        }
    }


class _WithoutPandas(MetaPathFinder):
    """Hides pandas from Arrow, which would import it needlessly: half of the start-up time."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Raises ImportError for pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def main() -> None:
    """Answers jobs until the input ends."""
    seconds, memory_bytes, parent = (int(argument) for argument in sys.argv[1:4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service handles Ctrl-C and ends this process
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the service ended before prctl took effect
    os.nice(_NICENESS)
    sys.meta_path.insert(0, _WithoutPandas())
    pc.add(pa.array([1]), 1)  # Arrow imports pandas on first use, which is not thread-safe
    threads = _started_threads()
    _limit_memory(_ADDRESSES * memory_bytes)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say = partial(print, file=sys.stdout, flush=True)
    say("ready")
    for line in sys.stdin.buffer:
        say("begun")
        _limit_time(seconds)
        say(orjson.dumps(answer(orjson.loads(line), threads)).decode())
        pa.default_memory_pool().release_unused()


def _started_threads() -> Executor:
    """Starts our threads and Arrow's before the memory limit, which might leave no room for their stacks."""
    count = pa.cpu_count()
    threads = ThreadPoolExecutor(count)
    together = threading.Barrier(count + 1)
    for _ in range(count):
        threads.submit(together.wait)
    together.wait()
    pyarrow.csv.read_csv(pa.py_buffer(b"a\n1\n"))
    return threads


def _limit_time(seconds: int) -> None:
    """Limits the CPU time of the process from now on; then the system ends it."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used) + seconds, resource.RLIM_INFINITY))


def _limit_memory(address_bytes: int) -> None:
    """Limits the memory that the process can reserve beyond what its libraries have reserved so far.

    csv_reader.py watches the resident memory; this stops growth that is too fast for it. If the machine still runs out
    of memory, this process is killed before the service.
    """
    if sys.platform != "linux":
        return
    Path("/proc/self/oom_score_adj").write_text("1000")
    status = Path("/proc/self/status").read_text()
    reserved = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (reserved + address_bytes, reserved + address_bytes))


if __name__ == "__main__":
    main()
