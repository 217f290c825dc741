"""Uploads of large files as a browser sends them, with their wall time and the memory of the programs."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from scripts.benchmarks.conditions import each_of_family

_BOUNDARY = "----benchmark"
_CHUNK = 1 << 20
_SECONDS = 120.0
_LOOK_SECONDS = 0.02
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload: seconds to send it, seconds from the last byte to the answer, and the answer."""

    sent_seconds: float
    answer_seconds: float
    status: int
    answer: dict[str, Any]

    @property
    def seconds(self) -> float:
        """Seconds from the first byte to the answer."""
        return self.sent_seconds + self.answer_seconds


def upload(url: str, content: bytes, file_name: str = "benchmark.csv") -> Upload:
    """Sends one file as a form."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{file_name}"'
    head = f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: text/csv\r\n\r\n".encode()
    tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
    try:
        started = time.perf_counter()
        connection.putrequest("POST", parts.path)
        connection.putheader("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + len(content) + len(tail)))
        connection.endheaders(head)
        for at in range(0, len(content), _CHUNK):
            connection.send(content[at : at + _CHUNK])
        connection.send(tail)
        sent = time.perf_counter()
        response = connection.getresponse()
        body = response.read()
        answered = time.perf_counter()
    finally:
        connection.close()
    return Upload(sent - started, answered - sent, response.status, json.loads(body))


def upload_together(url: str, contents: Sequence[bytes]) -> list[Upload]:
    """Sends several files at once."""
    done: list[Upload] = []
    threads = [
        threading.Thread(target=lambda content=content: done.append(upload(url, content))) for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


class MemoryPeak:
    """Peak memory of the processes and their descendants."""

    def __init__(self, process_ids: Sequence[int]) -> None:
        self._process_ids = process_ids
        self._before = self._peak = self._resident()

    @property
    def growth_mib(self) -> float:
        """Growth in MiB."""
        return (self._peak - self._before) / MIB

    @property
    def peak_mib(self) -> float:
        """The most of all samples, in MiB."""
        return self._peak / MIB

    def look(self) -> None:
        """Samples the current memory."""
        self._peak = max(self._peak, self._resident())

    def _resident(self) -> int:
        return sum(memory.rss for memory in each_of_family(self._process_ids, psutil.Process.memory_info))


@contextmanager
def watched_memory(*process_ids: int) -> Iterator[MemoryPeak]:
    """Samples the memory of programs during the block."""
    peak, is_over = MemoryPeak(process_ids), threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_SECONDS):
            peak.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        peak.look()
        is_over.set()
        thread.join()
