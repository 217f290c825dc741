"""Non-blocking log output: a thread writes the lines, and drops those that cannot be written."""

import atexit
import io
import os
import sys
import threading

import structlog

_MOST_WAITING_CHARACTERS = 4 * 1024 * 1024
_LEAVE_SECONDS = 1.0
# How long a line waits for others to be written with: waking a thread and a reader for each line took as much time as
# a third of a prediction.
_TOGETHER_SECONDS = 0.05

log = structlog.get_logger()


class LogStream(io.TextIOBase):
    """A text stream to a file descriptor. `write` neither blocks nor raises.

    Lines that come at about the same time are written together. A full disk, a closed pipe or a reader that has stopped
    only loses lines. `lost` counts them; once writing works again, a `log_lines_lost` line says how many are missing.
    """

    def __init__(self, descriptor: int, most_waiting: int = _MOST_WAITING_CHARACTERS) -> None:
        self._descriptor = descriptor
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._waiting: list[str] = []
        self._waiting_characters = 0
        self.lost = 0
        self._is_ending = False
        self._thread = threading.Thread(target=self._write_out, name="log-stream", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Queues text of one line or more."""
        with self._changed:
            if self._is_ending or self._waiting_characters + len(text) > self._most_waiting:
                self.lost += 1
            else:
                if not self._waiting:
                    self._changed.notify()
                self._waiting.append(text)
                self._waiting_characters += len(text)
        return len(text)

    def writable(self) -> bool:
        """Always true."""
        return True

    def isatty(self) -> bool:
        """Tells whether the descriptor is a terminal."""
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        """Returns the descriptor, for a child process to inherit."""
        return self._descriptor

    def close(self) -> None:
        """Writes the queued lines, for at most a second."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        self._thread.join(_LEAVE_SECONDS)

    def _write_out(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_ending)
                self._changed.wait_for(lambda: self._is_ending, _TOGETHER_SECONDS)
                texts, self._waiting, self._waiting_characters = self._waiting, [], 0
            if not texts:
                return
            try:
                rest = memoryview("".join(texts).encode(errors="backslashreplace"))
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                self.lost += len(texts)
            else:
                if lost := self.lost:
                    self.lost -= lost
                    log.warning("log_lines_lost", lines=lost)


def write_stderr_in_background() -> None:
    """Replaces `sys.stderr` with a `LogStream` until the interpreter exits."""
    stderr = sys.stderr
    if stderr is None or isinstance(stderr, LogStream):  # None: closed at start
        return
    in_background = sys.stderr = LogStream(stderr.fileno())

    def restore() -> None:
        in_background.close()
        sys.stderr = stderr

    atexit.register(restore)
