"""The storage folder: the original uploads, and the Parquet files made from them.

A file is written under a temporary name in the same folder, synced and renamed before a row refers to it. Names are
generated here: the user's file names are never used on disk.
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

from dataset_service.errors import StorageFull, StorageUnavailable, disk_error
from servicekit.ids import new_id

ORIGINAL_ENDING, TABLE_ENDING = ".csv", ".parquet"
_PART_ENDING = ".part"
_LOCK_NAME = "lock"
DEMO_MARK = "demo.done"
"""Name of the file that marks that the example dataset was stored once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Files being written, which no row refers to yet. They are not swept until they are let go."""

    names: tuple[str, ...]


class Storage:
    """Files of one folder, by name. All methods raise `StorageUnavailable` on a disk error.

    Blocking, except for methods that only handle names: call it off the event loop.
    """

    def __init__(self, directory: Path, least_free_bytes: int = 0) -> None:
        self._directory = directory
        self._least_free_bytes = least_free_bytes
        self._drafts: set[Draft] = set()
        self._hashes: dict[str, tuple[tuple[int, ...], str]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Creates the folder and locks it within the block, so that the files of another process are never swept."""
        with storage_errors():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._directory / _LOCK_NAME).open("wb")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StorageUnavailable("STORAGE_UNAVAILABLE", f"Another process uses {self._directory}.") from None
            yield

    def new_draft(self, *endings: str) -> Draft:
        """Returns names for new files, one for each ending."""
        draft = Draft(tuple(new_id() + ending for ending in endings))
        with self._lock:
            self._drafts.add(draft)
        return draft

    def path(self, name: str) -> Path:
        """Returns the path of a file."""
        return self._directory / name

    def part_path(self, name: str) -> Path:
        """Returns the path of a file while it is being written."""
        return self._directory / (name + _PART_ENDING)

    def file_hash(self, name: str) -> str:
        """Returns the SHA-256 of a file, cached until the file changes.

        Empty if the disk cannot read the whole file.
        """
        with storage_errors(), self.path(name).open("rb") as file:
            status = os.fstat(file.fileno())
            # ctime, which programs cannot set, reveals writes that restore the other times.
            version = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known, digest = self._hashes.get(name, ((), ""))
            if known != version:
                try:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError as error:
                    if error.errno != errno.EIO:  # a bad sector is damage, not an unavailable disk
                        raise
                    digest = ""
                self._hashes[name] = (version, digest)
            return digest

    def publish(self, draft: Draft) -> None:
        """Renames complete and synced files to their final names, so that no crash leaves an incomplete one."""
        with storage_errors():
            for name in draft.names:
                self.part_path(name).rename(self.path(name))
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def let_go(self, draft: Draft) -> None:
        """Ends the protection of the files: a row refers to them now, or the sweeper may remove them."""
        with self._lock:
            self._drafts.discard(draft)

    def discard(self, draft: Draft) -> None:
        """Removes the files of a draft that exist."""
        self.remove(draft.names)
        self.remove(name + _PART_ENDING for name in draft.names)
        self.let_go(draft)

    def remove(self, names: Iterable[str]) -> None:
        """Removes files; missing ones are ignored."""
        with storage_errors():
            for name in names:
                self.path(name).unlink(missing_ok=True)
                self._hashes.pop(name, None)

    def names(self) -> set[str]:
        """Returns the names of all files of datasets, unfinished ones included."""
        with storage_errors():
            return {entry.name for entry in os.scandir(self._directory) if entry.name not in (_LOCK_NAME, DEMO_MARK)}

    def draft_names(self) -> set[str]:
        """Returns the names of all files being written, with and without their temporary ending."""
        with self._lock:
            names = [name for draft in self._drafts for name in draft.names]
        return {*names, *(name + _PART_ENDING for name in names)}

    def require_room(self) -> None:
        """Raises `STORAGE_FULL` if the disk has less than the required free space."""
        with storage_errors():
            free = shutil.disk_usage(self._directory).free
        if free < self._least_free_bytes:
            raise StorageFull("STORAGE_FULL", f"{free} bytes are free, {self._least_free_bytes} must be.")

    def check(self) -> None:
        """Checks the free space, and that a file can be written."""
        self.require_room()
        draft = self.new_draft(".check")
        try:
            with storage_errors():
                self.part_path(draft.names[0]).write_bytes(b"1")
        finally:
            self.discard(draft)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raises `StorageUnavailable` for disk errors. A missing file stays `FileNotFoundError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk_error(error.errno, str(error)) from error
