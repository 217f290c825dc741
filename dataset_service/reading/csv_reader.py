"""Reads CSV files in separate processes, a few at once; files that take too much time or memory are refused."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import structlog

from dataset_service.errors import CsvRefused, disk_error
from dataset_service.reading.columns.profile import Profile
from dataset_service.reading.preview import LineRole, OriginalLine, Preview
from dataset_service.reading.reading import Reading
from dataset_service.reading.warning import DatasetWarning
from servicekit.errors import FieldViolation, Refused

_START_SECONDS = 30.0
# On a busy machine a CPU second takes many seconds; callers have their own deadlines.
_CROWDED = 20
_WATCH_SECONDS = 0.02
_MOST_GONE = 3
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LONGEST_ANSWER_BYTES = 64 << 20
_JOBS_IN_A_LIFE = 200
# A worker needs none of the service's other variables, such as passwords.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NewTable:
    """The result of reading a file; `table_hash` is the SHA-256 of its Parquet file."""

    table_hash: str
    rows: int
    reading: Reading
    """The whole: no part of it would be found again."""
    profile: Profile


class CsvReader:
    """Keeps `workers` processes running; a context manager that ends them.

    One file may use `seconds` of CPU time and `memory_bytes`.
    """

    def __init__(self, *, workers: int, seconds: int, memory_bytes: int) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._idle: asyncio.Queue[_Worker | None] = asyncio.Queue()
        for _ in range(workers):
            self._idle.put_nowait(None)
        self._workers: set[_Worker] = set()

    async def __aenter__(self) -> Self:
        # Started early, so that a service that cannot read files does not start, and the first upload does not wait.
        places = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for worker in await asyncio.gather(*(self._start() for _ in places)):
            self._idle.put_nowait(worker)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in list(self._workers):
            await self._end(worker)

    async def read(self, source: Path, target: Path, wanted: Reading, *, wait_seconds: float) -> NewTable:
        """Reads `source` and writes `target`, waiting at most `wait_seconds` for a free process.

        Parts of the reading that are not chosen are found. Raises what `preview` raises.
        """
        job = {"source": str(source), "target": str(target), "wanted": wanted.to_document()}
        done = await self._answer(job, wait_seconds)
        return NewTable(done["table_hash"], done["rows"], *_read_and_profile(done))

    async def preview(self, source: Path, wanted: Reading, *, wait_seconds: float) -> Preview:
        """Reads `source` and returns how.

        Raises `CsvRefused`, `StorageUnavailable`, `UPLOADS_BUSY` if no process became free, and
        FileNotFoundError without a source. Cancelling it stops the work.
        """
        done = await self._answer({"source": str(source), "wanted": wanted.to_document()}, wait_seconds)
        return Preview(*_read_and_profile(done), _lines(done), done["table"])

    async def original_lines(
        self, source: Path, reading: Reading, warnings: Sequence[DatasetWarning], *, wait_seconds: float
    ) -> list[OriginalLine]:
        """Returns the lines that a preview of `source` shows, which was read so. Raises what `preview` raises."""
        told = [list[Any](warning) for warning in warnings]
        job = {"source": str(source), "reading": reading.to_document(), "told": told}
        return _lines(await self._answer(job, wait_seconds))

    async def _answer(self, job: Mapping[str, Any], wait_seconds: float) -> dict[str, Any]:
        for _ in range(_MOST_GONE):
            async with self._worker(wait_seconds) as worker:
                try:
                    async with asyncio.timeout(_CROWDED * self._seconds):
                        answer = await worker.ask(job, self._memory_bytes)
                except TimeoutError:  # a file that takes too long is stopped by the CPU limit
                    raise Refused(
                        "DEADLINE_PASSED", f"The file was not read in {_CROWDED * self._seconds} s."
                    ) from None
                except _WasGone:
                    continue
                except EOFError:
                    exit_code = await worker.process.wait()
                    log.warning("csv_worker_died", exit_code=exit_code)
                    if exit_code >= 0:
                        raise RuntimeError(
                            "A process that reads CSV files gave up; its error output says why."
                        ) from None
                    # Killed by a signal: a limit on time or memory, or a crash in a library.
                    raise CsvRefused("CSV_UNREADABLE", "Reading ended the process.", problem="TOO_COMPLEX") from None
                worker.is_free = True
            return _done(answer)
        raise RuntimeError("The processes that read CSV files go before they begin.")

    @asynccontextmanager
    async def _worker(self, wait_seconds: float) -> AsyncIterator["_Worker"]:
        try:
            async with asyncio.timeout(wait_seconds):
                worker = await self._idle.get()
        except TimeoutError:
            raise Refused("UPLOADS_BUSY", "No process became free to read the file.") from None
        try:
            if worker is None or worker.process.returncode is not None:
                worker = await self._start()
            worker.is_free = False
            yield worker
        finally:
            # Without an answer the process is still busy, or gone.
            if worker is not None and not (worker.is_free and worker.jobs < _JOBS_IN_A_LIFE):
                self._kill(worker)
                worker = None
            self._idle.put_nowait(worker)

    async def _start(self) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dataset_service.reading.csv_worker",
            str(self._seconds),
            str(self._memory_bytes),
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_ANSWER_BYTES,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        worker = _Worker(process)
        self._workers.add(worker)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker.wait_until_ready()
        except BaseException:
            await self._end(worker)
            raise
        return worker

    def _kill(self, worker: "_Worker") -> None:
        self._workers.discard(worker)
        if worker.process.returncode is None:
            worker.process.kill()

    async def _end(self, worker: "_Worker") -> None:
        self._kill(worker)
        await worker.process.wait()


class _WasGone(EOFError):
    """The process ended before it started the job, so the file is not the cause."""


class _Worker:
    """One process, and whether it is free."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The process has no pipes.")
        self.process = process
        self._jobs, self._answers = process.stdin, process.stdout
        self.is_free = True
        self.jobs = 0

    async def wait_until_ready(self) -> None:
        if await self._answers.readline() != b"ready\n":
            raise RuntimeError("A process that reads CSV files did not start; its error output says why.")

    async def ask(self, job: Mapping[str, Any], memory_bytes: int) -> dict[str, Any]:
        """Returns the answer to a job. Raises EOFError if the process ends first, `_WasGone` if before it began.

        The process is killed when its resident memory grows by more than `memory_bytes`. A system limit would also
        count reserved memory, of which Arrow uses a lot.
        """
        self.jobs += 1
        watching = asyncio.create_task(self._watch_memory(memory_bytes))
        try:
            self._jobs.write(orjson.dumps(job) + b"\n")
            await self._jobs.drain()
            if await self._answers.readline() != b"begun\n":
                raise _WasGone
            line = await self._answers.readline()
        except ConnectionError as error:
            raise _WasGone from error
        finally:
            watching.cancel()
        if not line.endswith(b"\n"):
            raise EOFError
        answer: dict[str, Any] = orjson.loads(line)
        return answer

    async def _watch_memory(self, memory_bytes: int) -> None:
        most = self._resident_bytes() + memory_bytes
        while self._resident_bytes() <= most:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(_WATCH_SECONDS)
        log.warning("csv_worker_too_large", memory_bytes=memory_bytes)
        self.process.kill()

    def _resident_bytes(self) -> int:
        try:
            pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):  # gone, or no /proc
            return 0
        return int(pages) * _PAGE_BYTES


def _read_and_profile(done: dict[str, Any]) -> tuple[Reading, Profile]:
    return Reading.from_document(done["reading"]), Profile.from_document(done["profile"])


def _lines(done: dict[str, Any]) -> list[OriginalLine]:
    return [OriginalLine(line, LineRole(role), text) for line, role, text in done["lines"]]


def _done(answer: dict[str, Any]) -> dict[str, Any]:
    if "failed" in answer:
        log.error("csv_reading_failed", traceback=answer["failed"])
        raise RuntimeError("Reading a CSV file failed; the log has the traceback of the process.")
    if "missing" in answer:
        raise FileNotFoundError(answer["missing"])
    if "unavailable" in answer:
        raise disk_error(answer["errno"], answer["unavailable"])
    if "refused" in answer:
        refused = answer["refused"]
        violations = tuple(FieldViolation(**violation) for violation in refused["violations"])
        raise CsvRefused(refused["reason"], refused["message"], violations=violations, **refused["facts"])
    done: dict[str, Any] = answer["done"]
    return done
