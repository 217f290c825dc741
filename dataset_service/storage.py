"""The folder of the files: the untouched uploads, and the Parquet files made of them.

A file is written under a temporary name in the same folder, synced and renamed; only then a row names it. Names are
made here: what a person calls a file never touches the disk.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dataset_service.errors import StorageFull, StorageUnavailable
from servicekit.ids import new_id

ORIGINAL_ENDING, TABLE_ENDING = ".csv", ".parquet"
_PART_ENDING = ".part"
_LOCK_NAME = "lock"
DEMO_MARK = "demo.done"
"""Name of the file that says that the example dataset was stored once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Files that are being written and that no row names yet. Nobody sweeps them until they are let go."""

    names: tuple[str, ...]


class Storage:
    """Files of one folder, by name. Everything raises `StorageUnavailable` when the disk refuses.

    Blocking, but for what only looks at names: call it off the event loop.
    """

    def __init__(self, directory: Path, least_free_bytes: int = 0) -> None:
        self._directory = directory
        self._least_free_bytes = least_free_bytes
        self._drafts: set[Draft] = set()
        self._hashes: dict[str, tuple[tuple[int, ...], str]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Makes the folder and owns it within the block: what is swept must not be another process's work."""
        with storage_errors():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._directory / _LOCK_NAME).open("wb")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StorageUnavailable(f"Another process uses {self._directory}.") from None
            yield

    def new_draft(self, *endings: str) -> Draft:
        """Returns names for new files, one for each ending."""
        draft = Draft(tuple(new_id() + ending for ending in endings))
        with self._lock:
            self._drafts.add(draft)
        return draft

    def path(self, name: str) -> Path:
        """Returns where a file is."""
        return self._directory / name

    def part_path(self, name: str) -> Path:
        """Returns where a file is while it is being written."""
        return self._directory / (name + _PART_ENDING)

    def file_hash(self, name: str) -> str:
        """Returns the SHA-256 of a file; reads it only when it is new to this process or was written to since.

        Empty when the disk cannot read the file to its end.
        """
        with storage_errors(), self.path(name).open("rb") as file:
            status = os.fstat(file.fileno())
            # The time of change, which no program can set, tells of writing that keeps the other times.
            version = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known, found = self._hashes.get(name, ((), ""))
            if known != version:
                try:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError as error:
                    if error.errno != errno.EIO:  # a bad sector is damage, not a disk that refuses
                        raise
                    found = ""
                self._hashes[name] = (version, found)
            return found

    def publish(self, draft: Draft) -> None:
        """Gives complete and synced files their names, so that a crash leaves each either whole or nameless."""
        with storage_errors():
            for name in draft.names:
                self.part_path(name).rename(self.path(name))
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def let_go(self, draft: Draft) -> None:
        """Says that a row names the files now, or that the sweeper may have them."""
        with self._lock:
            self._drafts.discard(draft)

    def discard(self, draft: Draft) -> None:
        """Removes whatever of the draft is there."""
        self.remove(draft.names)
        self.remove(name + _PART_ENDING for name in draft.names)
        self.let_go(draft)

    def remove(self, names: Iterable[str]) -> None:
        """Removes files; those that are gone already are no matter."""
        with storage_errors():
            for name in names:
                self.path(name).unlink(missing_ok=True)
                self._hashes.pop(name, None)

    def names(self) -> set[str]:
        """Returns the names of all files of datasets, unfinished ones included."""
        with storage_errors():
            return {entry.name for entry in os.scandir(self._directory) if entry.name not in (_LOCK_NAME, DEMO_MARK)}

    def draft_names(self) -> set[str]:
        """Returns the names of all files that are being written, with and without their temporary ending."""
        with self._lock:
            names = [name for draft in self._drafts for name in draft.names]
        return {*names, *(name + _PART_ENDING for name in names)}

    def require_room(self) -> None:
        """Raises `StorageFull` when the disk has less room than must stay free."""
        with storage_errors():
            free = shutil.disk_usage(self._directory).free
        if free < self._least_free_bytes:
            raise StorageFull(f"{free} bytes are free, {self._least_free_bytes} must be.")

    def check(self) -> None:
        """Looks for room, and writes a file and removes it."""
        self.require_room()
        draft = self.new_draft(".check")
        try:
            with storage_errors():
                self.part_path(draft.names[0]).write_bytes(b"1")
        finally:
            self.discard(draft)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turns "the disk refuses" into `StorageUnavailable`. A missing file stays `FileNotFoundError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise refusal(error.errno, str(error)) from error


def refusal(number: int | None, words: str) -> StorageUnavailable:
    """Returns what is raised when the disk refuses with an error of this number."""
    kind = StorageFull if number in (errno.ENOSPC, errno.EDQUOT) else StorageUnavailable
    return kind(f"The storage refuses: {words}")
