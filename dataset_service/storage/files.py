"""Where the files of datasets are: see `FolderStorage` and `BucketStorage`.

A file is written whole and synced under another name, and published before the row of a dataset refers to it; it never
changes. Names are generated here: the user's file names are never used.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from dataset_service.errors import FileDamaged, disk_error
from dataset_service.storage.file_hashes import FileHashes
from servicekit.ids import new_id

ORIGINAL_ENDING, TABLE_ENDING = ".csv", ".parquet"
PART_ENDING = ".part"
_NAME = re.compile(r"[0-9a-f-]{36}(\.csv|\.parquet|\.check)(\.part)?")


class Storage(ABC):
    """Files by name. Blocking, but for names and paths of parts: call it off the event loop.

    All methods raise `StorageUnavailable` within bounded time if the storage cannot be used.
    """

    def __init__(self) -> None:
        self._hashes = FileHashes()

    @abstractmethod
    def opened(self) -> AbstractContextManager[None]:
        """Prepares the storage, and holds what keeps others from using it wrongly, within the block."""

    @abstractmethod
    def part_path(self, name: str) -> Path:
        """Returns the path of a file while it is being written, by this process alone."""

    @abstractmethod
    def publish(self, names: Sequence[str]) -> None:
        """Makes complete and synced parts files; no crash leaves an incomplete one under its name."""

    @abstractmethod
    def local(self, name: str) -> AbstractContextManager[Path]:
        """Yields where a file can be read within the block. Raises FileNotFoundError if there is none."""

    @abstractmethod
    def remove(self, names: Iterable[str]) -> None:
        """Removes files and their parts; missing ones are ignored."""

    @abstractmethod
    def listed(self) -> Iterator[str]:
        """Yields the names of everything that is there."""

    @abstractmethod
    def require_room(self) -> None:
        """Raises `STORAGE_FULL` if an upload has no room."""

    @abstractmethod
    def check(self) -> None:
        """Checks that files can be read and written."""

    @abstractmethod
    def mark(self, name: str) -> None:
        """Leaves an empty file with this name."""

    @abstractmethod
    def is_marked(self, name: str) -> bool:
        """Whether there is a file with this name."""

    def copies(self) -> set[str]:
        """Returns the names of the files of which there are copies here."""
        return set()

    def forget_copy(self, name: str) -> bool:  # noqa: ARG002 - without copies there is none
        """Removes a copy, which may be damaged; returns whether there was one."""
        return False

    def forget_for_good(self, names: Collection[str]) -> None:
        """Gives up what is kept here of files that are removed."""
        self._hashes.forget(names)

    def remove_parts(self, names: Iterable[str]) -> None:
        """Removes parts written by this process, if they exist. Fast."""
        with storage_errors():
            for name in names:
                self.part_path(name).unlink(missing_ok=True)

    def file_hash(self, name: str) -> str:
        """Returns the SHA-256 of a file; empty if the disk cannot read all of it."""
        with self.local(name) as path, storage_errors():
            return self._hashes.get(name, path)

    @contextmanager
    def verified(self, name: str, sha256: str) -> Iterator[Path]:
        """Yields where a file with this SHA-256 can be read within the block.

        Raises FileNotFoundError, or `FileDamaged` if it has another one.
        """
        for _ in range(2):
            with self.local(name) as path:
                with storage_errors():
                    is_whole = self._hashes.get(name, path) == sha256
                if is_whole:
                    yield path
                    return
            if not self.forget_copy(name):
                break
        raise FileDamaged(f"{name} is not what was written.")


def new_names(*endings: str) -> tuple[str, ...]:
    """Returns names for new files, one for each ending."""
    return tuple(new_id() + ending for ending in endings)


def file_named(name: str) -> str | None:
    """Returns the file to which a name found in the storage belongs; None for anything that is not of datasets."""
    return name.removesuffix(PART_ENDING) if _NAME.fullmatch(name) else None


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raises `StorageUnavailable` for disk errors. A missing file stays `FileNotFoundError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk_error(error.errno, str(error)) from error
