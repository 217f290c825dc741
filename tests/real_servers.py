"""Real PostgreSQL and Valkey servers for tests, on free loopback ports; they end with the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import psycopg2
import sqlalchemy as sa

from deploy.local.embedded_postgres import EmbeddedPostgres, ServerNotMade
from deploy.local.embedded_valkey import EmbeddedValkey
from scripts.benchmarks.processes import free_port
from tests.patience import PATIENCE_SECONDS

REPOSITORY = Path(__file__).resolve().parent.parent
_PASSWORD = "not-a-secret"
Begun = TypeVar("Begun")


def _patiently(begin: Callable[[], Begun]) -> Begun:
    """Retries, because a library under test may start a thread between fork and exec (OpenTelemetry does).

    A child with several threads cannot switch to the user that PostgreSQL runs as.
    """
    for _ in range(5):
        try:
            return begin()
        except (ServerNotMade, subprocess.SubprocessError):
            time.sleep(0.1)
    return begin()


class ServerProcess:
    """One embedded server as a process that a test can kill and start again; its folder is kept."""

    def __init__(self, server: EmbeddedPostgres | EmbeddedValkey, options: tuple[str, ...] = ()) -> None:
        self._server = server
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.url = server.url

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        _patiently(self._server.prepare)
        self._process = self._launch()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._server.is_ready():
            assert time.monotonic() < deadline, f"the server did not become ready; {self._process.poll()}"
            if self._process.poll() is not None:  # the shared memory of a killed server may still be in use
                self._process = self._launch()
            time.sleep(0.02)

    def _launch(self) -> subprocess.Popen[bytes]:
        return _patiently(
            lambda: subprocess.Popen(
                [*self._server.argv, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=self._server.preexec,
            )
        )

    def stop(self) -> None:
        """Stops the server gracefully."""
        self._end(self._server.stop_signal)

    def kill(self) -> None:
        """Kills the server like a crash."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None


class Postgres:
    """A running PostgreSQL that creates migrated databases as copies of one that is migrated once."""

    _TEMPLATE = "migrated"

    def __init__(self, process: ServerProcess) -> None:
        self.process = process
        self._admin_url = process.url
        self._has_template = False

    def new_database(self) -> str:
        """Returns the URL of a new database with all migrations applied."""
        if not self._has_template:
            migrate(self.new_empty_database(self._TEMPLATE))
            self._has_template = True
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self._TEMPLATE}")
        return self._url(name)

    def new_empty_database(self, name: str = "") -> str:
        """Returns the URL of a new database without any table."""
        name = name or f"empty_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def copy_of(self, url: str) -> str:
        """Returns the URL of a copy of a database, which must have no connections."""
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {sa.make_url(url).database}")
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Drops a database and closes its connections."""
        self._execute(f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)")

    @contextmanager
    def away(self, url: str) -> Iterator[None]:
        """Closes all connections to the database, and refuses new ones inside the block."""
        name = sa.make_url(url).database
        self._execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self._execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        try:
            yield
        finally:
            self._execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def _url(self, name: str) -> str:
        return sa.make_url(self._admin_url).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self._admin_url, connect_timeout=PATIENCE_SECONDS)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


def migrate(database_url: str, revision: str = "head") -> None:
    """Runs Alembic as the stack does. `revision` may be `base`, which reverts all migrations."""
    direction = "downgrade" if revision == "base" or revision.startswith("-") else "upgrade"
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", "migrations/alembic.ini", direction, revision],
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def running_postgres(directory: Path) -> Iterator[Postgres]:
    """Yields a PostgreSQL with its data in the directory.

    It does not sync to disk: tests crash processes, not machines.
    """
    process = ServerProcess(EmbeddedPostgres(directory / "postgres", free_port(), _PASSWORD), ("-c", "fsync=off"))
    process.start()
    try:
        yield Postgres(process)
    finally:
        process.stop()


@contextmanager
def running_valkey(directory: Path) -> Iterator[ServerProcess]:
    """Yields a Valkey with its data in the directory."""
    process = ServerProcess(EmbeddedValkey(directory / "valkey", free_port(), _PASSWORD))
    process.start()
    try:
        yield process
    finally:
        process.stop()
