"""The log file of one program, limited in size."""

import io
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import texts

_MOST_BYTES = 20 * 1024 * 1024


class LogFile:
    """A file that lines are appended to. When full it becomes `<name>.1`, replacing an older one.

    Lines that cannot be written are lost: the file is reopened for the next ones, whether the disk was full or the file
    was removed, and records how many are missing.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._file: io.FileIO | None = None
        self._lost = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._close()

    def write(self, lines: bytes) -> None:
        """Appends one or more lines, each of which ends with a newline."""
        told = texts.LINES_LOST.format(count=self._lost).encode() if self._lost else b""
        try:
            self._add(told + lines)
            self._lost = 0
        except OSError:
            self._lost += lines.count(b"\n")
            self._close()

    def _add(self, lines: bytes) -> None:
        if self._file is None or not self._is_in_place(self._file):
            self._open()
        elif self._file.tell() >= self._most_bytes:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._open()
        assert self._file  # noqa: S101 - opened above
        size = self._file.tell()
        if self._file.write(lines) < len(lines):  # the disk is full: leave no partial lines
            self._file.truncate(size)
            raise OSError

    def _open(self) -> None:
        self._close()
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file = io.FileIO(descriptor, "ab")

    def _is_in_place(self, file: io.FileIO) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # closed anyway
                self._file.close()
            self._file = None
