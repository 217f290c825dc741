"""Files in a folder, of this machine or shared by several."""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dataset_service.errors import StorageFull, StorageUnavailable
from dataset_service.storage.files import PART_ENDING, Storage, storage_errors
from servicekit.ids import new_id

_LOCK_NAME = "lock"


class FolderStorage(Storage):
    """Files of one folder. They are read where they are; parts are in the same folder, so that renaming publishes."""

    def __init__(self, directory: Path, least_free_bytes: int = 0) -> None:
        super().__init__()
        self._directory = directory
        self._least_free_bytes = least_free_bytes
        self._as_opened: os.stat_result | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Creates the folder, and shares its lock with other replicas within the block.

        Version 0.2 takes the lock alone and sweeps all files that it did not write itself, so it must not run beside.
        """
        with storage_errors():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._directory / _LOCK_NAME).open("ab")
            self._as_opened = self._directory.stat()
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StorageUnavailable(
                    "STORAGE_UNAVAILABLE", f"A process of an earlier version uses {self._directory}."
                ) from None
            except OSError:  # a network file system without locks
                pass
            yield

    def path(self, name: str) -> Path:
        """Returns the path of a file."""
        return self._directory / name

    def part_path(self, name: str) -> Path:
        """Returns the path of a file while it is being written."""
        return self._directory / (name + PART_ENDING)

    def publish(self, names: Sequence[str]) -> None:
        """Renames parts and syncs the folder."""
        self._require_folder()
        with storage_errors():
            for name in names:
                self.part_path(name).rename(self.path(name))
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yields the path of a file."""
        yield self.path(name)

    def remove(self, names: Iterable[str]) -> None:
        """Removes files and their parts."""
        self._require_folder()
        with storage_errors():
            for name in names:
                self.path(name).unlink(missing_ok=True)
                self.part_path(name).unlink(missing_ok=True)
                self._hashes.forget([name])

    def listed(self) -> Iterator[str]:
        """Yields the names of everything in the folder."""
        self._require_folder()
        with storage_errors(), os.scandir(self._directory) as entries:
            for entry in entries:
                yield entry.name

    def require_room(self) -> None:
        """Raises `STORAGE_FULL` if the disk has less than the required free space."""
        self._require_folder()
        require_free(self._directory, self._least_free_bytes)

    def check(self) -> None:
        """Checks the free space, and that a file can be written."""
        self.require_room()
        path = self._directory / f"{new_id()}.check"
        try:
            with storage_errors():
                path.write_bytes(b"1")
        finally:
            path.unlink(missing_ok=True)

    def mark(self, name: str) -> None:
        """Leaves an empty file with this name."""
        with storage_errors():
            self.path(name).touch()

    def is_marked(self, name: str) -> bool:
        """Whether there is a file with this name."""
        return self.path(name).exists()

    def _require_folder(self) -> None:
        """Raises if the folder is not the one that was opened.

        Where a disk is no longer mounted there is none, or an empty one: what is written there is lost when the disk
        returns, and what is missing there is not damaged.
        """
        try:
            is_same = self._as_opened is None or os.path.samestat(self._as_opened, self._directory.stat())
        except OSError:
            is_same = False
        if not is_same:
            raise StorageUnavailable("STORAGE_UNAVAILABLE", f"{self._directory} is not the folder that was opened.")


def require_free(directory: Path, least_free_bytes: int) -> None:
    """Raises `STORAGE_FULL` if the disk of a folder has less free space."""
    with storage_errors():
        free = shutil.disk_usage(directory).free
    if free < least_free_bytes:
        raise StorageFull("STORAGE_FULL", f"{free} bytes are free, {least_free_bytes} must be.")
