"""What one program writes, kept within bounds."""

from pathlib import Path
from types import TracebackType
from typing import Self

_MOST_BYTES = 20 * 1024 * 1024


class LogFile:
    """A file that lines are added to. A full one becomes `<name>.1`, in place of an older one."""

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()

    def write(self, line: bytes) -> None:
        """Adds a line, which ends with its own newline."""
        if self._file.tell() >= self._most_bytes:
            self._file.close()
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._file = self._path.open("ab", buffering=0)
        self._file.write(line)
