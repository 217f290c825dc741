"""A process that reads CSV files for the service, so that no file can take the service's time or memory.

It gets one job after another as lines of JSON on its standard input, and answers each with one on its standard output.
What it may use of the machine is limited before it begins; csv_reader.py ends it when a job takes too long.
"""

import ctypes
import os
import resource
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from dataset_service.column_types import typed
from dataset_service.csv_file import read_csv
from dataset_service.errors import CsvProblem, CsvUnreadable, NotCsv
from dataset_service.profile import make_profile
from dataset_service.table_file import write_table

_PR_SET_PDEATHSIG = 1


def read_into_table(source: Path, target: Path, encoding: str) -> dict[str, Any]:
    """Reads a CSV file, writes its Parquet file and returns what became known. Raises `NotCsv` or `CsvUnreadable`."""
    table = read_csv(source.read_bytes(), encoding)
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        columns = list(threads.map(typed, table.columns, table.cells))
        writing = threads.submit(write_table, columns, target)
        profile = make_profile(columns, table.warnings)
        writing.result()
    return {
        "rows": len(columns[0].codes),
        "columns": len(columns),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "profile": profile.to_document(),
    }


def answer(job: dict[str, str]) -> dict[str, Any]:
    """Returns what became of a job: `done`, `refused` with the facts, or `failed` with the traceback."""
    try:
        return {"done": read_into_table(Path(job["source"]), Path(job["target"]), job["encoding"])}
    except (NotCsv, CsvUnreadable) as refusal:
        return _refused(refusal)
    except MemoryError as error:  # Arrow's is one, too
        return _refused(CsvUnreadable(f"Reading takes too much memory: {error}", problem=CsvProblem.TOO_COMPLEX))
    except Exception:  # noqa: BLE001 - the service decides what to make of it
        return {"failed": traceback.format_exc()}


def _refused(refusal: NotCsv | CsvUnreadable) -> dict[str, Any]:
    return {"refused": {"reason": refusal.reason, "message": refusal.message, "facts": refusal.facts}}


def main() -> None:
    """Answers jobs until the input ends."""
    memory_bytes, parent = (int(argument) for argument in sys.argv[1:3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this process in order
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the service was gone before the line above could take effect
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say = partial(print, file=sys.stdout, flush=True)
    say("ready")
    for line in sys.stdin.buffer:
        say(orjson.dumps(answer(orjson.loads(line))).decode())
        pa.default_memory_pool().release_unused()


if __name__ == "__main__":
    main()
