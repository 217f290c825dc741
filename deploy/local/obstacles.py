"""Finds what would make the start fail before anything is started, each described in one line with its fix."""

import ctypes
import errno
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from deploy.local import texts
from deploy.local.settings import LocalSettings
from servicekit.korean_text.particles import choose_particles

_CONNECT_SECONDS = 3
_LEAVE_SECONDS = 10.0
_OLDEST_POSTGRES = 15
_OPENMP = "libgomp.so.1"


def obstacles(settings: LocalSettings) -> Iterator[str]:
    """Yields the obstacles, the cheapest checks first."""
    wait_for_leavers(settings.state / "run")
    yield from port_obstacles(settings.all_ports())
    if sys.platform == "linux":
        yield from openmp_obstacles()
    if settings.database_url is not None:
        yield from database_obstacles(settings.database_url.get_secret_value())
    if settings.redis_url is not None:
        yield from redis_obstacles(settings.redis_url.get_secret_value())


def wait_for_leavers(run: Path, seconds: float = _LEAVE_SECONDS) -> None:
    """Waits until the programs of a killed run have ended, which happens a moment after it."""
    deadline = time.monotonic() + seconds
    for file in run.glob("*.pid"):
        with suppress(ValueError, ProcessLookupError, PermissionError):
            pid = int(file.read_text())
            # Each one leads its own session, which a process that reuses the pid is unlikely to do.
            while os.getsid(pid) == pid and time.monotonic() < deadline:
                time.sleep(0.05)


def port_obstacles(ports: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Yields what is wrong with the ports, each given with its environment variable."""
    seen: dict[int, str] = {}
    for variable, port in ports:
        if port in seen:
            yield choose_particles(texts.PORT_TWICE.format(first=seen[port], second=variable, port=port))
        seen[port] = variable
    for variable, port in ports:
        problem = _why_not_listen(port)
        if problem is not None:
            text = texts.PORT_FORBIDDEN if problem == errno.EACCES else texts.PORT_TAKEN
            yield choose_particles(text.format(port=port, variable=variable, free=_free_port()))


def openmp_obstacles(load: Callable[[str], object] = ctypes.CDLL) -> Iterator[str]:
    """Yields that the OpenMP library of LightGBM is missing, as on minimal systems."""
    try:
        load(_OPENMP)
    except OSError:
        yield texts.OPENMP_MISSING


def database_obstacles(url: str) -> Iterator[str]:
    """Yields why an external PostgreSQL cannot be used, without the password of the URL."""
    place = _place(url, 5432)
    try:
        with closing(psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS)) as connection:
            version = connection.server_version // 10_000
    except (psycopg2.Error, ValueError) as error:
        yield texts.DATABASE_UNREACHABLE.format(place=place, problem=_first_line(error))
        return
    if version < _OLDEST_POSTGRES:
        yield texts.DATABASE_TOO_OLD.format(place=place, version=version)


def redis_obstacles(url: str) -> Iterator[str]:
    """Yields why an external Redis or Valkey cannot be used, without the password of the URL."""
    import redis  # slow to import

    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_CONNECT_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        yield texts.REDIS_UNREACHABLE.format(place=_place(url, 6379), problem=_first_line(error))


def _place(url: str, usual_port: int) -> str:
    parts = urlsplit(url)
    with suppress(ValueError):
        return f"{parts.hostname or 'localhost'}:{parts.port or usual_port}"
    return "?"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _why_not_listen(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
