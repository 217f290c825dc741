"""Closed-loop load: N clients, each sending its next request on its keep-alive connection once it has its answer."""

import asyncio
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from scripts.benchmarks.result import percentile

_SCRIPT = Path(__file__).with_name("varied_bodies.lua")
_MARK = "RESULT "


@dataclass(frozen=True, slots=True)
class Measurement:
    """Results seen by the clients. Only answers with status 2xx are counted."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    answers: int
    failures: int


class Generator(Protocol):
    """A load generator. `bodies` is a file with one JSON body per line."""

    name: str

    def run(self, url: str, bodies: Path, *, clients: int, seconds: float) -> Measurement:
        """Loads the URL and returns what was measured."""


def generator() -> Generator:
    """Returns wrk if it is installed, otherwise our own generator, which uses far more CPU."""
    wrk = shutil.which("wrk")
    return Wrk(wrk) if wrk else OwnGenerator()


class Wrk:
    """The C program wrk, one thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        printed = subprocess.run([path, "-v"], capture_output=True, text=True, check=False).stdout
        self.name = " ".join(printed.split()[:2]) + ", 1 thread"

    def run(self, url: str, bodies: Path, *, clients: int, seconds: float) -> Measurement:
        """Loads the URL and returns what was measured."""
        command = [self._path, "-t1", f"-c{clients}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(_SCRIPT)]
        done = subprocess.run([*command, url, "--", str(bodies)], capture_output=True, text=True, check=True)
        line = next(line for line in done.stdout.splitlines() if line.startswith(_MARK))
        result = json.loads(line.removeprefix(_MARK))
        answers = int(result["answers"])
        return Measurement(
            answers / result["seconds"], result["p50_ms"], result["p99_ms"], answers, int(result["failures"])
        )


class OwnGenerator:
    """An asyncio client in this process, for machines without wrk. At high rates it is the bottleneck."""

    name = "own asyncio generator (wrk is not installed: apt-get install wrk)"

    def run(self, url: str, bodies: Path, *, clients: int, seconds: float) -> Measurement:
        """Loads the URL and returns what was measured."""
        parts = urlsplit(url)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        requests = [
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies.read_bytes().splitlines()
        ]
        return asyncio.run(_load(parts.hostname or "", parts.port or 80, requests, clients, seconds))


async def _load(host: str, port: int, requests: list[bytes], clients: int, seconds: float) -> Measurement:
    latencies: list[float] = []
    failures = 0
    started = time.perf_counter()

    async def client(number: int) -> None:
        nonlocal failures
        reader, writer = await asyncio.open_connection(host, port)
        turn = number
        while (sent_at := time.perf_counter()) - started < seconds:
            writer.write(requests[turn % len(requests)])
            turn += clients
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            if head.split(b" ", 2)[1].startswith(b"2"):
                latencies.append((time.perf_counter() - sent_at) * 1000)
            else:
                failures += 1
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    elapsed = time.perf_counter() - started
    p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
    return Measurement(len(latencies) / elapsed, p50, p99, len(latencies), failures)
