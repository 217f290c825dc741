"""SHA-256 of files, worked out once for each version of a file."""

import errno
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


class FileHashes:
    """Remembers the hash of each file by name until the file changes. Thread-safe: two may hash the same at once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    def get(self, name: str, path: Path) -> str:
        """Returns the SHA-256 of a file, empty if the disk cannot read all of it. Raises OSError."""
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            # ctime, which programs cannot set, reveals writes that restore the other times.
            version = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known, digest = self._known.get(name, ((), ""))
            if known != version:
                try:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError as error:
                    if error.errno != errno.EIO:  # a bad sector is damage, not an unavailable disk
                        raise
                    digest = ""
                self._known[name] = (version, digest)
            return digest

    def forget(self, names: Iterable[str]) -> None:
        """Forgets files that are gone."""
        for name in names:
            self._known.pop(name, None)
