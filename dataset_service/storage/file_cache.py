"""Local copies of files that are stored elsewhere: a folder of bounded size that processes of one machine may share."""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dataset_service.errors import StorageUnavailable
from dataset_service.storage.files import PART_ENDING, storage_errors
from servicekit.ids import new_id

_LOCK_ENDING = ".lock"
_MOST_GONE = 10_000
"""Removed files remembered: as many as may be removed while one is fetched."""
_FRESH_SECONDS = 60.0
"""A copy used within this time counts as just used, so that each use need not be written down."""


class FileCache:
    """Whole files under their names. The least recently used are removed, but never while a process reads them.

    A shared lock on the copy itself protects it: it ends with the process, however that ends. `parts` is a folder of
    this process alone, removed with it, or by the next process if it crashed.
    """

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory / "files"
        self._all_parts = directory / "parts"
        self.parts = self._all_parts / new_id()
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._fetching: dict[str, Future[None]] = {}
        self._gone: dict[str, None] = {}

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Creates the folders, removes what processes that crashed left behind, and keeps `parts` within the block."""
        with storage_errors():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._all_parts.mkdir(mode=0o700, exist_ok=True)
            self._remove_dead()
            lock_path = self.parts.with_suffix(_LOCK_ENDING)
            lock = lock_path.open("wb")
        with lock:
            if not _locked(lock, fcntl.LOCK_EX) or not lock_path.exists():  # taken for dead as it was made
                raise StorageUnavailable("STORAGE_UNAVAILABLE", f"Another process clears {self._all_parts}.")
            with storage_errors():
                self.parts.mkdir(mode=0o700)
                self._shrink()
            try:
                yield
            finally:
                shutil.rmtree(self.parts, ignore_errors=True)
                lock_path.unlink(missing_ok=True)

    @contextmanager
    def copy(self, name: str, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """Yields the copy of a file, which stays within the block; `fetch` writes it first if there is none.

        Raises what `fetch` raises, FileNotFoundError for a file that is no more. Concurrent callers share one fetch.
        """
        path = self._directory / name
        with storage_errors():
            while (file := _open_locked(path)) is None:
                self._fetch(name, fetch)
        with file:
            _note_use(file)
            yield path

    def keep(self, part: Path, name: str) -> None:
        """Makes a part, which is whole, the copy of a file."""
        with self._lock:
            if name in self._gone:
                raise FileNotFoundError(name)
            part.rename(self._directory / name)
        self._shrink(new=name)

    def remove(self, name: str) -> bool:
        """Removes a copy, read or not; returns whether there was one."""
        try:
            (self._directory / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def remove_for_good(self, names: Collection[str]) -> None:
        """Removes the copies of files that are no more; one that is being fetched will not be kept."""
        with self._lock:
            self._gone.update(dict.fromkeys(names))
            for name in list(self._gone)[:-_MOST_GONE]:
                del self._gone[name]
        for name in names:
            self.remove(name)

    def names(self) -> set[str]:
        """Returns the names of all copies."""
        return {path.name for path in self._directory.iterdir()}

    def _fetch(self, name: str, fetch: Callable[[Path], None]) -> None:
        with self._lock:
            fetching = self._fetching.get(name)
            is_mine = fetching is None
            if fetching is None:
                fetching = self._fetching[name] = Future()
        if not is_mine:
            fetching.result()
            return
        part = self.parts / f"{name}.{new_id()}{PART_ENDING}"
        try:
            fetch(part)
            self.keep(part, name)
            fetching.set_result(None)
        except BaseException as error:
            part.unlink(missing_ok=True)
            fetching.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._fetching[name]

    def _shrink(self, new: str = "") -> None:
        copies = []
        for path in self._directory.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                copies.append((path.name == new, status.st_atime, status.st_size, path))
        excess = sum(size for _, _, size, _ in copies) - self._limit_bytes
        for is_new, _, size, path in sorted(copies):
            if excess <= 0 or is_new:
                return
            with suppress(FileNotFoundError), path.open("rb") as file:
                if _locked(file, fcntl.LOCK_EX):
                    path.unlink()
                    excess -= size

    def _remove_dead(self) -> None:
        for lock_path in self._all_parts.glob(f"*{_LOCK_ENDING}"):
            with suppress(FileNotFoundError), lock_path.open("rb") as lock:
                if _locked(lock, fcntl.LOCK_EX):
                    shutil.rmtree(lock_path.with_suffix(""), ignore_errors=True)
                    lock_path.unlink()


def _locked(file: IO[bytes], kind: int) -> bool:
    """Locks a file if that is possible at once."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_locked(path: Path) -> IO[bytes] | None:
    """Opens a copy and shares its lock; None if there is none, or it was removed before it was locked."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with suppress(FileNotFoundError):
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    file.close()
    return None


def _note_use(file: IO[bytes]) -> None:
    status = os.fstat(file.fileno())
    now = time.time_ns()
    if now - status.st_atime_ns > _FRESH_SECONDS * 1e9:
        os.utime(file.fileno(), ns=(now, status.st_mtime_ns))
